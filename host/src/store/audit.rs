// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who changed what.

use jiff::Timestamp;
use sqlx::{Row, SqliteConnection};

use super::{Store, StoreError};

/// One administrative act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When, Unix seconds.
    pub at: i64,
    /// Who: `cli`, or a key's name.
    pub actor: String,
    /// What: `key.create`, `key.rotate`, `key.revoke`.
    pub act: String,
    /// On what: a key's name.
    pub subject: String,
}

/// Writes a line, in the transaction of the act itself.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    actor: &str,
    act: &str,
    subject: &str,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO audit (at, actor, act, subject) VALUES ($1, $2, $3, $4)")
        .bind(Timestamp::now().as_second())
        .bind(actor)
        .bind(act)
        .bind(subject)
        .execute(connection)
        .await?;
    Ok(())
}

impl Store {
    /// All administrative acts, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(&self) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = sqlx::query("SELECT at, actor, act, subject FROM audit ORDER BY rowid");
        let rows = rows.fetch_all(&self.pool).await?;
        let entry = |row: &sqlx::sqlite::SqliteRow| -> Result<AuditEntry, sqlx::Error> {
            Ok(AuditEntry {
                at: row.try_get(0)?,
                actor: row.try_get(1)?,
                act: row.try_get(2)?,
                subject: row.try_get(3)?,
            })
        };
        Ok(rows.iter().map(entry).collect::<Result<_, _>>()?)
    }
}
