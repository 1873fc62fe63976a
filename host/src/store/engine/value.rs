// SPDX-License-Identifier: MIT OR Apache-2.0
//! Values that are bound to statements.

use std::borrow::Cow;

use serde_json::json;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Postgres, Sqlite};

/// A value of a statement. A missing one keeps its type, which PostgreSQL asks for.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::store) enum Value<'q> {
    Integer(Option<i64>),
    Text(Option<Cow<'q, str>>),
    Bytes(Option<Cow<'q, [u8]>>),
    /// Texts, read by `json_each` in the statement.
    Texts(&'q [String]),
    /// Whole numbers, read in the same way.
    Integers(Vec<i64>),
}

impl Value<'_> {
    /// Binds it for SQLite, which has no lists: they are JSON.
    pub(super) fn bind_sqlite<'q>(
        self,
        query: Query<'q, Sqlite, SqliteArguments>,
    ) -> Query<'q, Sqlite, SqliteArguments> {
        match self {
            Self::Integer(number) => query.bind(number),
            Self::Text(text) => query.bind(text.map(Cow::into_owned)),
            Self::Bytes(bytes) => query.bind(bytes.map(Cow::into_owned)),
            Self::Texts(texts) => query.bind(json!(texts).to_string()),
            Self::Integers(numbers) => query.bind(json!(numbers).to_string()),
        }
    }

    /// Binds it for PostgreSQL.
    pub(super) fn bind_postgres<'q>(
        self,
        query: Query<'q, Postgres, PgArguments>,
    ) -> Query<'q, Postgres, PgArguments> {
        match self {
            Self::Integer(number) => query.bind(number),
            Self::Text(text) => query.bind(text.map(|text| without_nul(&text).into_owned())),
            Self::Bytes(bytes) => query.bind(bytes.map(Cow::into_owned)),
            Self::Texts(texts) => query
                .bind(texts.iter().map(|text| without_nul(text).into_owned()).collect::<Vec<_>>()),
            Self::Integers(numbers) => query.bind(numbers),
        }
    }
}

/// A text as PostgreSQL can hold it. Texts that are kept have no NUL, so that one that is looked for with a
/// NUL finds nothing on either engine.
fn without_nul(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => text.replace('\0', "\u{fffd}").into(),
        false => text.into(),
    }
}

/// Has a type, owned, borrowed or missing, become a variant.
macro_rules! values {
    ($($variant:ident: $($of:ty),+;)+) => {$($(
        impl<'q> From<$of> for Value<'q> {
            fn from(value: $of) -> Self {
                Self::$variant(Some(value.into()))
            }
        }

        impl<'q> From<Option<$of>> for Value<'q> {
            fn from(value: Option<$of>) -> Self {
                Self::$variant(value.map(Into::into))
            }
        }
    )+)+};
}

values! {
    Integer: i64, u32, u16;
    Text: &'q str, &'q String, String;
    Bytes: &'q [u8], &'q Vec<u8>, Vec<u8>;
}

impl<'q> From<&'q Option<String>> for Value<'q> {
    fn from(value: &'q Option<String>) -> Self {
        value.as_deref().into()
    }
}

impl<'q> From<&'q Option<Vec<u8>>> for Value<'q> {
    fn from(value: &'q Option<Vec<u8>>) -> Self {
        value.as_deref().into()
    }
}

impl<'q> From<&'q [String]> for Value<'q> {
    fn from(value: &'q [String]) -> Self {
        Self::Texts(value)
    }
}

impl From<Vec<i64>> for Value<'_> {
    fn from(value: Vec<i64>) -> Self {
        Self::Integers(value)
    }
}
