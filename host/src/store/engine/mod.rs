// SPDX-License-Identifier: MIT OR Apache-2.0
//! Two engines under one store: a statement is written once and runs on SQLite and on PostgreSQL.
//!
//! Placeholders are `$1`, `$2`; values are whole numbers, reals, texts, bytes and lists, each of which may be
//! missing. Both schemas give a column the same name and order texts by their bytes. What one engine has to
//! be told in other words than the other is a [`Sql`] of two texts, and how transactions begin is said in
//! [`Pool`]; nothing else knows which engine it is.

mod connection;
mod postgres;
mod query;
mod row;
mod sqlite;
mod value;

pub(super) use connection::{Connection, Pool, Tries};
pub(super) use postgres::Server;
pub(super) use query::{sql, Sql};
pub(super) use row::Row;
pub(super) use sqlite::File;
