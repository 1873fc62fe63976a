// SPDX-License-Identifier: MIT OR Apache-2.0
//! From rows to a policy's calibrations, weights and biases.
//!
//! *What.* A monotone map for each detector, then for each hypothesis an offset and weights that are
//! within 0..=1 (or -1..=1), on the log-odds as fusion counts them, renormalisation included. The ridge is the
//! one of a few with the smallest log-loss on folds that the fit has not seen.
//!
//! *Why.* The model is fusion itself, called and not copied, so that what is fitted is what will be
//! computed. A calibrated score is worth what it says, or less beside others that look at the same
//! traces. Were more allowed, a detector that hardly speaks could have the largest weight, and fusion
//! counts by weight who has spoken.
//!
//! *When it does not apply.* To a hypothesis without positives: the base policy's numbers stay. A
//! detector of provenance keeps its weight and is silent.
//!
//! *Constants and their source.* Ridges from hardly any to one that leaves a weight of a perfect
//! detector near 1, in steps of ten.

use std::collections::BTreeMap;

use serde::Serialize;

use super::asked::Both;
use super::monotone::{self, written, Point, Shape};
use super::ridge::{Case, Regression};
use super::rows::{hypothesis_of, silenced, Row};
use crate::analysis::outcome::DetectorOutcome;
use crate::fusion::ensemble::{estimate, Estimate};
use crate::fusion::voice::voice;
use crate::policy::{Hypothesis, Policy};

/// Ridges, strongest first: of equals the stronger is taken.
const RIDGES: [f64; 5] = [1.0, 1e-1, 1e-2, 1e-3, 1e-4];
/// Largest weight: a calibrated score is worth what it says.
const MOST: f64 = 1.0;
/// Rounds in which weights and renormalisation follow each other; without absences one settles it.
const ROUNDS: usize = 20;
/// Largest change of a weight at which they have settled.
const SETTLED: f64 = 1e-7;

/// What is fitted over.
#[derive(Clone, Copy, Debug)]
pub struct Fitter<'a> {
    /// Where everything that is not fitted comes from.
    pub base: &'a Policy,
    /// What the detectors are, in any order.
    pub detectors: &'a [DetectorOutcome],
    /// Which maps.
    pub shape: Shape,
    /// Which weights.
    pub signs: Signs,
}

/// Which weights are fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Signs {
    /// A score for a hypothesis never speaks against it.
    NonNegative,
    /// It may: what a collection suggests by chance is followed too.
    Signed,
}

impl Signs {
    /// The smallest and the largest weight.
    fn bounds(self) -> [f64; 2] {
        match self {
            Self::NonNegative => [0.0, MOST],
            Self::Signed => [-MOST, MOST],
        }
    }
}

/// A fit: the base with other calibrations, weights and biases.
#[derive(Clone, Debug)]
pub struct Fit {
    /// Fuses silent rows: detectors of provenance have no calibration in it.
    pub policy: Policy,
    /// The detectors whose map is new.
    pub mapped: Vec<String>,
    /// The ridge of each hypothesis that is new.
    pub ridges: BTreeMap<&'static str, f64>,
}

impl Fit {
    /// The same at other odds than even ones: where a hypothesis is new, its bias is moved.
    #[must_use]
    pub fn at(mut self, asked: &Both) -> Self {
        for hypothesis in Hypothesis::ALL {
            if self.ridges.contains_key(hypothesis.as_str()) {
                let part = self.policy.fusion.of_mut(hypothesis);
                part.bias = written(part.bias + asked.of(hypothesis).shift());
            }
        }
        self
    }

    /// The probability of a row, before rules.
    #[must_use]
    pub fn p(&self, hypothesis: Hypothesis, row: &Row<'_>) -> f64 {
        fused(hypothesis, row, &self.policy).p
    }
}

/// Fuses a row.
#[must_use]
pub fn fused(hypothesis: Hypothesis, row: &Row<'_>, policy: &Policy) -> Estimate {
    estimate(hypothesis, &row.standings, policy)
}

impl Fitter<'_> {
    /// Fits the rows: maps, then both hypotheses as far as the rows have both classes.
    #[must_use]
    pub fn fit(&self, rows: &[&Row<'_>]) -> Fit {
        let (mut policy, mapped) = self.maps(rows);
        let mut ridges = BTreeMap::new();
        for hypothesis in Hypothesis::ALL {
            let Some(ridge) = self.ridge(hypothesis, rows) else { continue };
            let mut weighed = policy.clone();
            let fitted = self.fitted(hypothesis);
            if self.weigh(hypothesis, &mut weighed, &fitted, rows, ridge).is_some() {
                policy = weighed;
                ridges.insert(hypothesis.as_str(), ridge);
            }
        }
        Fit { policy, mapped, ridges }
    }

    /// The detectors that are weighed: those of the hypothesis's kind and those that the base weighs.
    #[must_use]
    pub fn fitted(&self, hypothesis: Hypothesis) -> Vec<String> {
        let weights = &self.base.fusion.of(hypothesis).weights;
        let is_weighed = |key: &str| weights.get(key).is_some_and(|weight| *weight != 0.0);
        let fitted = self.detectors.iter().filter(|detector| {
            hypothesis_of(detector.kind)
                .is_some_and(|own| own == hypothesis || is_weighed(&detector.model_key))
        });
        let mut keys: Vec<_> = fitted.map(|detector| detector.model_key.clone()).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The base with a map for each detector whose hypothesis the rows have both classes of, and the
    /// names of these detectors.
    fn maps(&self, rows: &[&Row<'_>]) -> (Policy, Vec<String>) {
        let mut policy = silenced(self.base, self.detectors);
        let clamp = policy.fusion.score_clamp;
        let mut mapped = Vec::new();
        for detector in self.detectors {
            let Some(hypothesis) = hypothesis_of(detector.kind) else { continue };
            let key = &detector.model_key;
            let scored: Vec<_> =
                rows.iter().filter(|row| row.score(key).is_some()).copied().collect();
            let point = |(row, is_positive, share): (&Row<'_>, bool, f64)| {
                let score = row.score(key)?.clamp(clamp, 1.0 - clamp);
                Some(Point { score, is_positive, share })
            };
            let balanced = balanced(hypothesis, &scored);
            let pictures = pictures(balanced.iter().map(|(row, ..)| *row));
            let points: Vec<_> = balanced.into_iter().filter_map(point).collect();
            let Some(map) = monotone::fit(&points, pictures, self.shape) else { continue };
            policy.detectors.entry(key.clone()).or_default().calibration = Some(map);
            mapped.push(key.clone());
        }
        (policy, mapped)
    }

    /// The ridge with the smallest log-loss on rows of folds that were left out; `None` when no fold
    /// can be left out.
    fn ridge(&self, hypothesis: Hypothesis, rows: &[&Row<'_>]) -> Option<f64> {
        let fitted = self.fitted(hypothesis);
        let mut losses = [0.0; RIDGES.len()];
        let mut has_fold = false;
        for fold in folds(rows) {
            let (held, seen): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.fold == fold);
            let (maps, _) = self.maps(&seen);
            let held = balanced(hypothesis, &held);
            for (ridge, loss) in RIDGES.iter().zip(&mut losses) {
                let mut policy = maps.clone();
                if self.weigh(hypothesis, &mut policy, &fitted, &seen, *ridge).is_some() {
                    has_fold = true;
                    *loss += log_loss(hypothesis, &held, &policy);
                }
            }
        }
        let best = RIDGES.iter().zip(losses).min_by(|a, b| a.1.total_cmp(&b.1));
        best.filter(|_| has_fold).map(|(ridge, _)| *ridge)
    }

    /// Sets bias and weights of the policy to those that fit the rows best. `None`, and a policy that is
    /// of no use, without both classes.
    fn weigh(
        &self,
        hypothesis: Hypothesis,
        policy: &mut Policy,
        fitted: &[String],
        rows: &[&Row<'_>],
        ridge: f64,
    ) -> Option<()> {
        let rows = balanced(hypothesis, rows);
        // Weights of the first round, which only renormalisation sees.
        let even = Regression { offset: 0.0, weights: vec![MOST; fitted.len()] };
        take_over(hypothesis, policy, fitted, &even);
        let mut best: Option<(f64, Regression)> = None;
        let mut last = vec![f64::INFINITY; fitted.len()];
        for _ in 0..ROUNDS {
            let case = |&(row, is_positive, share): &(&Row<'_>, bool, f64)| {
                let stand_in = fused(hypothesis, row, policy).renormalisation;
                let feature = |key: &String| {
                    row.score(key).map_or(0.0, |score| stand_in * voice(key, score, policy))
                };
                Case { features: fitted.iter().map(feature).collect(), is_positive, share }
            };
            let cases: Vec<_> = rows.iter().map(case).collect();
            let mut found =
                Regression::fit(&cases, &vec![0.0; fitted.len()], ridge, self.signs.bounds())?;
            found.offset = written(found.offset);
            found.weights.iter_mut().for_each(|weight| *weight = written(*weight));
            take_over(hypothesis, policy, fitted, &found);
            let squares: f64 = found.weights.iter().map(|weight| weight.powi(2)).sum();
            let loss = log_loss(hypothesis, &rows, policy) + ridge / 2.0 * squares;
            let moves = found.weights.iter().zip(&last).map(|(new, old)| (new - old).abs());
            let is_settled = moves.fold(0.0, f64::max) < SETTLED;
            last.clone_from(&found.weights);
            if best.as_ref().is_none_or(|(least, _)| loss < *least) {
                best = Some((loss, found));
            }
            if is_settled {
                break;
            }
        }
        let (_, best) = best?;
        take_over(hypothesis, policy, fitted, &best);
        Some(())
    }
}

/// The folds that rows are in.
fn folds(rows: &[&Row<'_>]) -> Vec<usize> {
    let mut folds: Vec<_> = rows.iter().map(|row| row.fold).collect();
    folds.sort_unstable();
    folds.dedup();
    folds
}

/// How many different pictures rows are of.
fn pictures<'a, 'b: 'a>(rows: impl Iterator<Item = &'a Row<'b>>) -> usize {
    let mut paths: Vec<_> = rows.map(|row| &row.picture.path).collect();
    paths.sort_unstable();
    paths.dedup();
    paths.len()
}

/// The rows of both classes with their shares, half of all for each class.
#[must_use]
pub fn balanced<'a, 'b>(
    hypothesis: Hypothesis,
    rows: &[&'a Row<'b>],
) -> Vec<(&'a Row<'b>, bool, f64)> {
    let classed = |row: &&'a Row<'b>| Some((*row, row.class(hypothesis)?));
    let classed: Vec<_> = rows.iter().filter_map(classed).collect();
    let total = |class: bool| -> f64 {
        let of_class = classed.iter().filter(|(_, is_positive)| *is_positive == class);
        of_class.map(|(row, _)| row.share).sum()
    };
    let totals = [total(false), total(true)];
    let share = |row: &Row<'_>, is_positive| row.share / 2.0 / totals[usize::from(is_positive)];
    classed.iter().map(|&(row, class)| (row, class, share(row, class))).collect()
}

fn log_loss(hypothesis: Hypothesis, rows: &[(&Row<'_>, bool, f64)], policy: &Policy) -> f64 {
    let loss = |(row, is_positive, share): &(&Row<'_>, bool, f64)| {
        let z = fused(hypothesis, row, policy).log_odds;
        let towards = if *is_positive { -z } else { z };
        share * (towards.max(0.0) + (-towards.abs()).exp().ln_1p())
    };
    rows.iter().map(loss).sum()
}

fn take_over(hypothesis: Hypothesis, policy: &mut Policy, fitted: &[String], found: &Regression) {
    let part = policy.fusion.of_mut(hypothesis);
    part.bias = found.offset;
    for (key, weight) in fitted.iter().zip(&found.weights) {
        part.weights.insert(key.clone(), *weight);
    }
}
