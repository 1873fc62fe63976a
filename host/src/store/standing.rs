// SPDX-License-Identifier: MIT OR Apache-2.0
//! How it stands with a database, found out without changing anything in it.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, Row as _, SqliteConnection};

use super::{StoreError, FILE, MIGRATIONS};

/// What a database says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The engine and its version: `SQLite 3.50.2`.
    pub engine: String,
    /// The version that the database has; 0 where it holds nothing of ours yet.
    pub version: i64,
    /// The version that this program works with.
    pub wanted: i64,
    /// When the newest entry of the audit log was written, Unix seconds.
    pub newest_act: Option<i64>,
    /// Keys in force.
    pub keys: u64,
}

impl Standing {
    /// Looks at the database in `folder`; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be opened or read.
    pub async fn of(folder: &Path, now: i64) -> Result<Option<Self>, StoreError> {
        let file = folder.join(FILE);
        if !file.exists() {
            return Ok(None);
        }
        let options = SqliteConnectOptions::new().filename(&file).read_only(true);
        let opened = SqliteConnection::connect_with(&options).await;
        let mut connection = opened.map_err(|source| StoreError::Open { file, source })?;
        let engine: String =
            sqlx::query("SELECT sqlite_version()").fetch_one(&mut connection).await?.try_get(0)?;
        let mut standing = Self {
            engine: format!("SQLite {engine}"),
            version: 0,
            wanted: MIGRATIONS.iter().map(|step| step.version).max().unwrap_or(0),
            newest_act: None,
            keys: 0,
        };
        let tables = "SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations'";
        if sqlx::query(tables).fetch_optional(&mut connection).await?.is_none() {
            return Ok(Some(standing));
        }
        let version = "SELECT max(version) FROM _sqlx_migrations WHERE success";
        let version: Option<i64> =
            sqlx::query(version).fetch_one(&mut connection).await?.try_get(0)?;
        standing.version = version.unwrap_or(0);
        // What an earlier or a later version keeps may lie elsewhere.
        if standing.version == standing.wanted {
            let newest = sqlx::query("SELECT max(at) FROM audit_log").fetch_one(&mut connection);
            standing.newest_act = newest.await?.try_get(0)?;
            let keys = "SELECT count(*) FROM api_keys WHERE revoked_at IS NULL \
                        AND (expires_at IS NULL OR expires_at > $1)";
            let keys = sqlx::query(keys).bind(now).fetch_one(&mut connection).await?;
            standing.keys = u64::try_from(keys.try_get::<i64, _>(0)?).unwrap_or(0);
        }
        Ok(Some(standing))
    }
}
