// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is wrong with the disk or the database, where that may pass: what a client is told to wait for,
//! and what an operator reads in `/readyz`.

use sqlx::postgres::PgDatabaseError;

use super::engine::sql;
use super::{Store, StoreError};

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
    /// The server is not there, or does not answer in time.
    Unreachable,
    /// The server has no room left, or its disk fails.
    ServerDisk,
    /// The server takes no writes.
    Standby,
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
            Self::Unreachable => "the database server cannot be reached or does not answer in time",
            Self::ServerDisk => "the disk of the database server fails or is full",
            Self::Standby => "the database server takes no writes; is it a standby?",
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
        sqlx::Error::Io(error) => {
            return Some(of_connection(error).unwrap_or_else(|| of_file(error)))
        }
        sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => return Some(Trouble::Unreachable),
        sqlx::Error::WorkerCrashed => return Some(Trouble::Disk),
        _ => return None,
    };
    let code = error.code()?;
    match error.try_downcast_ref::<PgDatabaseError>() {
        Some(_) => of_postgres(&code),
        None => of_sqlite(&code),
    }
}

/// What a connection that failed tells; none where it was none.
fn of_connection(error: &std::io::Error) -> Option<Trouble> {
    use std::io::ErrorKind as Kind;
    let is_connection = matches!(
        error.kind(),
        Kind::TimedOut
            | Kind::ConnectionRefused
            | Kind::ConnectionReset
            | Kind::ConnectionAborted
            | Kind::NotConnected
            | Kind::BrokenPipe
            | Kind::HostUnreachable
            | Kind::NetworkUnreachable
            | Kind::UnexpectedEof
    );
    is_connection.then_some(Trouble::Unreachable)
}

/// The low byte of SQLite's extended code is the code itself: sqlite.org/rescode.html.
fn of_sqlite(code: &str) -> Option<Trouble> {
    match code.parse::<u32>().ok()? & 0xff {
        5 | 6 => Some(Trouble::Locked),
        8 => Some(Trouble::ReadOnly),
        10 | 14 => Some(Trouble::Disk),
        11 | 26 => Some(Trouble::Damaged),
        13 => Some(Trouble::Full),
        _ => None,
    }
}

/// A code of PostgreSQL, by its class or whole: postgresql.org/docs/current/errcodes-appendix.html.
fn of_postgres(code: &str) -> Option<Trouble> {
    match code {
        // lock_not_available, query_canceled (it took too long), and two that got into each other's way.
        "55P03" | "57014" | "40001" | "40P01" => Some(Trouble::Locked),
        // read_only_sql_transaction
        "25006" => Some(Trouble::Standby),
        // disk_full, io_error, undefined_file
        "53100" | "58030" | "58P01" => Some(Trouble::ServerDisk),
        // data_corrupted, index_corrupted
        "XX001" | "XX002" => Some(Trouble::Damaged),
        // idle_in_transaction_session_timeout
        "25P03" => Some(Trouble::Unreachable),
        // Connection, authorization, no such database, resources, operator's intervention.
        _ if ["08", "28", "3D", "53", "57"].contains(&code.get(..2)?) => Some(Trouble::Unreachable),
        _ => None,
    }
}

impl Store {
    /// Whether the database can be written.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn try_writing(&self) -> Result<(), StoreError> {
        sql("INSERT INTO trial (number, turn) VALUES (1, 0) \
             ON CONFLICT (number) DO UPDATE SET turn = trial.turn + 1")
        .execute(&self.trial)
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

    use super::*;

    async fn told(options: SqliteConnectOptions) -> Option<Trouble> {
        let pool = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options);
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

    #[test]
    fn what_is_wrong_with_a_server_is_told_by_its_code() {
        assert_eq!(of_postgres("55P03"), Some(Trouble::Locked));
        assert_eq!(of_postgres("57P01"), Some(Trouble::Unreachable), "told to stop");
        assert_eq!(of_postgres("53300"), Some(Trouble::Unreachable), "too many connections");
        assert_eq!(of_postgres("53100"), Some(Trouble::ServerDisk));
        assert_eq!(of_postgres("25006"), Some(Trouble::Standby));
        assert_eq!(of_postgres("23505"), None, "a row that is there already is no trouble");
    }
}
