// SPDX-License-Identifier: MIT OR Apache-2.0
//! How long images take, as measured.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Weight of the newest image in the mean.
const NEWEST: f64 = 0.1;
/// What an image is taken to last before any was measured, s.
const UNMEASURED: f64 = 1.0;

/// A running mean of how long an image takes.
#[derive(Debug, Default)]
pub struct Throughput(Mutex<Option<f64>>);

impl Throughput {
    /// Counts one image.
    pub(crate) fn record(&self, took: Duration) {
        let mut mean = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let took = took.as_secs_f64();
        *mean = Some(mean.map_or(took, |mean| mean + NEWEST * (took - mean)));
    }

    /// When so many images will be done by so many that work at once, whole seconds from now, at
    /// least 1.
    pub(crate) fn seconds_for(&self, images: u64, at_once: usize) -> u64 {
        let mean = self.0.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or(UNMEASURED);
        let rounds = images.div_ceil(at_once.max(1) as u64);
        ((rounds as f64 * mean).ceil() as u64).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimate_follows_what_was_measured() {
        let throughput = Throughput::default();
        assert_eq!(throughput.seconds_for(4, 2), 2);
        throughput.record(Duration::from_secs(10));
        assert_eq!(throughput.seconds_for(4, 2), 20);
        (0..200).for_each(|_| throughput.record(Duration::from_millis(500)));
        assert_eq!(throughput.seconds_for(4, 2), 2);
        assert_eq!(throughput.seconds_for(0, 2), 1);
    }
}
