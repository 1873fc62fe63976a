// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is wrong with the disk or the database, where that may pass: what a client is told to wait for,
//! and what an operator reads in `/readyz`.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Connection as _, SqlitePool};

use super::{Store, StoreError};

/// How long a trial waits for another writer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why the database does nothing for the time being.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No room is left.
    Full,
    /// It may not be written.
    ReadOnly,
    /// Another process holds it.
    Locked,
    /// It is no whole database.
    Damaged,
    /// The disk, or what is between here and it.
    Disk,
}

impl Trouble {
    /// The reason for an operator.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "the disk of the data directory is full",
            Self::ReadOnly => "the data directory cannot be written",
            Self::Locked => "another process holds the database",
            Self::Damaged => "the database is damaged; restore it",
            Self::Disk => "the disk of the data directory fails or is full",
        }
    }
}

impl StoreError {
    /// What is wrong with disk or database, if that is what the error tells.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Database(error) => of_database(error),
            Self::Generation(error) => Some(of_file(error)),
            _ => None,
        }
    }
}

/// What a failed file operation of the data directory tells.
#[must_use]
pub fn of_file(error: &std::io::Error) -> Trouble {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Trouble::Full,
        std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => {
            Trouble::ReadOnly
        }
        _ => Trouble::Disk,
    }
}

fn of_database(error: &sqlx::Error) -> Option<Trouble> {
    let error = match error {
        sqlx::Error::Database(error) => error,
        sqlx::Error::PoolTimedOut => return Some(Trouble::Locked),
        sqlx::Error::Io(error) => return Some(of_file(error)),
        sqlx::Error::WorkerCrashed => return Some(Trouble::Disk),
        _ => return None,
    };
    // The low byte of SQLite's extended code is the code itself: sqlite.org/rescode.html.
    let code = error.code()?.parse::<u32>().ok()? & 0xff;
    match code {
        5 | 6 => Some(Trouble::Locked),
        8 => Some(Trouble::ReadOnly),
        10 | 14 => Some(Trouble::Disk),
        11 | 26 => Some(Trouble::Damaged),
        13 => Some(Trouble::Full),
        _ => None,
    }
}

/// A pool of so many connections. One whose transaction broke off is not used again: SQLite ends a
/// transaction by itself when the disk fails, the rollback that follows finds none, and the connection
/// would count as being in one for ever.
pub(super) fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(connections).before_acquire(|connection, _| {
        Box::pin(async move { Ok(!connection.is_in_transaction()) })
    })
}

/// A connection of its own that does not wait long, neither for another writer nor for the disk.
pub(super) fn trial(options: SqliteConnectOptions) -> SqlitePool {
    let options = options.busy_timeout(PATIENCE);
    pool(1).acquire_timeout(2 * PATIENCE).connect_lazy_with(options)
}

impl Store {
    /// Whether the database can be written.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn try_writing(&self) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO trial (number, turn) VALUES (1, 0) \
             ON CONFLICT (number) DO UPDATE SET turn = turn + 1",
        )
        .execute(&self.trial)
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn told(options: SqliteConnectOptions) -> Option<Trouble> {
        let pool = trial(options);
        let made = sqlx::query("CREATE TABLE IF NOT EXISTS t (x TEXT)").execute(&pool).await;
        let filled = sqlx::query(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
             INSERT INTO t SELECT hex(randomblob(1000)) FROM n",
        );
        let error = match made {
            Ok(_) => filled.execute(&pool).await.unwrap_err(),
            Err(error) => error,
        };
        pool.close().await;
        StoreError::from(error).trouble()
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_database_is_told_by_its_code() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| SqliteConnectOptions::new().filename(folder.path().join(name));
        let full = file("a").create_if_missing(true).pragma("max_page_count", "20");
        assert_eq!(told(full).await, Some(Trouble::Full));
        assert_eq!(told(file("a").read_only(true)).await, Some(Trouble::ReadOnly));
        assert_eq!(told(file("none")).await, Some(Trouble::Disk));
        std::fs::write(folder.path().join("b"), "no database, ".repeat(1_000)).unwrap();
        assert_eq!(told(file("b")).await, Some(Trouble::Damaged));
    }
}
