// SPDX-License-Identifier: MIT OR Apache-2.0
//! First answers to requests that carry a key of their own for that.

use super::engine::{sql, Connection, Tries};
use super::{Store, StoreError};

/// What was asked under a key, and the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstAnswer {
    /// Digest of what was asked.
    pub request: Vec<u8>,
    /// The answer's status.
    pub status: u16,
    /// The answer.
    pub body: String,
}

/// An answer that is to be remembered under a key.
#[derive(Clone, Debug)]
pub struct Remembered<'a> {
    /// The client's key.
    pub key: &'a str,
    /// What was asked and answered.
    pub answer: FirstAnswer,
    /// Answers from before that are dropped, Unix seconds.
    pub since: i64,
}

/// Keeps the first answer under a key at `now`, in the transaction of what it tells, so that neither is there
/// without the other.
pub(super) async fn insert(
    connection: &mut Connection,
    organisation: &str,
    remembered: &Remembered<'_>,
    now: i64,
) -> Result<(), StoreError> {
    let Remembered { key, answer, since } = remembered;
    sql("DELETE FROM first_answers WHERE kept_at <= $1")
        .bind(*since)
        .execute(&mut *connection)
        .await?;
    let kept =
        sql("INSERT INTO first_answers (organisation, key, request, kept_at, status, body) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organisation, key) DO NOTHING")
        .bind(organisation)
        .bind(*key)
        .bind(&answer.request)
        .bind(now)
        .bind(answer.status)
        .bind(&answer.body)
        .execute(connection)
        .await?;
    match kept {
        0 => Err(StoreError::AnsweredBefore),
        _ => Ok(()),
    }
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
        let query = sql("SELECT request, status, body FROM first_answers \
             WHERE organisation = $1 AND key = $2 AND kept_at > $3");
        let row = query.bind(organisation).bind(key).bind(since).fetch_optional(&self.pool).await?;
        let Some(row) = row else { return Ok(None) };
        let (status, body) = (row.try_get(1)?, row.try_get(2)?);
        Ok(Some(FirstAnswer { request: row.try_get(0)?, status, body }))
    }

    /// Keeps the first answer under a key at `now`.
    ///
    /// # Errors
    /// When there is one already, or the database fails.
    pub async fn keep_first_answer(
        &self,
        organisation: &str,
        remembered: &Remembered<'_>,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut tries = Tries::default();
        loop {
            match self.keep_first_answer_once(organisation, remembered, now).await {
                Err(error) if tries.again(&error) => {}
                done => return done,
            }
        }
    }

    async fn keep_first_answer_once(
        &self,
        organisation: &str,
        remembered: &Remembered<'_>,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.write().await?;
        insert(&mut transaction, organisation, remembered, now).await?;
        Ok(transaction.commit().await?)
    }
}
