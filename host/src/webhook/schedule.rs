// SPDX-License-Identifier: MIT OR Apache-2.0
//! When a delivery that failed is tried again.

/// Largest share of a delay that is added at random, so that deliveries that failed together do not
/// come back together.
const JITTER: f64 = 0.1;

/// The delays between attempts, ms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(Vec<i64>);

impl Default for Schedule {
    /// The guide's: 5 s, 30 s, 2 min, 10 min, 1 h.
    fn default() -> Self {
        Self::new([5, 30, 120, 600, 3_600])
    }
}

impl Schedule {
    /// These delays, s.
    #[must_use]
    pub fn new(seconds: impl IntoIterator<Item = u32>) -> Self {
        Self(seconds.into_iter().map(|seconds| i64::from(seconds) * 1_000).collect())
    }

    /// How long to wait after so many failed attempts, ms; `None` when it is over. `random` is within
    /// 0..1.
    #[must_use]
    pub fn delay(&self, failed: u32, random: f64) -> Option<i64> {
        let index = usize::try_from(failed).ok()?.checked_sub(1)?;
        let delay = *self.0.get(index)?;
        Some(delay + (delay as f64 * JITTER * random.clamp(0.0, 1.0)) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_retries_follow_the_guides_delays_and_then_it_is_over() {
        let delays = |random| -> Vec<_> {
            (1..=6).map(|failed| Schedule::default().delay(failed, random)).collect()
        };
        let guide = [5_000, 30_000, 120_000, 600_000, 3_600_000];
        assert_eq!(delays(0.0)[..5], guide.map(Some));
        assert_eq!(delays(1.0)[..5], guide.map(|delay| Some(delay * 11 / 10)));
        assert_eq!(delays(0.5)[5], None);
    }
}
