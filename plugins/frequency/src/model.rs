// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cues' numbers and how they are weighed.
//!
//! # What it tests
//! The radial cues by a logistic model, its weights scaled so that the score is the share of
//! generated pictures among those with such cues, at equal numbers of both; then a fixed step for
//! traces of an up-sampler.
//!
//! # Why it works
//! The logistic part alone has an AUC of about 0.63, and no content in it (model card). Traces are
//! rare and telling, so they are not left to a regression.
//!
//! # When it does not apply
//! The logistic part is held within [`SCORES`], where the held-out pictures support it.
//!
//! # Constants and their source
//! `OFFSET` and `TERMS` as printed by `training/fit.py` (see `training/TRAINING.md`); not edited by hand.
//! [`LATTICE_STEP`]: as collected, 20 of 505 generated and 1 of 581 real pictures have such traces. At the
//! upper 95 % limit of the latter (4.7 of 581) the likelihood ratio is 4.9; `exp(1.2)` is 3.3, less because
//! the allowance for the grid was chosen on these pictures.

use assay_signal::calibration::{Calibration, CalibrationError};
use assay_signal::stats::logistic::{logit, Term};

use crate::judgement::Trace;
use crate::radial::Radial;

/// Numbers that the logistic part weighs.
pub const FEATURES: usize = 6;
/// Range of the score without peaks.
pub const SCORES: (f64, f64) = (0.3, 0.7);
/// Change of the logit by traces of an up-sampler.
const LATTICE_STEP: f64 = 1.2;
/// Largest standardised value.
const MOST_DEVIATION: f64 = 4.0;
const OFFSET: f64 = -0.0008;
const TERMS: [Term; FEATURES] = [
    Term { mean: -0.6445, deviation: 0.6465, weight: 0.2176 }, // fall
    Term { mean: -0.3527, deviation: 0.3716, weight: -0.2081 }, // excess_20
    Term { mean: -1.2772, deviation: 0.8049, weight: 0.3742 }, // excess_30
    Term { mean: -2.1890, deviation: 1.0316, weight: 0.1104 }, // excess_40
    Term { mean: -3.3575, deviation: 1.2683, weight: -0.1239 }, // excess_corner
    Term { mean: 0.4640, deviation: 0.4522, weight: -0.2466 }, // axes
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

/// Returns the logit of the picture being generated. `counted` are the traces that neither the
/// picture's codec nor its content explains.
#[must_use]
pub fn combined_logit(radial: &Radial, counted: &[Trace]) -> f64 {
    let values = features(radial).map(|(_, value)| value);
    let [low, high] = [SCORES.0, SCORES.1].map(|score| (score / (1.0 - score)).ln());
    let held = logit(OFFSET, &TERMS, values, MOST_DEVIATION).clamp(low, high);
    held + if counted.is_empty() { 0.0 } else { LATTICE_STEP }
}
