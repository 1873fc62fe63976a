// SPDX-License-Identifier: MIT OR Apache-2.0
//! When a detector that keeps failing is left alone for a while.
//!
//! After [`FAULTS`] faults in a row it is not called for [`FIRST_PAUSE`]; then one call tries it, and if
//! that fails too the pause is twice as long, up to [`LONGEST_PAUSE`]. A call that ends well closes the
//! matter.

use std::time::{Duration, Instant};

/// Faults in a row after which a detector is left alone.
pub(super) const FAULTS: u32 = 3;
/// How long it is left alone at first.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How long at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Faults in a row, and until when nobody calls.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    faults: u32,
    paused_until: Option<Instant>,
}

impl Breaker {
    /// Whether a call may be made at `now`; the error is how long to wait. The first after a pause is
    /// the one that tries: others wait for as long again, until it has ended.
    ///
    /// # Errors
    /// How long nobody may call.
    pub(super) fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        let Some(until) = self.paused_until else { return Ok(()) };
        if now < until {
            return Err(until - now);
        }
        self.paused_until = Some(now + self.pause());
        Ok(())
    }

    /// A call ended well.
    pub(super) fn ended_well(&mut self) {
        *self = Self::default();
    }

    /// A call ended with a crash, was killed, or could not be made.
    pub(super) fn failed(&mut self, now: Instant) {
        self.faults = self.faults.saturating_add(1);
        if self.faults >= FAULTS {
            self.paused_until = Some(now + self.pause());
        }
    }

    /// Faults in a row.
    pub(super) fn faults(&self) -> u32 {
        self.faults
    }

    fn pause(&self) -> Duration {
        let doublings = self.faults.saturating_sub(FAULTS).min(16);
        (FIRST_PAUSE * (1 << doublings)).min(LONGEST_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(faults: u32, now: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        (0..faults).for_each(|_| breaker.failed(now));
        breaker
    }

    #[test]
    fn faults_that_do_not_follow_each_other_pause_nothing() {
        let now = Instant::now();
        let mut breaker = after(FAULTS - 1, now);
        breaker.ended_well();
        breaker.failed(now);
        assert_eq!(breaker.admit(now), Ok(()));
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let now = Instant::now();
        let pause = |faults| after(faults, now).admit(now).unwrap_err().as_secs();
        let pauses = [FAULTS, FAULTS + 1, FAULTS + 2, FAULTS + 20].map(pause);
        assert_eq!(pauses, [1, 2, 4, 60]);
    }

    #[test]
    fn one_call_tries_after_a_pause_and_decides_for_the_rest() {
        let now = Instant::now();
        let mut breaker = after(FAULTS, now);
        let later = now + FIRST_PAUSE;
        assert_eq!(breaker.admit(later), Ok(()));
        assert_eq!(breaker.admit(later), Err(FIRST_PAUSE));
        breaker.failed(later);
        assert_eq!(breaker.admit(later), Err(FIRST_PAUSE * 2));
        breaker.ended_well();
        assert_eq!(breaker.admit(later), Ok(()));
    }
}
