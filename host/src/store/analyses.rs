// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finished analyses, as they were answered.

use jiff::Timestamp;
use sqlx::Row as _;

use super::{Store, StoreError};

impl Store {
    /// Keeps an answer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_analysis(
        &self,
        request_id: &str,
        organisation: &str,
        body: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO analyses (request_id, organisation, finished_at, body) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(request_id)
        .bind(organisation)
        .bind(Timestamp::now().as_second())
        .bind(body)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The answer of an organisation's own request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn analysis(
        &self,
        request_id: &str,
        organisation: &str,
    ) -> Result<Option<String>, StoreError> {
        let query =
            sqlx::query("SELECT body FROM analyses WHERE request_id = $1 AND organisation = $2");
        let row = query.bind(request_id).bind(organisation).fetch_optional(&self.pool).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }
}
