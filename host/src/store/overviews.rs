// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lists of what an organisation has: its batches, its days, its receivers.

use super::engine::{sql, Row};
use super::{Store, StoreError};

/// The newest deliveries by which receivers are told.
const RECENT: i64 = 1_000;

/// A batch in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchEntry {
    /// Its place in the order of acceptance.
    pub number: i64,
    /// Its name.
    pub batch_id: String,
    /// The client's own name for it.
    pub reference_id: Option<String>,
    /// When it was accepted, Unix seconds.
    pub accepted_at: i64,
    /// Images.
    pub total: u64,
    /// Those that are done.
    pub done: u64,
    /// Those of them that could not be examined.
    pub failed: u64,
}

/// What became of the newest messages to one receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Host and port.
    pub name: String,
    /// Messages that arrived.
    pub delivered: u64,
    /// Those that are still to be sent.
    pub pending: u64,
    /// Those that were given up.
    pub abandoned: u64,
    /// When the newest was asked for, Unix seconds.
    pub last_at: i64,
}

impl Store {
    /// An organisation's batches, the newest first, before a place in the order of acceptance.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn batches(
        &self,
        organisation: &str,
        before: i64,
        limit: u32,
    ) -> Result<Vec<BatchEntry>, StoreError> {
        let rows = sql("SELECT rowid, batch_id, reference_id, accepted_at, total, \
             (SELECT COUNT(*) FROM jobs j WHERE j.batch_id = b.batch_id AND finished IS NOT NULL), \
             (SELECT COUNT(*) FROM jobs j WHERE j.batch_id = b.batch_id AND state = 'failed') \
             FROM batches b WHERE organisation = $1 AND rowid < $2 ORDER BY rowid DESC LIMIT $3");
        let rows = rows.bind(organisation).bind(before).bind(limit).fetch_all(&self.pool).await?;
        let entry = |row: &Row| -> Result<BatchEntry, sqlx::Error> {
            Ok(BatchEntry {
                number: row.try_get(0)?,
                batch_id: row.try_get(1)?,
                reference_id: row.try_get(2)?,
                accepted_at: row.try_get(3)?,
                total: number(row, 4)?,
                done: number(row, 5)?,
                failed: number(row, 6)?,
            })
        };
        Ok(rows.iter().map(entry).collect::<Result<_, _>>()?)
    }

    /// Images that an organisation has submitted on each day from `first` on (days since 1970-01-01,
    /// UTC), the oldest first; days without any are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn images_by_day(
        &self,
        organisation: &str,
        first: i64,
    ) -> Result<Vec<(i64, u64)>, StoreError> {
        let rows =
            sql("SELECT day, images FROM usage WHERE organisation = $1 AND day >= $2 ORDER BY day");
        let rows = rows.bind(organisation).bind(first).fetch_all(&self.pool).await?;
        let day = |row: &Row| Ok((row.try_get(0)?, number(row, 1)?));
        Ok(rows.iter().map(day).collect::<Result<_, sqlx::Error>>()?)
    }

    /// Where an organisation's newest messages went, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn receivers(&self, organisation: &str) -> Result<Vec<Receiver>, StoreError> {
        let rows = sql("SELECT receiver, COUNT(*) FILTER (WHERE state = 'delivered'), \
             COUNT(*) FILTER (WHERE state = 'pending'), \
             COUNT(*) FILTER (WHERE state = 'abandoned'), MAX(created_at) FROM \
             (SELECT receiver, state, created_at FROM deliveries WHERE organisation = $1 \
             ORDER BY number DESC LIMIT $2) AS newest GROUP BY receiver ORDER BY receiver");
        let rows = rows.bind(organisation).bind(RECENT).fetch_all(&self.pool).await?;
        let receiver = |row: &Row| -> Result<Receiver, sqlx::Error> {
            Ok(Receiver {
                name: row.try_get(0)?,
                delivered: number(row, 1)?,
                pending: number(row, 2)?,
                abandoned: number(row, 3)?,
                last_at: row.try_get(4)?,
            })
        };
        Ok(rows.iter().map(receiver).collect::<Result<_, _>>()?)
    }
}

/// A count; the database has no unsigned numbers.
fn number(row: &Row, index: usize) -> Result<u64, sqlx::Error> {
    Ok(u64::try_from(row.try_get::<i64>(index)?).unwrap_or(0))
}
