// SPDX-License-Identifier: MIT OR Apache-2.0
//! How many requests an organisation has sent in this minute, to all hosts together.
//!
//! The minute is the database's, so that hosts whose clocks differ count in one. One statement looks,
//! counts and tells, and the row's lock has them count one after the other: never does one request more
//! pass than the limit. The table is not written to the server's log: when the server itself crashes, its
//! minute begins anew.

use super::engine::sql;
use super::{Store, StoreError};

/// Counts a request in the database's minute, unless the limit is reached; tells the time, the minute and
/// the requests in it, and which policies are in force.
///
/// A statement that waited for its row may come after one of the next minute, and counts in that one. A
/// minute further ahead is of a clock that was put back since.
const COUNT: &str = "\
    WITH clock AS (SELECT floor(extract(epoch FROM clock_timestamp()))::bigint AS now), \
    counted AS ( \
        INSERT INTO minutes AS m (organisation, minute, requests) \
        SELECT $1, now / 60, 1 FROM clock WHERE $2::bigint >= 1 \
        ON CONFLICT (organisation) DO UPDATE SET \
            requests = CASE WHEN m.minute - excluded.minute IN (0, 1) THEN m.requests + 1 ELSE 1 END, \
            minute = CASE WHEN m.minute - excluded.minute = 1 THEN m.minute ELSE excluded.minute END \
        WHERE m.minute - excluded.minute NOT IN (0, 1) OR m.requests < $2 \
        RETURNING minute, requests) \
    SELECT now, minute, requests, (SELECT turn FROM policy_turn) \
    FROM clock LEFT JOIN counted ON true";

/// What became of a request in its minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The database's clock, Unix seconds.
    pub now: i64,
    /// When the minute in which it was counted ends, Unix seconds.
    pub reset: i64,
    /// Requests in that minute, this one included; none where it was one too many.
    pub requests: Option<u64>,
    /// Which policies are in force.
    pub policies: i64,
}

impl Store {
    /// Whether other hosts may work on the same database.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.pool.is_shared()
    }

    /// Counts a request of an organisation that may send `limit` a minute. For a database that other hosts
    /// share; one process alone counts by itself.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_request(
        &self,
        organisation: &str,
        limit: u64,
    ) -> Result<Counted, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = sql(COUNT).bind(organisation).bind(limit);
        let row = query.fetch_one(&self.pool).await?;
        let now: i64 = row.try_get(0)?;
        let minute: Option<i64> = row.try_get(1)?;
        let requests: Option<i64> = row.try_get(2)?;
        Ok(Counted {
            now,
            reset: (minute.unwrap_or(now.div_euclid(60)) + 1) * 60,
            requests: requests.and_then(|requests| u64::try_from(requests).ok()),
            policies: row.try_get(3)?,
        })
    }
}
