// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rows that were read, of either engine.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{ColumnIndex, Error, Row as _};

/// A row.
pub(in crate::store) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// What names a column: its place, from 0, or its name.
pub(in crate::store) trait Index:
    ColumnIndex<SqliteRow> + ColumnIndex<PgRow>
{
}

impl<I: ColumnIndex<SqliteRow> + ColumnIndex<PgRow>> Index for I {}

/// What can be read of a column.
pub(in crate::store) trait Column: Sized {
    /// Reads it.
    fn read(row: &Row, index: impl Index) -> Result<Self, Error>;
}

impl Row {
    /// Reads a column.
    ///
    /// # Errors
    /// When there is no such column, or it holds something else.
    pub(in crate::store) fn try_get<T: Column>(&self, index: impl Index) -> Result<T, Error> {
        T::read(self, index)
    }
}

/// Types that both engines have.
macro_rules! columns {
    ($($of:ty),+) => {$(
        impl Column for $of {
            fn read(row: &Row, index: impl Index) -> Result<Self, Error> {
                match row {
                    Row::Sqlite(row) => row.try_get(index),
                    Row::Postgres(row) => row.try_get(index),
                }
            }
        }
    )+};
}

columns!(i64, f64, String, Vec<u8>, Option<i64>, Option<f64>, Option<String>, Option<Vec<u8>>);

/// A smaller number out of the one that is stored.
fn narrow<T: TryFrom<i64>>(number: i64) -> Result<T, Error> {
    let outside = |_| Error::Decode(format!("the number {number} is outside its range").into());
    T::try_from(number).map_err(outside)
}

impl Column for u32 {
    fn read(row: &Row, index: impl Index) -> Result<Self, Error> {
        narrow(i64::read(row, index)?)
    }
}

impl Column for u16 {
    fn read(row: &Row, index: impl Index) -> Result<Self, Error> {
        narrow(i64::read(row, index)?)
    }
}

impl Column for Option<u16> {
    fn read(row: &Row, index: impl Index) -> Result<Self, Error> {
        Option::<i64>::read(row, index)?.map(narrow).transpose()
    }
}
