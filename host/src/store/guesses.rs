// SPDX-License-Identifier: MIT OR Apache-2.0
//! How far ahead of the clock the unknown keys have put each address that sent some, to all hosts together.
//!
//! One statement counts and tells, by the database's clock, as with the requests of a minute. Only unknown keys
//! are written down. The table is not written to the server's log.

use std::time::Duration;

use super::engine::sql;
use super::{Store, StoreError};

/// Counts an unknown key: it puts its address ahead by so many milliseconds; tells how far that is then.
const COUNT: &str = "\
    WITH clock AS (SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now) \
    INSERT INTO guesses AS g (address, paid_off) SELECT $1, now + $2 FROM clock \
    ON CONFLICT (address) DO UPDATE SET paid_off = GREATEST(g.paid_off + $2, excluded.paid_off) \
    RETURNING paid_off - (SELECT now FROM clock)";
/// Forgets a few that are paid off, and none that somebody else is just counting.
const FORGET: &str = "\
    DELETE FROM guesses WHERE address IN (SELECT address FROM guesses WHERE paid_off < \
    floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint LIMIT 8 FOR UPDATE SKIP LOCKED)";

impl Store {
    /// Counts an unknown key of an address, which puts it ahead by `step`; tells how far ahead all hosts
    /// together have put it. For a database that other hosts share.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_guess(&self, address: &str, step: Duration) -> Result<Duration, StoreError> {
        let step = i64::try_from(step.as_millis()).unwrap_or(i64::MAX);
        let row = sql(COUNT).bind(address).bind(step).fetch_one(&self.pool).await?;
        let ahead: i64 = row.try_get(0)?;
        sql(FORGET).execute(&self.pool).await?;
        Ok(Duration::from_millis(u64::try_from(ahead).unwrap_or(0)))
    }
}
