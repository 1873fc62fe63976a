// SPDX-License-Identifier: MIT OR Apache-2.0
//! Statements with their values.

use sqlx::Error;

use super::connection::{within, Connection, Via};
use super::row::Row;
use super::value::Value;

/// A statement, in the words of each engine.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Sql {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Sql {
    /// A statement that the engines have to be told in different words.
    pub(in crate::store) const fn either(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }
}

impl From<&'static str> for Sql {
    fn from(both: &'static str) -> Self {
        Self::either(both, both)
    }
}

/// A statement that gets its values and is then asked.
#[must_use = "a statement does nothing until it is asked"]
pub(in crate::store) struct Query<'q> {
    sql: Sql,
    values: Vec<Value<'q>>,
}

/// A statement without values so far.
pub(in crate::store) fn sql<'q>(text: impl Into<Sql>) -> Query<'q> {
    Query { sql: text.into(), values: Vec::new() }
}

/// Asks a statement of a connection by one of sqlx's methods; what that gives is read as each engine has it.
macro_rules! ask {
    ($query:ident, $on:ident, $method:ident, $of_sqlite:expr, $of_postgres:expr) => {{
        let Query { sql, values } = $query;
        let mut held;
        let connection = match $on.into() {
            Via::Connection(connection) => connection,
            Via::Pool(pool) => {
                held = pool.acquire().await?;
                &mut held
            }
        };
        match connection {
            Connection::Sqlite(held) => {
                let query = sqlx::query(sql.sqlite);
                let query = values.into_iter().fold(query, |query, value| value.bind_sqlite(query));
                query.$method(&mut **held).await.map($of_sqlite)
            }
            Connection::Postgres(held, patience) => {
                let query = sqlx::query(sql.postgres);
                let query =
                    values.into_iter().fold(query, |query, value| value.bind_postgres(query));
                within(*patience, query.$method(&mut **held)).await.map($of_postgres)
            }
        }
    }};
}

impl<'q> Query<'q> {
    /// Binds the next value.
    pub(in crate::store) fn bind(mut self, value: impl Into<Value<'q>>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Does it, and tells how many rows were written.
    pub(in crate::store) async fn execute(self, on: impl Into<Via<'_>>) -> Result<u64, Error> {
        ask!(self, on, execute, |done| done.rows_affected(), |done| done.rows_affected())
    }

    /// The first row, if there is one.
    pub(in crate::store) async fn fetch_optional(
        self,
        on: impl Into<Via<'_>>,
    ) -> Result<Option<Row>, Error> {
        ask!(self, on, fetch_optional, |row| row.map(Row::Sqlite), |row| row.map(Row::Postgres))
    }

    /// The first row, which must be there.
    pub(in crate::store) async fn fetch_one(self, on: impl Into<Via<'_>>) -> Result<Row, Error> {
        self.fetch_optional(on).await?.ok_or(Error::RowNotFound)
    }

    /// All rows.
    pub(in crate::store) async fn fetch_all(
        self,
        on: impl Into<Via<'_>>,
    ) -> Result<Vec<Row>, Error> {
        ask!(self, on, fetch_all, |rows| rows.into_iter().map(Row::Sqlite).collect(), |rows| rows
            .into_iter()
            .map(Row::Postgres)
            .collect())
    }
}
