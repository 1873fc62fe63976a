// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a calibration found: the numbers before and after, for people and machines.

use std::collections::BTreeMap;

use serde::Serialize;

use super::folds::Basis;
use crate::eval::interval::{Interval, Share};
use crate::eval::report::{DetectorName, Failure, PolicyName};
use crate::policy::Calibration;

/// Everything that is printed of a calibration.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Version of the host.
    pub assay_version: &'static str,
    /// The manifest or folder.
    pub collection: String,
    /// SHA-256 over the sorted lines `<SHA-256 of a file> <label>`, hexadecimal.
    pub digest: String,
    /// Pictures by label, authentic ones by label and kind.
    pub pictures: BTreeMap<String, u64>,
    /// The tiers.
    pub tiers: Vec<&'static str>,
    /// What was kept together in a fold.
    pub folds: Basis,
    /// The policy from which everything that is not fitted comes.
    pub base: PolicyName,
    /// The detectors in the configuration's order.
    pub detectors: Vec<DetectorName>,
    /// Pictures that a tier has not, and detectors that should have answered.
    pub failures: Vec<Failure>,
    /// The detectors' maps, by model key.
    pub maps: Vec<Mapped>,
    /// Both hypotheses.
    pub hypotheses: Vec<HypothesisOutcome>,
    /// Both probabilities must be below it for AUTHENTIC, before and after.
    pub authentic_below: [f64; 2],
    /// Share of authentic pictures with both probabilities below it, by set and tier, before and after.
    pub cleared: [Vec<Rate>; 2],
    /// Smallest and largest MEDIUM risk, after.
    pub risk: [f64; 2],
    /// What to know before the policy is used.
    pub notes: Vec<String>,
}

/// Mean squared distance and calibration error, each picture with its share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Honesty {
    /// Brier score, 0..=1; 0.25 says nothing.
    pub brier: f64,
    /// Calibration error over ten bins, 0..=1.
    pub ece: f64,
}

/// A detector's map, and its scores before and after.
#[derive(Clone, Debug, Serialize)]
pub struct Mapped {
    /// The detector.
    pub detector: String,
    /// The map; none where there was nothing to fit one to.
    pub calibration: Option<Calibration>,
    /// Positives with a score.
    pub n_positive: usize,
    /// Authentic pictures with a score.
    pub n_authentic: usize,
    /// With the base's calibration.
    pub before: Option<Honesty>,
    /// Each picture by the map of the folds without it.
    pub after: Option<Honesty>,
}

/// What became of one hypothesis.
#[derive(Clone, Debug, Serialize)]
pub struct HypothesisOutcome {
    /// `ai_generated` or `manipulated`.
    pub name: &'static str,
    /// Why the base's numbers stay; none where they are new.
    pub kept: Option<String>,
    /// Positives.
    pub n_positive: usize,
    /// Authentic pictures.
    pub n_authentic: usize,
    /// Share of positives that the probabilities assume.
    pub prior: f64,
    /// The ridge that was chosen.
    pub ridge: Option<f64>,
    /// The policy's bias.
    pub bias: f64,
    /// The policy's weights.
    pub weights: BTreeMap<String, f64>,
    /// The base's probabilities at its threshold.
    pub before: Option<Performance>,
    /// Cross-fitted probabilities at the new threshold.
    pub after: Option<Performance>,
}

/// How well probabilities tell a hypothesis, before rules and without detectors of provenance.
#[derive(Clone, Debug, Serialize)]
pub struct Performance {
    /// The threshold.
    pub threshold: f64,
    /// Area under the ROC curve over all tiers.
    pub auc: f64,
    /// Its interval by group.
    pub auc_interval: Option<Interval>,
    /// At the odds of the prior.
    pub honesty: Honesty,
    /// Mean of the shares of both classes on their side of the threshold, over all tiers.
    pub balanced_accuracy: f64,
    /// Share of positives at the threshold, by tier.
    pub found: Vec<Rate>,
    /// Share of positives below `authentic_below`, by tier.
    pub missed: Vec<Rate>,
    /// Share of positives between, by tier.
    pub undecided: Vec<Rate>,
    /// Share of authentic pictures at the threshold, by set and tier.
    pub false_positives: Vec<Rate>,
}

/// A share of the pictures of one set in one tier.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// `camera originals, clean`.
    pub of: String,
    /// The share.
    pub share: Share,
}
