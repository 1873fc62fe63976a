// SPDX-License-Identifier: MIT OR Apache-2.0
//! Connections, and the kinds of transactions.

use std::future::Future;
use std::io::{Error as IoError, ErrorKind};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Database, Error, PgPool, Postgres, Sqlite, SqlitePool};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::postgres::is_conflict;
use crate::store::StoreError;

/// Waits in a transaction of PostgreSQL for everybody else who is to be alone. The lock ends with the
/// transaction; its number is `assay` in ASCII and a 1.
const ALONE: &str = "SELECT pg_advisory_xact_lock(x'617373617901'::bigint)";
/// Begins one whose statements see the database as its first one does.
const READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// How often a transaction is done again that another one got into the way of.
const TRIES: u32 = 4;
/// Begins one of SQLite that writes from its start.
const WRITING: &str = "BEGIN IMMEDIATE";

/// Connections to one database.
#[derive(Clone, Debug)]
pub(in crate::store) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool, Turns),
}

/// Who of this host may wait at the server, and how long for an answer. Those who wait for a lock there hold a
/// connection: so that reading never has to wait for them, they wait for their turn here first.
#[derive(Clone, Debug)]
pub(in crate::store) struct Turns {
    pub(super) patience: Duration,
    writers: Arc<Semaphore>,
    alone: Arc<Semaphore>,
}

/// A turn, until it is dropped.
#[derive(Default)]
struct Turn {
    _alone: Option<OwnedSemaphorePermit>,
    _writing: Option<OwnedSemaphorePermit>,
}

/// One connection, with or without a transaction on it.
pub(in crate::store) enum Connection {
    Sqlite(Held<Sqlite>),
    Postgres(Held<Postgres>, Duration),
}

/// A connection that is held.
pub(in crate::store) enum Held<D: Database> {
    Free(PoolConnection<D>),
    InTransaction(sqlx::Transaction<'static, D>),
}

/// A connection in a transaction, which is undone unless it is committed.
pub(in crate::store) struct Transaction {
    connection: Connection,
    /// Given back behind the connection.
    turn: Turn,
}

/// Where a statement is asked.
pub(in crate::store) enum Via<'c> {
    Pool(&'c Pool),
    Connection(&'c mut Connection),
}

impl Turns {
    /// Turns of which so many may write at once.
    pub(super) fn new(writers: usize, patience: Duration) -> Self {
        let alone = Arc::new(Semaphore::new(1));
        Self { patience, writers: Arc::new(Semaphore::new(writers)), alone }
    }

    async fn writing(&self) -> Result<OwnedSemaphorePermit, Error> {
        self.turn(&self.writers).await
    }

    async fn alone(&self) -> Result<OwnedSemaphorePermit, Error> {
        self.turn(&self.alone).await
    }

    async fn turn(&self, of: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Error> {
        let waited = tokio::time::timeout(self.patience, Arc::clone(of).acquire_owned()).await;
        waited.ok().and_then(Result::ok).ok_or_else(silent)
    }
}

impl Pool {
    /// Whether other hosts may use the same database.
    pub(in crate::store) fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(..))
    }

    /// A connection without a transaction.
    pub(in crate::store) async fn acquire(&self) -> Result<Connection, Error> {
        Ok(match self {
            Self::Sqlite(pool) => Connection::Sqlite(Held::Free(pool.acquire().await?)),
            Self::Postgres(pool, turns) => {
                let held = pool.acquire().await.map_err(no_server)?;
                Connection::Postgres(Held::Free(held), turns.patience)
            }
        })
    }

    /// A transaction whose statements see one state of the database.
    pub(in crate::store) async fn read(&self) -> Result<Transaction, Error> {
        match self {
            Self::Sqlite(pool) => begin_sqlite(pool, "BEGIN").await,
            Self::Postgres(pool, turns) => {
                begin_postgres(pool, READING, turns.patience, Turn::default()).await
            }
        }
    }

    /// A transaction that writes rows which no other one has to wait for at its beginning: SQLite has one
    /// writer in any case, PostgreSQL locks the rows that are written.
    pub(in crate::store) async fn write(&self) -> Result<Transaction, Error> {
        match self {
            Self::Sqlite(pool) => begin_sqlite(pool, WRITING).await,
            Self::Postgres(pool, turns) => {
                let turn = Turn { _writing: Some(turns.writing().await?), ..Turn::default() };
                begin_postgres(pool, "BEGIN", turns.patience, turn).await
            }
        }
    }

    /// A transaction that is the only one of its kind: what it reads, no other one of them changes until it
    /// ends. Whatever adds to the audit log is one, since an entry holds the hash of the one before, and so
    /// is what depends on a row not being there.
    pub(in crate::store) async fn write_alone(&self) -> Result<Transaction, Error> {
        match self {
            Self::Sqlite(pool) => begin_sqlite(pool, WRITING).await,
            Self::Postgres(pool, turns) => {
                let alone = Some(turns.alone().await?);
                let turn = Turn { _alone: alone, _writing: Some(turns.writing().await?) };
                let mut transaction = begin_postgres(pool, "BEGIN", turns.patience, turn).await?;
                super::sql(ALONE).execute(&mut transaction).await?;
                Ok(transaction)
            }
        }
    }
}

impl Connection {
    /// Whether other hosts may use the same database.
    pub(in crate::store) fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(..))
    }
}

async fn begin_sqlite(pool: &SqlitePool, statement: &'static str) -> Result<Transaction, Error> {
    let transaction = pool.begin_with(statement).await?;
    let connection = Connection::Sqlite(Held::InTransaction(transaction));
    Ok(Transaction { connection, turn: Turn::default() })
}

async fn begin_postgres(
    pool: &PgPool,
    statement: &'static str,
    patience: Duration,
    turn: Turn,
) -> Result<Transaction, Error> {
    let begun = within(patience, pool.begin_with(statement)).await.map_err(no_server)?;
    let connection = Connection::Postgres(Held::InTransaction(begun), patience);
    Ok(Transaction { connection, turn })
}

/// Counts how often a transaction was done again that another one got into the way of.
#[derive(Default)]
pub(in crate::store) struct Tries(u32);

impl Tries {
    /// Whether what failed in this way is to be done again.
    pub(in crate::store) fn again(&mut self, error: &StoreError) -> bool {
        self.0 += 1;
        matches!(error, StoreError::Database(error) if self.0 <= TRIES && is_conflict(error))
    }
}

/// What comes within so much time. A server that has gone without a word would be waited for until the
/// system gives its connection up, a quarter of an hour; a connection that did not answer is closed when it
/// comes back to the pool.
pub(super) async fn within<T>(
    patience: Duration,
    asked: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    match tokio::time::timeout(patience, asked).await {
        Ok(answer) => answer,
        Err(_) => Err(silent()),
    }
}

/// The error of a server that does not answer.
fn silent() -> Error {
    Error::Io(IoError::new(ErrorKind::TimedOut, "the database server does not answer"))
}

/// A pool that has no connection to give in time has no server, or one that is overloaded.
fn no_server(error: Error) -> Error {
    match error {
        Error::PoolTimedOut => silent(),
        other => other,
    }
}

impl Transaction {
    /// Keeps what was written.
    pub(in crate::store) async fn commit(self) -> Result<(), Error> {
        let Self { connection, turn } = self;
        let done = match connection {
            Connection::Sqlite(Held::InTransaction(transaction)) => transaction.commit().await,
            Connection::Postgres(Held::InTransaction(transaction), patience) => {
                within(patience, transaction.commit()).await
            }
            Connection::Sqlite(Held::Free(_)) | Connection::Postgres(Held::Free(_), _) => Ok(()),
        };
        drop(turn);
        done
    }
}

impl<D: Database> Deref for Held<D> {
    type Target = D::Connection;

    fn deref(&self) -> &D::Connection {
        match self {
            Self::Free(connection) => connection,
            Self::InTransaction(transaction) => transaction,
        }
    }
}

impl<D: Database> DerefMut for Held<D> {
    fn deref_mut(&mut self) -> &mut D::Connection {
        match self {
            Self::Free(connection) => connection,
            Self::InTransaction(transaction) => transaction,
        }
    }
}

impl Deref for Transaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

impl<'c> From<&'c Pool> for Via<'c> {
    fn from(pool: &'c Pool) -> Self {
        Self::Pool(pool)
    }
}

impl<'c> From<&'c mut Connection> for Via<'c> {
    fn from(connection: &'c mut Connection) -> Self {
        Self::Connection(connection)
    }
}

impl<'c> From<&'c mut Transaction> for Via<'c> {
    fn from(transaction: &'c mut Transaction) -> Self {
        Self::Connection(&mut transaction.connection)
    }
}
