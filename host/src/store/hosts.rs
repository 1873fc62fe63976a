// SPDX-License-Identifier: MIT OR Apache-2.0
//! Processes that do jobs, and their leases: what a host has taken up is its own as long as it says again and
//! again that it lives. Times are those of the database, so that hosts need not have the same.

use std::time::Duration;

use super::engine::{sql, Sql};
use super::{Store, StoreError};

/// Makes a statement of the time of the database in Unix milliseconds.
macro_rules! with_now {
    ($($before:literal, $after:literal),+) => {
        Sql::either(
            concat!($($before, "CAST(unixepoch('subsec') * 1000 AS INTEGER)", $after),+),
            concat!($($before, "(extract(epoch FROM clock_timestamp()) * 1000)::bigint", $after),+),
        )
    };
}

const RENEW: Sql = with_now!(
    "INSERT INTO hosts (id, lease_until) VALUES ($1, ",
    " + $2) ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until"
);
const BURY: Sql = with_now!("DELETE FROM hosts WHERE lease_until < ", "");

/// What was taken up by hosts that are no more, and is to be done again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Released {
    /// Images.
    pub jobs: u64,
    /// Batches that are a claim.
    pub claims: u64,
    /// Attempts to tell receivers.
    pub deliveries: u64,
}

impl Released {
    /// Whether there is anything.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// Whether there is anything to release.
const ANY: &str = "SELECT 1 FROM jobs WHERE state = 'running' \
     AND (host IS NULL OR host NOT IN (SELECT id FROM hosts)) \
     UNION ALL SELECT 1 FROM batches WHERE claim_state = 'running' \
     AND (claim_host IS NULL OR claim_host NOT IN (SELECT id FROM hosts)) \
     UNION ALL SELECT 1 FROM deliveries \
     WHERE host IS NOT NULL AND host NOT IN (SELECT id FROM hosts) LIMIT 1";
const RELEASE_JOBS: &str = "UPDATE jobs SET state = 'queued', host = NULL \
     WHERE state = 'running' AND (host IS NULL OR host NOT IN (SELECT id FROM hosts))";
const RELEASE_CLAIMS: &str = "UPDATE batches SET claim_state = 'due', claim_host = NULL \
     WHERE claim_state = 'running' \
     AND (claim_host IS NULL OR claim_host NOT IN (SELECT id FROM hosts))";
const RELEASE_DELIVERIES: &str = "UPDATE deliveries SET host = NULL \
     WHERE host IS NOT NULL AND host NOT IN (SELECT id FROM hosts)";

impl Store {
    /// Begins a host's lease, or goes on with it, for so long from now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold_lease(&self, host: &str, lease: Duration) -> Result<(), StoreError> {
        let lease = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX);
        // A machine that fails loses a lease that nobody needs then.
        sql(RENEW).bind(host).bind(lease).execute(&self.light).await?;
        Ok(())
    }

    /// Ends a host's lease: it stops, or is known to be no more.
    ///
    /// # Errors
    /// When the database fails; the lease ends by itself then.
    pub async fn end_lease(&self, host: &str) -> Result<(), StoreError> {
        sql("DELETE FROM hosts WHERE id = $1").bind(host).execute(&self.pool).await?;
        Ok(())
    }

    /// Puts back in line what hosts have taken up whose lease is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_dead(&self) -> Result<Released, StoreError> {
        sql(BURY).execute(&self.light).await?;
        if sql(ANY).fetch_optional(&self.pool).await?.is_none() {
            return Ok(Released::default());
        }
        // Two that release the same rows in another order would wait for each other.
        let mut transaction = self.pool.write_alone().await?;
        let released = Released {
            jobs: sql(RELEASE_JOBS).execute(&mut transaction).await?,
            claims: sql(RELEASE_CLAIMS).execute(&mut transaction).await?,
            deliveries: sql(RELEASE_DELIVERIES).execute(&mut transaction).await?,
        };
        transaction.commit().await?;
        Ok(released)
    }

    /// Hosts that hold a lease.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hosts(&self) -> Result<u32, StoreError> {
        Ok(sql("SELECT COUNT(*) FROM hosts").fetch_one(&self.pool).await?.try_get(0)?)
    }
}
