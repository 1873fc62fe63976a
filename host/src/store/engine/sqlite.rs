// SPDX-License-Identifier: MIT OR Apache-2.0
//! The database in a file.

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, Error, SqliteConnection};

use super::Pool;

/// How long a writer waits for another process's transaction.
const BUSY: Duration = Duration::from_secs(10);
/// How long a trial waits for another writer.
const PATIENCE: Duration = Duration::from_secs(1);
/// Connections for reading; SQLite has one writer in any case.
const CONNECTIONS: u32 = 8;

/// How a database file is opened.
#[derive(Clone, Debug)]
pub(in crate::store) struct File(SqliteConnectOptions);

impl File {
    /// A file, which is made if it is not there.
    pub(in crate::store) fn of(file: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY);
        Self(options)
    }

    /// Brings it to this version.
    pub(in crate::store) async fn migrate(
        &self,
        migrations: &Migrator,
    ) -> Result<(), MigrateError> {
        let mut connection = SqliteConnection::connect_with(&self.0).await?;
        migrations.run_direct(None, &mut connection, false).await?;
        Ok(connection.close().await?)
    }

    /// Opens it.
    pub(in crate::store) async fn open(&self) -> Result<Pool, Error> {
        Ok(Pool::Sqlite(pool(CONNECTIONS).connect_with(self.0.clone()).await?))
    }

    /// One connection that only reads, from a file that is there.
    pub(in crate::store) fn reader(&self) -> Pool {
        let options = self.0.clone().create_if_missing(false).read_only(true);
        Pool::Sqlite(pool(1).acquire_timeout(2 * PATIENCE).connect_lazy_with(options))
    }

    /// One connection that does not wait for the disk: what is written often and of little weight survives
    /// the process, though not the machine.
    pub(in crate::store) fn light(&self) -> Pool {
        let options = self.0.clone().synchronous(SqliteSynchronous::Normal);
        Pool::Sqlite(pool(1).connect_lazy_with(options))
    }

    /// One that does not wait long, neither for another writer nor for the disk.
    pub(in crate::store) fn trial(&self) -> Pool {
        let options = self.0.clone().synchronous(SqliteSynchronous::Normal).busy_timeout(PATIENCE);
        Pool::Sqlite(pool(1).acquire_timeout(2 * PATIENCE).connect_lazy_with(options))
    }
}

/// A pool of so many connections. One whose transaction broke off is not used again: SQLite ends a
/// transaction by itself when the disk fails, the rollback that follows finds none, and the connection
/// would count as being in one for ever.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(connections).before_acquire(|connection, _| {
        Box::pin(async move { Ok(!connection.is_in_transaction()) })
    })
}
