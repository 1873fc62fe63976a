// SPDX-License-Identifier: MIT OR Apache-2.0
//! How far a number may be off: exact binomial and bootstrap intervals of 95 %.
//!
//! *References.* Clopper and Pearson 1934; Newcombe 2006 (Statistics in Medicine 25:559, an AUC); Efron and Tibshirani 1993, chapter 13 (percentiles) and
//! section 8.3 (resampling what is independent: whole groups, not pictures).

use assay_signal::stats::nfa::log10_binomial_tail;
use serde::Serialize;

use super::random::Random;

/// Probability outside the interval on each side.
const TAIL: f64 = 0.025;
/// The normal deviate that leaves [`TAIL`] above it.
const DEVIATE: f64 = 1.959_963_984_540_054;
/// Halvings of 0..=1, to below the precision of a double.
const HALVINGS: usize = 60;

/// The ends of an interval of 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A share: so many of so many, with its exact interval. There is none without n.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// How many.
    pub count: usize,
    /// Of how many.
    pub n: usize,
    /// `count / n`.
    pub value: f64,
    /// Clopper and Pearson's interval.
    pub interval: Interval,
}

impl Share {
    /// `count` of `n`; `None` for `n = 0`. A count above `n` is taken as `n`.
    #[must_use]
    pub fn of(count: usize, n: usize) -> Option<Self> {
        let count = count.min(n);
        let interval = exact(count as u64, n as u64)?;
        Some(Self { count, n, value: count as f64 / n as f64, interval })
    }
}

/// The exact interval of a share of `count` in `n` [Clopper & Pearson 1934]; `None` for `n = 0` or
/// `count > n`.
#[must_use]
pub fn exact(count: u64, n: u64) -> Option<Interval> {
    if n == 0 || count > n {
        return None;
    }
    Some(Interval { low: lower_end(count, n), high: 1.0 - lower_end(n - count, n) })
}

/// The `p` for which `count` or more of `n` has the probability [`TAIL`]; 0 for a count of 0.
fn lower_end(count: u64, n: u64) -> f64 {
    if count == 0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, count as f64 / n as f64);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if log10_binomial_tail(n, count, middle) < TAIL.log10() {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// The percentile interval of a statistic when whole groups are drawn again with replacement.
/// Pictures of one group (a generator, a camera, a scene) are not independent, so that resampling
/// single pictures would make the interval too narrow.
///
/// `None` when there are fewer than two groups or the statistic is undefined for more than half of
/// the resamples. The same `seed` gives the same interval.
pub fn bootstrap<T: Clone>(
    groups: &[Vec<T>],
    resamples: usize,
    seed: u64,
    statistic: impl Fn(&[T]) -> Option<f64>,
) -> Option<Interval> {
    if groups.len() < 2 {
        return None;
    }
    let mut random = Random::new(seed);
    let mut drawn = Vec::new();
    let mut values = Vec::with_capacity(resamples);
    for _ in 0..resamples {
        drawn.clear();
        for _ in groups {
            drawn.extend(groups.get(random.below(groups.len())).into_iter().flatten().cloned());
        }
        values.extend(statistic(&drawn));
    }
    percentiles(values, resamples)
}

/// The 2.5 and 97.5 % points of resampled values, if at least half of `resamples` are there.
#[must_use]
pub fn percentiles(mut values: Vec<f64>, resamples: usize) -> Option<Interval> {
    if values.is_empty() || values.len() * 2 < resamples {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let last = (values.len() - 1) as f64;
    let at = |q: f64| values.get((q * last).round() as usize).copied();
    Some(Interval { low: at(TAIL)?, high: at(1.0 - TAIL)? })
}

/// The interval of an AUC over `n_positive` and `n_negative` independent pictures: of all AUC those that
/// lie within 1.96 of their own deviations of the one that was found, so that its ends stay within 0..=1
/// and one of 1 has an interval too [Newcombe 2006, method 5]. `None` if a class is empty.
#[must_use]
pub fn of_auc(auc: f64, n_positive: usize, n_negative: usize) -> Option<Interval> {
    if n_positive == 0 || n_negative == 0 {
        return None;
    }
    let (m, n) = (n_positive as f64, n_negative as f64);
    let more = f64::midpoint(m, n) - 1.0;
    let deviation = |t: f64| {
        let shape = 1.0 + more * (1.0 - t) / (2.0 - t) + more * t / (1.0 + t);
        (t * (1.0 - t) * shape / (m * n)).max(0.0).sqrt()
    };
    // The far end is not within, the AUC itself is.
    let end = |far: f64| {
        let (mut out, mut within) = (far, auc);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(out, within);
            if (auc - middle).abs() <= DEVIATE * deviation(middle) {
                within = middle;
            } else {
                out = middle;
            }
        }
        within
    };
    Some(Interval { low: end(0.0), high: end(1.0) })
}
