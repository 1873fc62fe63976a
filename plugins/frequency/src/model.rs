// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cues' numbers and how they are weighed.
//!
//! # What it tests
//! The radial cues by a logistic model, its weights scaled so that the score is the share of
//! generated pictures among those with such cues, at equal numbers of both; then a fixed step for
//! peaks on an up-sampler's lattice.
//!
//! # Why it works
//! The logistic part alone has an AUC of about 0.63, and no content in it (model card). Peaks are
//! rare and telling, so they are not left to a regression.
//!
//! # When it does not apply
//! The logistic part is held within [`SCORES`], where the held-out pictures support it.
//!
//! # Constants and their source
//! `OFFSET` and `TERMS` as printed by `plugins/noise/training/fit.py` (see `training/TRAINING.md`);
//! not edited by hand. [`LATTICE_STEP`]: 7 of 505 generated and 0 of 581 real pictures have such
//! peaks; at the upper 95 % limit of the latter (3 of 581) the likelihood ratio is 2.7, `exp(1)`.

use assay_signal::calibration::{Calibration, CalibrationError};
use assay_signal::stats::logistic::{logit, Term};

use crate::peaks::Peak;
use crate::radial::Radial;

/// Numbers that the logistic part weighs.
pub const FEATURES: usize = 6;
/// Range of the score without peaks.
pub const SCORES: (f64, f64) = (0.3, 0.7);
/// Change of the logit by peaks on an up-sampler's lattice.
const LATTICE_STEP: f64 = 1.0;
/// Largest standardised value.
const MOST_DEVIATION: f64 = 4.0;
const OFFSET: f64 = 0.0006;
const TERMS: [Term; FEATURES] = [
    Term { mean: -0.6517, deviation: 0.6432, weight: 0.2073 }, // fall
    Term { mean: -0.3476, deviation: 0.3675, weight: -0.1736 }, // excess_20
    Term { mean: -1.2689, deviation: 0.7977, weight: 0.3233 }, // excess_30
    Term { mean: -2.1743, deviation: 1.0245, weight: 0.1233 }, // excess_40
    Term { mean: -3.3365, deviation: 1.2639, weight: -0.1219 }, // excess_corner
    Term { mean: 0.4633, deviation: 0.4445, weight: -0.2338 }, // axes
];

/// Returns the map from logits to scores. The weights are scaled to it already.
///
/// # Errors
/// Never with the constants of this file.
pub fn calibration() -> Result<Calibration, CalibrationError> {
    Calibration::logistic(1.0, 0.0)
}

/// Returns the numbers that the logistic part weighs, in the order of its terms.
#[must_use]
pub fn features(radial: &Radial) -> [(&'static str, f64); FEATURES] {
    let [excess_20, excess_30, excess_40, excess_corner] = radial.excess;
    [
        ("fall", radial.fall),
        ("excess_20", excess_20),
        ("excess_30", excess_30),
        ("excess_40", excess_40),
        ("excess_corner", excess_corner),
        ("axes", radial.axes),
    ]
}

/// Returns the logit of the picture being generated. `peaks` are those that the picture's codec does
/// not explain.
#[must_use]
pub fn combined_logit(radial: &Radial, peaks: &[Peak]) -> f64 {
    let values = features(radial).map(|(_, value)| value);
    let [low, high] = [SCORES.0, SCORES.1].map(|score| (score / (1.0 - score)).ln());
    let held = logit(OFFSET, &TERMS, values, MOST_DEVIATION).clamp(low, high);
    let lattice = peaks.iter().filter(|peak| peak.on_upsampler_lattice());
    // A peak that is only just significant counts in part.
    let strength = lattice.map(|peak| (-peak.log10_nfa).clamp(0.0, 1.0)).fold(0.0, f64::max);
    held + LATTICE_STEP * strength
}
