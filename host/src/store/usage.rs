// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much an organisation has used of its day.

use super::engine::{sql, Connection};
use super::{Store, StoreError};

impl Store {
    /// Images that an organisation has submitted on a day (days since 1970-01-01, UTC).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn images(&self, organisation: &str, day: i64) -> Result<u64, StoreError> {
        let query = sql("SELECT images FROM usage WHERE organisation = $1 AND day = $2");
        let row = query.bind(organisation).bind(day).fetch_optional(&self.pool).await?;
        let images: i64 = row.map_or(Ok(0), |row| row.try_get(0))?;
        Ok(u64::try_from(images).unwrap_or(0))
    }

    /// Takes `images` of an organisation's day, unless more than `limit` would be taken then; tells
    /// whether they were.
    ///
    /// One statement decides and counts, so that any number of callers take exactly the limit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_images(
        &self,
        organisation: &str,
        day: i64,
        images: u32,
        limit: u64,
    ) -> Result<bool, StoreError> {
        // A statement alone gives its row before it is committed, and nobody would see that this fails.
        let mut transaction = self.pool.write().await?;
        let taken =
            sql("INSERT INTO usage (organisation, day, images) SELECT $1, $2, $3 WHERE $3 <= $4 \
             ON CONFLICT (organisation, day) DO UPDATE \
             SET images = usage.images + excluded.images \
             WHERE usage.images + excluded.images <= $4 RETURNING images")
            .bind(organisation)
            .bind(day)
            .bind(images)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(taken.is_some())
    }
}

/// Gives the image of a job back to the day on which it was accepted.
pub(super) async fn refund(
    connection: &mut Connection,
    request_id: &str,
) -> Result<(), StoreError> {
    sql("UPDATE usage SET images = images - 1 FROM jobs WHERE jobs.request_id = $1 \
         AND usage.organisation = jobs.organisation AND usage.day = jobs.accepted_at / 86400 \
         AND images > 0")
    .bind(request_id)
    .execute(connection)
    .await?;
    Ok(())
}
