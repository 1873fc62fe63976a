// SPDX-License-Identifier: MIT OR Apache-2.0
//! How it stands with a database, found out without changing anything in it.

use super::engine::{sql, File, Pool, Sql};
use super::location::{self, Place};
use super::{migrations, Location, StoreError};

const ENGINE: Sql = Sql::either(
    "SELECT 'SQLite ' || sqlite_version()",
    "SELECT 'PostgreSQL ' || current_setting('server_version')",
);
const CLOCK: Sql = Sql::either(
    "SELECT unixepoch()",
    "SELECT floor(extract(epoch FROM clock_timestamp()))::bigint",
);
/// Whether anything of ours was ever there.
const IS_MADE: Sql = Sql::either(
    "SELECT count(*) FROM sqlite_master WHERE name = '_sqlx_migrations'",
    "SELECT count(to_regclass('_sqlx_migrations'))",
);

/// What a database says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The engine and its version: `SQLite 3.50.2`.
    pub engine: String,
    /// The version that the database has; 0 where it holds nothing of ours yet.
    pub version: i64,
    /// The version that this program works with.
    pub wanted: i64,
    /// The database's clock, Unix seconds.
    pub clock: i64,
    /// When the newest entry of the audit log was written, Unix seconds.
    pub newest_act: Option<i64>,
    /// Keys in force.
    pub keys: u64,
}

impl Standing {
    /// Looks at a database; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be opened or read.
    pub async fn of(database: &Location) -> Result<Option<Self>, StoreError> {
        let (pool, migrations) = match &database.0 {
            Place::Folder(folder) => {
                let file = location::file(folder);
                if !file.exists() {
                    return Ok(None);
                }
                (File::of(&file).reader(), &migrations::SQLITE)
            }
            Place::Server(server) => (server.trial(), &migrations::POSTGRES),
        };
        let cannot_open = |source| StoreError::Open { database: database.clone(), source };
        let row = sql(ENGINE).fetch_one(&pool).await.map_err(cannot_open)?;
        let mut standing = Self {
            engine: row.try_get(0)?,
            version: 0,
            wanted: migrations.iter().map(|step| step.version).max().unwrap_or(0),
            clock: number(&pool, CLOCK).await?.unwrap_or(0),
            newest_act: None,
            keys: 0,
        };
        if number(&pool, IS_MADE).await? == Some(0) {
            return Ok(Some(standing));
        }
        let version = "SELECT max(version) FROM _sqlx_migrations WHERE success";
        standing.version = number(&pool, version).await?.unwrap_or(0);
        // What an earlier or a later version keeps may lie elsewhere.
        if standing.version == standing.wanted {
            standing.newest_act = number(&pool, "SELECT max(at) FROM audit_log").await?;
            let keys = "SELECT count(*) FROM api_keys WHERE revoked_at IS NULL \
                        AND (expires_at IS NULL OR expires_at > $1)";
            let row = sql(keys).bind(standing.clock).fetch_one(&pool).await?;
            standing.keys = u64::try_from(row.try_get::<i64>(0)?).unwrap_or(0);
        }
        Ok(Some(standing))
    }
}

/// The one number that a statement gives.
async fn number(pool: &Pool, statement: impl Into<Sql>) -> Result<Option<i64>, StoreError> {
    Ok(sql(statement).fetch_one(pool).await?.try_get(0)?)
}
