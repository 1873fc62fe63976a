// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who changed what.

use jiff::Timestamp;
use sqlx::{Row, SqliteConnection};

use super::{Store, StoreError};

/// One administrative act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place in the order of acts.
    pub number: i64,
    /// When, Unix seconds.
    pub at: i64,
    /// Who: `cli`, or a key's name.
    pub actor: String,
    /// What: `key.create`, `key.rotate`, `key.revoke`, `webhook.secret.rotate`, `webhook.redeliver`.
    pub act: String,
    /// On what: a key's or a delivery's name, or an organisation.
    pub subject: String,
}

/// Writes a line, in the transaction of the act itself.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    actor: &str,
    act: &str,
    subject: &str,
    organisation: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO audit (at, actor, act, subject, organisation) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(Timestamp::now().as_second())
    .bind(actor)
    .bind(act)
    .bind(subject)
    .bind(organisation)
    .execute(connection)
    .await?;
    tracing::info!(actor, act, subject, organisation, "audit");
    Ok(())
}

impl Store {
    /// Administrative acts, the newest first, before a place in their order; those about one
    /// organisation, or all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(
        &self,
        organisation: Option<&str>,
        before: i64,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = sqlx::query(
            "SELECT rowid, at, actor, act, subject FROM audit \
             WHERE ($1 IS NULL OR organisation = $1) AND rowid < $2 ORDER BY rowid DESC LIMIT $3",
        );
        let rows = rows.bind(organisation).bind(before).bind(limit).fetch_all(&self.pool).await?;
        let entry = |row: &sqlx::sqlite::SqliteRow| -> Result<AuditEntry, sqlx::Error> {
            Ok(AuditEntry {
                number: row.try_get(0)?,
                at: row.try_get(1)?,
                actor: row.try_get(2)?,
                act: row.try_get(3)?,
                subject: row.try_get(4)?,
            })
        };
        Ok(rows.iter().map(entry).collect::<Result<_, _>>()?)
    }
}
