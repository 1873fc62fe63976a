// SPDX-License-Identifier: MIT OR Apache-2.0
//! Logistic regression with a ridge and weights within bounds, by projected Newton steps.
//!
//! *What.* Minimises the mean log-loss plus `ridge / 2 * sum((w - centre)^2)` over an offset and
//! weights that are within two bounds. The offset has no ridge.
//!
//! *Why.* Where nothing else is asked for, no weight is negative: that would turn a detector's meaning round: its score for a hypothesis would
//! speak against it, which a small collection suggests by chance and nobody could defend.
//!
//! *When it does not apply.* Without pictures of both classes there is nothing to fit.
//!
//! *Constants and their source.* The offset's bound is the policy's own for a bias.
//!
//! *References.* Bertsekas 1982, Projected Newton methods for problems with simple constraints.

use crate::eval::logistic::solve;
use crate::fusion::ensemble::sigmoid;

/// Largest offset, on both sides.
const OFFSET: f64 = 50.0;
/// Newton's steps; a dozen suffices unless weights run into their bounds.
const STEPS: usize = 100;
/// Halvings of a step that does not lower the loss.
const HALVINGS: usize = 40;
/// Length of a step, squared, at which the fit has settled.
const SETTLED: f64 = 1e-20;
/// Keeps the system solvable where nothing else bends the loss.
const JITTER: f64 = 1e-12;

/// One picture in one tier, as the regression sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// One number for each weight, finite.
    pub features: Vec<f64>,
    /// The class.
    pub is_positive: bool,
    /// How much it counts, above 0; all together 1.
    pub share: f64,
}

/// A fitted regression: `z = offset + sum(weights * features)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Regression {
    /// Log-odds when all features are 0, -50..=50.
    pub offset: f64,
    /// Within the bounds that were given.
    pub weights: Vec<f64>,
}

/// What is minimised.
struct Problem<'a> {
    cases: &'a [Case],
    centre: &'a [f64],
    ridge: f64,
    bounds: [f64; 2],
}

impl Regression {
    /// Fits; `centre` is what the ridge draws each weight towards, `bounds` are the smallest and the
    /// largest weight, with the centres between them. `None` without both classes.
    #[must_use]
    pub fn fit(cases: &[Case], centre: &[f64], ridge: f64, bounds: [f64; 2]) -> Option<Self> {
        if !cases.iter().any(|c| c.is_positive) || cases.iter().all(|c| c.is_positive) {
            return None;
        }
        let problem = Problem { cases, centre, ridge, bounds };
        // The offset, then the weights.
        let mut at: Vec<f64> = std::iter::once(0.0).chain(centre.iter().copied()).collect();
        let mut loss = problem.loss(&at);
        for _ in 0..STEPS {
            let step = problem.step(&at)?;
            let lengths = (0..HALVINGS).map(|halvings| 0.5_f64.powi(halvings as i32));
            let tried = lengths.map(|length| problem.moved(&at, &step, length));
            let mut tried = tried.map(|next| (problem.loss(&next), next));
            let Some((lower, next)) = tried.find(|(lower, _)| *lower < loss) else { break };
            let distance: f64 = at.iter().zip(&next).map(|(a, b)| (a - b).powi(2)).sum();
            (at, loss) = (next, lower);
            if distance < SETTLED {
                break;
            }
        }
        let (offset, weights) = at.split_first()?;
        Some(Self { offset: *offset, weights: weights.to_vec() })
    }
}

impl Problem<'_> {
    fn loss(&self, at: &[f64]) -> f64 {
        let of_case = |case: &Case| {
            let z = log_odds(at, &case.features);
            let towards = if case.is_positive { -z } else { z };
            // ln(1 + exp(x)) without overflow.
            case.share * (towards.max(0.0) + (-towards.abs()).exp().ln_1p())
        };
        let weights = at.iter().skip(1).zip(self.centre);
        let bent: f64 = weights.map(|(weight, centre)| (weight - centre).powi(2)).sum();
        self.cases.iter().map(of_case).sum::<f64>() + self.ridge / 2.0 * bent
    }

    /// Newton's step downhill over what is not held by a bound.
    fn step(&self, at: &[f64]) -> Option<Vec<f64>> {
        let n = at.len();
        let mut uphill = vec![0.0; n];
        let mut hessian = vec![vec![0.0; n]; n];
        for case in self.cases {
            let p = sigmoid(log_odds(at, &case.features));
            let error = case.share * (p - f64::from(u8::from(case.is_positive)));
            let curvature = case.share * p * (1.0 - p);
            for ((row, slope), line) in one_and(&case.features).zip(&mut uphill).zip(&mut hessian) {
                *slope += error * row;
                for (column, cell) in one_and(&case.features).zip(line) {
                    *cell += curvature * row * column;
                }
            }
        }
        let weights = at.iter().zip(&mut uphill).skip(1).zip(self.centre);
        for ((weight, slope), centre) in weights {
            *slope += self.ridge * (weight - centre);
        }
        let is_held = |index: usize| -> bool {
            let (Some(value), Some(slope)) = (at.get(index), uphill.get(index)) else {
                return true;
            };
            let (least, most) = self.bounds(index);
            (*value <= least && *slope > 0.0) || (*value >= most && *slope < 0.0)
        };
        let held: Vec<_> = (0..n).map(is_held).collect();
        for (index, line) in hessian.iter_mut().enumerate() {
            let is_held = held.get(index).copied().unwrap_or(true);
            for ((column, cell), other_is_held) in line.iter_mut().enumerate().zip(&held) {
                if is_held || *other_is_held {
                    *cell = f64::from(u8::from(index == column));
                } else if index == column {
                    *cell += JITTER + if index > 0 { self.ridge } else { 0.0 };
                }
            }
        }
        let downhill =
            uphill.iter().zip(&held).map(|(slope, held)| if *held { 0.0 } else { -slope });
        solve(hessian, downhill.collect())
    }

    /// What the parameter of a place may be: the offset is the first.
    fn bounds(&self, index: usize) -> (f64, f64) {
        if index == 0 {
            (-OFFSET, OFFSET)
        } else {
            let [least, most] = self.bounds;
            (least, most)
        }
    }

    fn moved(&self, at: &[f64], step: &[f64], length: f64) -> Vec<f64> {
        let next = |(index, (value, step)): (usize, (&f64, &f64))| {
            let (least, most) = self.bounds(index);
            (value + length * step).clamp(least, most)
        };
        at.iter().zip(step).enumerate().map(next).collect()
    }
}

fn log_odds(at: &[f64], features: &[f64]) -> f64 {
    one_and(features).zip(at).map(|(feature, weight)| feature * weight).sum()
}

fn one_and(features: &[f64]) -> impl Iterator<Item = f64> + '_ {
    std::iter::once(1.0).chain(features.iter().copied())
}
