// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers that identical requests get again.

use sqlx::Row as _;

use super::{Store, StoreError};

impl Store {
    /// The answer kept under a key, if it was kept after `since` (Unix seconds).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn result(&self, key: &[u8; 32], since: i64) -> Result<Option<String>, StoreError> {
        let query = sqlx::query("SELECT body FROM results WHERE key = $1 AND kept_at > $2");
        let row = query.bind(key.to_vec()).bind(since).fetch_optional(&self.pool).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Keeps an answer at `now`, and drops those kept before `since` (Unix seconds).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_result(
        &self,
        key: &[u8; 32],
        body: &str,
        now: i64,
        since: i64,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM results WHERE kept_at <= $1")
            .bind(since)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO results (key, kept_at, body) VALUES ($1, $2, $3) \
             ON CONFLICT (key) DO UPDATE SET kept_at = excluded.kept_at, body = excluded.body",
        )
        .bind(key.to_vec())
        .bind(now)
        .bind(body)
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }
}
