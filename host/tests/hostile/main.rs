// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hostile files: a clear answer for each, within the memory that one picture may take.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

mod damage;
mod messages;
mod recipes;
mod texts;
