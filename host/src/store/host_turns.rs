// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who of all hosts works on something that is to be done by one at a time. A turn is lent for a while
//! and has to be renewed, so that a host that is gone holds nobody up for longer.

use std::time::Duration;

use super::engine::sql;
use super::{Store, StoreError};

/// The database's clock, Unix milliseconds.
macro_rules! now {
    () => {
        "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
    };
}

/// Takes a turn that nobody has, or that was not renewed in time.
const TAKE: &str = concat!(
    "INSERT INTO host_turns AS t (key, host, number, until) VALUES ($1, $2, $3, ",
    now!(),
    " + $4) ON CONFLICT (key) DO UPDATE \
     SET host = excluded.host, number = excluded.number, until = excluded.until \
     WHERE t.until < ",
    now!(),
    " RETURNING 1"
);
const RENEW: &str = concat!("UPDATE host_turns SET until = ", now!(), " + $2 WHERE host = $1");
/// What nobody came for any more.
const FORGET: &str = concat!("DELETE FROM host_turns WHERE until < ", now!(), " - $1");

impl Store {
    /// Takes the turn of a key for so long, if nobody has it; tells whether. `number` is one of which the host
    /// has no other.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_turn(
        &self,
        key: &[u8; 32],
        (host, number): (&str, i64),
        lease: Duration,
    ) -> Result<bool, StoreError> {
        let query = sql(TAKE).bind(&key[..]).bind(host).bind(number).bind(milliseconds(lease));
        Ok(query.fetch_optional(&self.pool).await?.is_some())
    }

    /// Lends a host all its turns for so long from now, and forgets those that ended as long ago.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew_turns(&self, host: &str, lease: Duration) -> Result<(), StoreError> {
        sql(RENEW).bind(host).bind(milliseconds(lease)).execute(&self.pool).await?;
        sql(FORGET).bind(milliseconds(lease)).execute(&self.pool).await?;
        Ok(())
    }

    /// Gives a turn back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_turn(
        &self,
        key: &[u8; 32],
        (host, number): (&str, i64),
    ) -> Result<(), StoreError> {
        let query = sql("DELETE FROM host_turns WHERE key = $1 AND host = $2 AND number = $3");
        query.bind(&key[..]).bind(host).bind(number).execute(&self.pool).await?;
        Ok(())
    }
}

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
