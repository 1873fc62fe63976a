// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers that identical requests get again.

use std::sync::Arc;

use super::analyses::localisation;
use super::engine::{sql, Tries};
use super::{Store, StoreError};

/// An answer that is kept for identical requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptResult {
    /// The answer behind its two names.
    pub rest: String,
    /// Where in the picture, packed; JSON for those of earlier versions.
    pub localisation: Option<Vec<u8>>,
    /// What the verdict was made from, JSON.
    pub derivation: Option<String>,
    /// What the picture is recognised by.
    pub fingerprint: Option<Vec<u8>>,
    /// The name of the request that it was made for.
    pub first: Arc<str>,
}

impl Store {
    /// The answer kept under a key, and when, if that was after `since` (Unix seconds).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn result(
        &self,
        key: &[u8; 32],
        since: i64,
    ) -> Result<Option<(KeptResult, i64)>, StoreError> {
        let query =
            sql("SELECT body, localisation, first, kept_at, derivation, fingerprint, localised \
             FROM results WHERE key = $1 AND kept_at > $2");
        let row = query.bind(key.to_vec()).bind(since).fetch_optional(&self.pool).await?;
        let Some(row) = row else { return Ok(None) };
        let first: String = row.try_get(2)?;
        let result = KeptResult {
            rest: row.try_get(0)?,
            localisation: localisation(&row, 1, 6)?,
            derivation: row.try_get(4)?,
            fingerprint: row.try_get(5)?,
            first: first.into(),
        };
        Ok(Some((result, row.try_get(3)?)))
    }

    /// Keeps an answer at `now`, and drops those kept before `since` (Unix seconds).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_result(
        &self,
        key: &[u8; 32],
        result: &KeptResult,
        now: i64,
        since: i64,
    ) -> Result<(), StoreError> {
        let mut tries = Tries::default();
        loop {
            match self.keep_result_once(key, result, now, since).await {
                Err(error) if tries.again(&error) => {}
                done => return done,
            }
        }
    }

    async fn keep_result_once(
        &self,
        key: &[u8; 32],
        result: &KeptResult,
        now: i64,
        since: i64,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.write().await?;
        sql("DELETE FROM results WHERE kept_at <= $1")
            .bind(since)
            .execute(&mut *transaction)
            .await?;
        sql("INSERT INTO results (key, kept_at, body, localised, first, derivation, fingerprint) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (key) DO UPDATE SET kept_at = excluded.kept_at, body = excluded.body, \
             localisation = NULL, localised = excluded.localised, first = excluded.first, \
             derivation = excluded.derivation, fingerprint = excluded.fingerprint")
        .bind(key.to_vec())
        .bind(now)
        .bind(&result.rest)
        .bind(&result.localisation)
        .bind(&*result.first)
        .bind(&result.derivation)
        .bind(&result.fingerprint)
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }
}
