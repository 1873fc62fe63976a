// SPDX-License-Identifier: MIT OR Apache-2.0
//! How often an organisation may ask: requests a minute, images a day.
//!
//! A minute is a minute of the clock, as the guide's `X-RateLimit-Reset` has it: one window for all
//! keys of an organisation, and for all hosts of one database, whose clock it is then. One process that has
//! its database for itself counts in memory: there a restart begins a new minute, never a new day.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

use super::error::{ApiError, Code};
use crate::config::{Allowance, Plans};
use crate::store::{ApiKey, Charge, Counted, Store};

const SECONDS_A_MINUTE: i64 = 60;
const SECONDS_A_DAY: i64 = 86_400;

const HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
];

/// Counts the requests of all organisations.
#[derive(Debug)]
pub struct RateLimits {
    plans: Plans,
    /// The minute that is counted, and requests in it by organisation.
    minute: Mutex<(i64, HashMap<Arc<str>, u64>)>,
}

/// Where an organisation stands in the day.
pub(crate) struct Day {
    pub(crate) allowance: Allowance,
    pub(crate) used: u64,
    /// When the next day begins, Unix seconds.
    pub(crate) reset: i64,
}

/// Where an organisation stands in the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    limit: u64,
    remaining: u64,
    /// When the next minute begins, Unix seconds.
    reset: i64,
}

impl Standing {
    /// That of a request of which nobody knows whose it is.
    pub(super) fn of_nobody() -> Self {
        Self { limit: 0, remaining: 0, reset: next(now(), SECONDS_A_MINUTE) }
    }

    /// Writes the guide's three headers.
    pub(super) fn write(self, headers: &mut HeaderMap) {
        let reset = u64::try_from(self.reset).unwrap_or(0);
        for (name, value) in HEADERS.into_iter().zip([self.limit, self.remaining, reset]) {
            headers.insert(name, HeaderValue::from(value));
        }
    }
}

impl RateLimits {
    /// Limits by these plans, nothing counted yet.
    #[must_use]
    pub fn new(plans: Plans) -> Self {
        Self { plans, minute: Mutex::default() }
    }

    /// Takes a request of the key's organisation, if its minute has one left; tells which policies of the
    /// database are in force, where other hosts may have changed them.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn take_request(
        &self,
        store: &Store,
        key: &ApiKey,
    ) -> Result<(Standing, Result<(), ApiError>, Option<i64>), ApiError> {
        let limit = self.plans.of(key.plan, &key.organisation).requests_per_minute;
        let (counted, policies) = match store.is_shared() {
            true => {
                let counted = store.count_request(&key.organisation, limit).await?;
                (counted, Some(counted.policies))
            }
            false => (self.count_here(&key.organisation, limit), None),
        };
        let Counted { now, reset, requests, .. } = counted;
        let remaining = limit.saturating_sub(requests.unwrap_or(limit));
        let standing = Standing { limit, remaining, reset };
        let refused = || {
            let message = format!("More than {limit} requests in this minute; wait and try again.");
            ApiError::new(Code::RateLimitExceeded, message).retry_after(seconds_until(reset, now))
        };
        Ok((standing, requests.map(drop).ok_or_else(refused), policies))
    }

    /// Counts a request in this process's minute, unless the limit is reached.
    fn count_here(&self, organisation: &Arc<str>, limit: u64) -> Counted {
        let now = now();
        let reset = next(now, SECONDS_A_MINUTE);
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        if minute.0 != reset {
            // What was counted in other minutes is of no use any more.
            *minute = (reset, HashMap::new());
        }
        let taken = minute.1.entry(Arc::clone(organisation)).or_default();
        let is_left = *taken < limit;
        *taken += u64::from(is_left);
        Counted { now, reset, requests: is_left.then_some(*taken), policies: 0 }
    }

    /// What the key's organisation may do.
    pub(crate) fn allowance(&self, key: &ApiKey) -> Allowance {
        self.plans.of(key.plan, &key.organisation)
    }

    /// Where the key's organisation stands in the day.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn day(&self, store: &Store, key: &ApiKey) -> Result<Day, ApiError> {
        let now = now();
        let used = store.images(&key.organisation, now.div_euclid(SECONDS_A_DAY)).await?;
        let allowance = self.plans.of(key.plan, &key.organisation);
        Ok(Day { allowance, used, reset: next(now, SECONDS_A_DAY) })
    }

    /// What the day of the key's organisation is charged with for so many images, now.
    pub(super) fn charge(&self, key: &ApiKey, images: u32) -> Charge {
        let limit = self.plans.of(key.plan, &key.organisation).requests_per_day;
        Charge { day: now().div_euclid(SECONDS_A_DAY), images, limit }
    }

    /// Looks whether the day has so many images left, before there is work for them. They are taken with what
    /// comes of that: of those who looked at once, some may be refused then.
    ///
    /// # Errors
    /// `QUOTA_EXCEEDED` where it has not.
    pub(super) async fn check_day(
        &self,
        store: &Store,
        key: &ApiKey,
        images: u32,
    ) -> Result<(), ApiError> {
        let Charge { day, images, limit } = self.charge(key, images);
        let used = store.images(&key.organisation, day).await?;
        match used.saturating_add(images.into()) <= limit {
            true => Ok(()),
            false => Err(day_is_over(limit)),
        }
    }
}

/// The error of an organisation whose day has no more images.
pub(super) fn day_is_over(limit: u64) -> ApiError {
    let now = now();
    let message = format!("More than {limit} images today; wait for the next day (UTC).");
    let wait = seconds_until(next(now, SECONDS_A_DAY), now);
    ApiError::new(Code::QuotaExceeded, message).retry_after(wait)
}

fn now() -> i64 {
    Timestamp::now().as_second()
}

/// When the next window of so many seconds begins.
fn next(now: i64, seconds: i64) -> i64 {
    (now.div_euclid(seconds) + 1) * seconds
}

fn seconds_until(end: i64, now: i64) -> u64 {
    u64::try_from(end - now).unwrap_or(0).max(1)
}
