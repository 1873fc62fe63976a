// SPDX-License-Identifier: MIT OR Apache-2.0
//! The traces' numbers and how they are weighed.
//!
//! # What it tests
//! Both traces together: a logistic model, scaled so that the score is the share of forged pictures
//! among those with such traces, at equal numbers of forged and authentic ones.
//!
//! # Why it works
//! A foreign grid is rare in authentic pictures, so it carries most of the weight; a deviating noise
//! level is common enough in honest ones to carry little.
//!
//! # When it does not apply
//! The score is held within [`SCORES`]: a few hundred pictures support no longer odds.
//!
//! # Constants and their source
//! `OFFSET` and `TERMS` as printed by `training/fit.py` (see `training/TRAINING.md`); not edited by
//! hand.

use assay_plugin_api::prelude::{Evidence, NoScore};
use assay_signal::calibration::{Calibration, CalibrationError};
use assay_signal::stats::logistic::{logit, Term};

use crate::jpeg_grid::{self, Grids};
use crate::noise_level::{self, NoiseLevels};

/// Numbers that are weighed.
pub const FEATURES: usize = 2;
/// Range of the score: outside it, too few held-out pictures lie to support a share.
pub const SCORES: (f64, f64) = (0.3, 0.95);
/// What the model was fitted on.
pub const TRAINED_ON: &str = "207 forged pictures (splices, copies, inpainting, retouching) of \
                              five collections and 617 authentic ones of 50 sources.";
/// Largest value of a feature.
const MOST: f64 = 4.0;
const OFFSET: f64 = -0.0842;
const TERMS: [Term; FEATURES] = [
    Term { mean: 0.0, deviation: 1.0, weight: 0.9056 }, // foreign
    Term { mean: 0.0, deviation: 1.0, weight: 0.3672 }, // noise
];

/// Returns the map from logits to scores. The weights are scaled to it already.
///
/// # Errors
/// Never with the constants of this file.
pub fn calibration() -> Result<Calibration, CalibrationError> {
    Calibration::logistic_within(1.0, 0.0, SCORES.0, SCORES.1)
}

/// All traces of a picture.
#[derive(Clone, Debug)]
pub struct Traces {
    /// JPEG grids.
    pub grids: Grids,
    /// Noise levels; `None` where too little is flat and unsaturated.
    pub noise: Option<NoiseLevels>,
}

impl Traces {
    /// Measures all traces.
    ///
    /// # Errors
    /// `NotApplicable` when a side is below 64 px; `Cancelled`.
    pub fn measure(evidence: &Evidence<'_>) -> Result<Self, NoScore> {
        Ok(Self { grids: jpeg_grid::measure(evidence)?, noise: noise_level::measure(evidence)? })
    }

    /// The numbers that the model weighs, in the order of its terms: for each trace `ln(1 - log10
    /// NFA)` of its most significant region, 0 without one.
    #[must_use]
    pub fn features(&self) -> [(&'static str, f64); FEATURES] {
        let foreign = self.grids.foreign.first().map(|region| region.log10_nfa);
        let noise = self.noise.iter().flat_map(|noise| &noise.regions).next();
        let noise = noise.map(|region| region.log10_nfa);
        [("foreign", weight_of(foreign)), ("noise", weight_of(noise))]
    }

    /// The logit of the picture being forged.
    #[must_use]
    pub fn logit(&self) -> f64 {
        logit_of(self.features().map(|(_, value)| value))
    }
}

/// The logit of a picture with one foreign grid region of this log10 NFA and nothing else.
#[must_use]
pub fn grid_logit(log10_nfa: f64) -> f64 {
    logit_of([weight_of(Some(log10_nfa)), 0.0])
}

/// The logit of a picture with one region of deviating noise of this log10 NFA and nothing else.
#[must_use]
pub fn noise_logit(log10_nfa: f64) -> f64 {
    logit_of([0.0, weight_of(Some(log10_nfa))])
}

fn logit_of(features: [f64; FEATURES]) -> f64 {
    logit(OFFSET, &TERMS, features, MOST)
}

fn weight_of(log10_nfa: Option<f64>) -> f64 {
    (-log10_nfa.unwrap_or(0.0)).max(0.0).ln_1p()
}
