// SPDX-License-Identifier: MIT OR Apache-2.0
//! The database on a PostgreSQL server.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPoolOptions};
use sqlx::{Connection as _, Error};

use super::connection::{within, Turns};
use super::Pool;

/// Connections of a host, beside the two that are for one thing each.
const CONNECTIONS: u32 = 8;
/// Of them those that may write at once.
const WRITERS: usize = 4;
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a connection is waited for.
const CONNECTING: Duration = Duration::from_secs(5);
/// How long a trial waits.
const SHORT: Duration = Duration::from_secs(2);
/// How texts are kept; any other one has no room for some of them.
const ENCODING: &str = "UTF8";
/// What the server itself puts an end to, so that a host that stands still or is cut off holds nobody up:
/// waiting for a lock, a statement, a transaction in which nothing comes.
const SESSION: [(&str, &str); 3] = [
    ("lock_timeout", "10s"),
    ("statement_timeout", "20s"),
    ("idle_in_transaction_session_timeout", "5s"),
];

/// How a server is reached. It is shown without its password.
#[derive(Clone)]
pub(in crate::store) struct Server(Arc<PgConnectOptions>);

impl FromStr for Server {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self, Error> {
        let options = url.parse::<PgConnectOptions>()?;
        Ok(Self(Arc::new(options.application_name("assay"))))
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(options) = self;
        write!(f, "postgres://{}@", options.get_username())?;
        match options.get_socket() {
            Some(socket) => write!(f, "{}", socket.display())?,
            None => write!(f, "{}:{}", options.get_host(), options.get_port())?,
        }
        write!(f, "/{}", options.get_database().unwrap_or(options.get_username()))
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Server {
    /// A connection that waits as long as it takes, for what is done once at the start.
    async fn once(&self) -> Result<PgConnection, Error> {
        within(CONNECTING, PgConnection::connect_with(&self.0)).await
    }

    /// Whether there is a database of ours.
    pub(in crate::store) async fn is_made(&self) -> Result<bool, Error> {
        let mut connection = self.once().await?;
        let query = sqlx::query_scalar("SELECT to_regclass('audit_log') IS NOT NULL");
        let is_made = query.fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(is_made)
    }

    /// Brings the database to this version. Whoever else does so meanwhile is waited for.
    pub(in crate::store) async fn migrate(
        &self,
        migrations: &Migrator,
    ) -> Result<(), MigrateError> {
        let mut connection = self.once().await?;
        let encoding: String =
            sqlx::query_scalar("SHOW server_encoding").fetch_one(&mut connection).await?;
        if encoding != ENCODING {
            let told = format!("its encoding is {encoding}, it must be made with {ENCODING}");
            return Err(Error::Configuration(told.into()).into());
        }
        migrations.run_direct(None, &mut connection, false).await?;
        connection.close().await?;
        Ok(())
    }

    /// Its connections.
    pub(in crate::store) async fn open(&self) -> Result<Pool, Error> {
        let options = PgConnectOptions::clone(&self.0).options(SESSION);
        let pool = pool(CONNECTIONS, CONNECTING).connect_with(options).await?;
        Ok(Pool::Postgres(pool, Turns::new(WRITERS, PATIENCE)))
    }

    /// One connection that does not wait for the server's disk: what is written often and of little weight
    /// survives this process, though not the server.
    pub(in crate::store) fn light(&self) -> Pool {
        let options = PgConnectOptions::clone(&self.0)
            .options(SESSION)
            .options([("synchronous_commit", "off")]);
        Pool::Postgres(pool(1, CONNECTING).connect_lazy_with(options), Turns::new(1, PATIENCE))
    }

    /// A connection of its own on which what is told on some channels is heard; it is made again whenever it has
    /// broken.
    pub(in crate::store) async fn listen(&self, channels: &[&str]) -> Result<PgListener, Error> {
        let one = PgPoolOptions::new().max_connections(1).acquire_timeout(CONNECTING);
        let one = one.max_lifetime(None).idle_timeout(None);
        let mut listener =
            PgListener::connect_with(&one.connect_lazy_with(PgConnectOptions::clone(&self.0)))
                .await?;
        listener.listen_all(channels.iter().copied()).await?;
        Ok(listener)
    }

    /// One that does not wait long.
    pub(in crate::store) fn trial(&self) -> Pool {
        let options =
            PgConnectOptions::clone(&self.0).options(SESSION).options([("lock_timeout", "1s")]);
        Pool::Postgres(pool(1, SHORT).connect_lazy_with(options), Turns::new(1, SHORT))
    }
}

/// A pool of so many connections. Each is tried before it is used, so that nobody gets one that a restart of
/// the server has broken; one that does not answer is closed instead of being waited for.
fn pool(connections: u32, patience: Duration) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(patience)
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(answers(connection)))
        .after_release(|connection, _| Box::pin(answers(connection)))
}

/// Whether a connection answers and is in no transaction.
async fn answers(connection: &mut PgConnection) -> Result<bool, Error> {
    within(SHORT, connection.ping()).await?;
    Ok(!connection.is_in_transaction())
}

/// Whether two transactions got into each other's way, so that this one may be tried again:
/// serialization_failure and deadlock_detected, postgresql.org/docs/current/errcodes-appendix.html.
pub(super) fn is_conflict(error: &Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("40001" | "40P01"))
}
