// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much an organisation has used of its day.

use super::{Store, StoreError};

impl Store {
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
        let taken = sqlx::query(
            "INSERT INTO usage (organisation, day, images) SELECT $1, $2, $3 WHERE $3 <= $4 \
             ON CONFLICT (organisation, day) DO UPDATE SET images = images + excluded.images \
             WHERE images + excluded.images <= $4 RETURNING images",
        )
        .bind(organisation)
        .bind(day)
        .bind(images)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_optional(&self.pool)
        .await?;
        Ok(taken.is_some())
    }
}
