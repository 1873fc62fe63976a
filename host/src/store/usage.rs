// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much an organisation has used of its day. What is charged is so in the transaction that keeps it: a host
//! that ends in between has done neither.

use super::engine::{sql, Connection};
use super::{Store, StoreError};

/// Images that an organisation's day is charged with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The day, days since 1970-01-01 (UTC).
    pub day: i64,
    /// How many.
    pub images: u32,
    /// Most images of the day.
    pub limit: u64,
}

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
}

/// Takes the images of a charge, in the transaction of what they are charged for.
///
/// One statement decides and counts, so that any number of callers take exactly the limit.
///
/// # Errors
/// [`StoreError::DayIsOver`] where more than the limit would be taken then; nothing is.
pub(super) async fn take(
    connection: &mut Connection,
    organisation: &str,
    charge: Charge,
) -> Result<(), StoreError> {
    let taken =
        sql("INSERT INTO usage (organisation, day, images) SELECT $1, $2, $3 WHERE $3 <= $4 \
         ON CONFLICT (organisation, day) DO UPDATE \
         SET images = usage.images + excluded.images \
         WHERE usage.images + excluded.images <= $4 RETURNING images")
        .bind(organisation)
        .bind(charge.day)
        .bind(charge.images)
        .bind(i64::try_from(charge.limit).unwrap_or(i64::MAX))
        .fetch_optional(connection)
        .await?;
    taken.map(drop).ok_or(StoreError::DayIsOver { limit: charge.limit })
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
