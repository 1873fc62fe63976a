// SPDX-License-Identifier: MIT OR Apache-2.0
//! First answers to requests that carry a key of their own for that.

use sqlx::Row as _;

use super::{Store, StoreError};

/// What was asked under a key, and the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstAnswer {
    /// Digest of what was asked.
    pub request: Vec<u8>,
    /// The answer.
    pub body: String,
}

impl Store {
    /// What was first asked and answered under an organisation's key after `since` (Unix seconds).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn first_answer(
        &self,
        organisation: &str,
        key: &str,
        since: i64,
    ) -> Result<Option<FirstAnswer>, StoreError> {
        let query = sqlx::query(
            "SELECT request, body FROM first_answers \
             WHERE organisation = $1 AND key = $2 AND kept_at > $3",
        );
        let row = query.bind(organisation).bind(key).bind(since).fetch_optional(&self.pool).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(FirstAnswer { request: row.try_get(0)?, body: row.try_get(1)? }))
    }

    /// Keeps the first answer under a key at `now`; one that is there already stays. Drops those
    /// kept before `since` (Unix seconds).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_first_answer(
        &self,
        organisation: &str,
        key: &str,
        answer: &FirstAnswer,
        now: i64,
        since: i64,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM first_answers WHERE kept_at <= $1")
            .bind(since)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO first_answers (organisation, key, request, kept_at, body) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organisation, key) DO NOTHING",
        )
        .bind(organisation)
        .bind(key)
        .bind(&answer.request)
        .bind(now)
        .bind(&answer.body)
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }
}
