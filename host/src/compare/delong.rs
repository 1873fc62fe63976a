// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether two AUC of the same pictures differ by more than chance.
//!
//! *What.* Both AUC, their covariance from the placement of each picture among those of the other class,
//! and the normal deviate of their difference. The placements come from ranks, in `n log n`.
//!
//! *Why.* Scores of the same pictures go up and down together: a test that took the AUC for independent
//! would miss most differences.
//!
//! *When it does not apply.* It takes pictures for independent. Those of one generator or camera are not,
//! and its intervals are then too narrow; the bootstrap by group stands beside it. Without variance (both
//! tell the classes apart in full) there is no deviate.
//!
//! *References.* DeLong, DeLong and Clarke-Pearson 1988; Sun and Xu 2014 (the algorithm).

use assay_signal::stats::nfa::log10_chi_square_tail;
use serde::Serialize;

use crate::eval::interval::Interval;
use crate::eval::paired::Pair;

/// The normal deviate that leaves 2.5 % above it.
const DEVIATE_95: f64 = 1.959_963_984_540_054;
/// Variance of a difference that is rounding: placements are multiples of one over twice a class, and a
/// single one that differs in classes of 100,000 gives 2.5e-21.
const NO_VARIANCE: f64 = 1e-24;
/// Difference of two AUC that is rounding.
const NO_DIFFERENCE: f64 = 1e-12;

/// Two AUC and the test of their difference.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DeLong {
    /// Of the first and of the second.
    pub auc: [f64; 2],
    /// Variances and covariance of both AUC.
    pub covariance: [[f64; 2]; 2],
    /// The second less the first, over its deviation; none without variance.
    pub z: Option<f64>,
    /// Probability of so large a difference either way if there is none.
    pub p: f64,
    /// The difference, 95 %, pictures taken for independent.
    pub interval: Interval,
}

impl DeLong {
    /// The test; `None` with fewer than two pictures of a class, whose variance is not known.
    #[must_use]
    pub fn of(pairs: &[Pair<'_>]) -> Option<Self> {
        let (positives, negatives): (Vec<_>, Vec<_>) = pairs.iter().partition(|p| p.is_positive);
        if positives.len() < 2 || negatives.len() < 2 {
            return None;
        }
        let of = |which: usize| {
            let scores = |class: &[&Pair<'_>]| -> Vec<f64> {
                class.iter().filter_map(|pair| pair.scores.get(which).copied()).collect()
            };
            Placements::of(&scores(&positives), &scores(&negatives))
        };
        let (first, second) = (of(0), of(1));
        let auc = [mean(&first.positives), mean(&second.positives)];
        let entry = |a: &Placements, b: &Placements| {
            covariance(&a.positives, &b.positives) / positives.len() as f64
                + covariance(&a.negatives, &b.negatives) / negatives.len() as f64
        };
        let between = entry(&first, &second);
        let (own, other) = (entry(&first, &first), entry(&second, &second));
        let difference = auc[1] - auc[0];
        // Of the differences themselves: the sum of the table's entries would lose what is small.
        let apart = |one: &[f64], other: &[f64]| {
            let differences: Vec<_> = one.iter().zip(other).map(|(a, b)| b - a).collect();
            covariance(&differences, &differences) / differences.len() as f64
        };
        let variance =
            apart(&first.positives, &second.positives) + apart(&first.negatives, &second.negatives);
        let z = (variance > NO_VARIANCE).then(|| difference / variance.sqrt());
        let p = match z {
            Some(z) => 10.0_f64.powf(log10_chi_square_tail(1.0, z * z)),
            // The same scores, or both in full and not the same: the latter is no chance.
            None => f64::from(u8::from(difference.abs() < NO_DIFFERENCE)),
        };
        let half = DEVIATE_95 * variance.sqrt();
        Some(Self {
            auc,
            covariance: [[own, between], [between, other]],
            z,
            p,
            interval: Interval { low: difference - half, high: difference + half },
        })
    }
}

/// For each picture the share of the other class on its right side, ties half.
struct Placements {
    positives: Vec<f64>,
    negatives: Vec<f64>,
}

impl Placements {
    fn of(positives: &[f64], negatives: &[f64]) -> Self {
        let (m, n) = (positives.len() as f64, negatives.len() as f64);
        let among_all = midranks(&[positives, negatives].concat());
        let (of_positives, of_negatives) = among_all.split_at(positives.len());
        let placed = |all: &[f64], own: Vec<f64>, others: f64| -> Vec<f64> {
            all.iter().zip(own).map(|(all, own)| (all - own) / others).collect()
        };
        // Negatives above are the complement of negatives below.
        let above = placed(of_negatives, midranks(negatives), m);
        Self {
            positives: placed(of_positives, midranks(positives), n),
            negatives: above.into_iter().map(|below| 1.0 - below).collect(),
        }
    }
}

/// The rank of each number, from 1; the mean of their ranks for equal ones.
fn midranks(numbers: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<_> = numbers.iter().copied().enumerate().collect();
    sorted.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut ranks = vec![0.0; numbers.len()];
    let mut before = 0_usize;
    for tie in sorted.chunk_by(|a, b| a.1 == b.1) {
        let rank = before as f64 + f64::midpoint(1.0, tie.len() as f64);
        for (place, _) in tie {
            if let Some(slot) = ranks.get_mut(*place) {
                *slot = rank;
            }
        }
        before += tie.len();
    }
    ranks
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

/// Of a sample: over one less than their number.
fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let (of_a, of_b) = (mean(a), mean(b));
    let products = a.iter().zip(b).map(|(x, y)| (x - of_a) * (y - of_b));
    products.sum::<f64>() / (a.len() as f64 - 1.0)
}
