// SPDX-License-Identifier: MIT OR Apache-2.0
//! Operating points: from which probability a hypothesis is said, and below which AUTHENTIC.
//!
//! *What.* A threshold is the smallest one, in steps of 0.0001 and not below 0.5, at which each set
//! of authentic pictures has at most its wanted rate of false positives. `authentic_below` is the
//! largest one, not above 0.5, below which at most the wanted share of positives falls.
//!
//! *Why.* Camera originals and pictures from the web err differently, and a pooled rate would let the
//! easy ones pay for the hard ones. At even odds a picture below 0.5 is more likely authentic, and
//! one above is not, whatever a small collection allows.
//!
//! *When it does not apply.* A set of fewer pictures than one over the rate shows no such rate: the
//! threshold then allows no false positive at all, which is the best that can be asked for. Where the rate is
//! promised of the next picture, nothing may be said at all on so few: the threshold is 1, or 0 below.
//!
//! *References.* Vovk, Gammerman and Shafer 2005 (conformal prediction, by class); Vovk 2015
//! (cross-conformal predictors).

use super::asked::EVEN;

/// Steps of thresholds in 0..=1.
const STEPS: f64 = 10_000.0;
/// Slack for `rate * n`, so that 0.01 of 100 pictures is one.
const ROUNDING: f64 = 1e-9;

/// What a rate is a rate of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// Of the pictures that are there: at most that share of them errs.
    Observed,
    /// Of the next picture that is like them: it errs with at most that probability. As it may lie
    /// anywhere among them, one fewer of them may err, of one more.
    Next,
}

impl Promise {
    /// How many of `n` may err at a rate; `None` where no threshold keeps it.
    #[must_use]
    pub fn allows(self, rate: f64, n: usize) -> Option<usize> {
        match self {
            Self::Observed => Some(allowed(rate, n)),
            Self::Next => allowed(rate, n + 1).checked_sub(1),
        }
    }
}

/// Probabilities of authentic pictures, and how many of them may be false positives.
#[derive(Clone, Debug, PartialEq)]
pub struct Limited {
    /// The probabilities.
    pub set: Vec<f64>,
    /// Largest rate of false positives, 0..1.
    pub rate: f64,
}

/// Where verdicts and risk levels begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bands {
    /// As in `verdict.authentic_below`.
    pub authentic_below: f64,
    /// As in `risk.medium`.
    pub medium: f64,
    /// As in `risk.high`.
    pub high: f64,
}

/// Most of `n` that a rate allows.
#[must_use]
pub fn allowed(rate: f64, n: usize) -> usize {
    (rate * n as f64 + ROUNDING).floor() as usize
}

/// The threshold at which each set of authentic pictures has at most its rate of false positives;
/// `None` without any picture. More or higher probabilities in a set of the same size never lower it.
#[must_use]
pub fn threshold(sets: &[Limited], promise: Promise) -> Option<f64> {
    let of_set = |limited: &Limited| {
        let mut descending = limited.set.clone();
        descending.sort_by(|a, b| b.total_cmp(a));
        let Some(allowed) = promise.allows(limited.rate, descending.len()) else { return 1.0 };
        // The highest one that must stay below the threshold.
        let highest = descending.get(allowed);
        highest.map_or(0.0, |p| step_above(*p)).clamp(EVEN, 1.0)
    };
    sets.iter().filter(|limited| !limited.set.is_empty()).map(of_set).max_by(f64::total_cmp)
}

/// The largest `authentic_below` at which at most `rate` of the positives fall below; `None` without
/// positives.
#[must_use]
pub fn authentic_below(positives: &[f64], rate: f64, promise: Promise) -> Option<f64> {
    let mut ascending = positives.to_vec();
    ascending.sort_by(f64::total_cmp);
    let last = ascending.last()?;
    let Some(allowed) = promise.allows(rate, ascending.len()) else { return Some(0.0) };
    let lowest = ascending.get(allowed).unwrap_or(last);
    Some(step_not_above(*lowest).clamp(0.0, EVEN))
}

/// Bands that are consistent with both thresholds: `authentic_below <= medium <` the lower threshold,
/// and nothing is HIGH below the higher one. `medium` and `high` are the wanted ones where that holds.
#[must_use]
pub fn bands(thresholds: [f64; 2], authentic_below: f64, medium: f64, high: f64) -> Bands {
    let [one, other] = thresholds;
    let just_below = ((one.min(other) * STEPS).round() - 1.0) / STEPS;
    let authentic_below = authentic_below.min(just_below).max(0.0);
    let medium = medium.min(just_below).max(authentic_below);
    Bands { authentic_below, medium, high: high.max(one).max(other) }
}

/// The smallest step above a probability. What is counted at a threshold is not below it, so that a
/// probability which is a step itself needs the next one.
fn step_above(p: f64) -> f64 {
    let step = (p * STEPS).floor();
    let next = (step + 1.0) / STEPS;
    if next > p {
        next
    } else {
        (step + 2.0) / STEPS
    }
}

/// The largest step that is not above a probability.
fn step_not_above(p: f64) -> f64 {
    let step = (p * STEPS).floor();
    if step / STEPS <= p {
        step / STEPS
    } else {
        (step - 1.0) / STEPS
    }
}
