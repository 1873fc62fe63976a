// SPDX-License-Identifier: MIT OR Apache-2.0
//! The traces' numbers and how they are weighed.
//!
//! # What it tests
//! All traces together: a logistic model, scaled so that the score is the share of forged pictures
//! among those with such traces, at equal numbers of forged and authentic ones.
//!
//! # Why it works
//! Foreign grids, missing compressions and copies are rare in authentic pictures, so they carry most of
//! the weight; a deviating noise level is common enough in honest ones to carry little.
//!
//! # When it does not apply
//! The score is held within [`SCORES`]: a few hundred pictures support no longer odds.
//!
//! # Constants and their source
//! `OFFSET` and `TERMS` as printed by `training/fit.py` (see `training/TRAINING.md`); not edited by
//! hand. The collections have `off_grid` in 9 of 207 forgeries, `resampling` and `contrast` in none and `cfa` in
//! one: what these weigh comes from forgeries drawn for the purpose, of each kind that a trace is for, and the
//! same pictures without them. The offset is that of the collections alone.

use assay_signal::calibration::{Calibration, CalibrationError};
use assay_signal::stats::logistic::{logit, Term};

use crate::traces::Traces;

/// Numbers that are weighed.
pub const FEATURES: usize = 9;
/// Range of the score: outside it, too few held-out pictures lie to support a share.
pub const SCORES: (f64, f64) = (0.3, 0.95);
/// What the model was fitted on.
pub const TRAINED_ON: &str = "207 forged pictures (splices, copies, inpainting, retouching) of \
                              five collections and 617 authentic ones of 50 sources, each as it is, \
                              cut and saved again; weights also on 350 forgeries drawn from authentic \
                              pictures, and the same without them.";
/// Largest value of a feature.
const MOST: f64 = 4.0;
const OFFSET: f64 = -0.6519;
const TERMS: [Term; FEATURES] = [
    Term { mean: 0.0, deviation: 1.0, weight: 0.7275 }, // foreign
    Term { mean: 0.0, deviation: 1.0, weight: 0.4785 }, // noise
    Term { mean: 0.0, deviation: 1.0, weight: 1.2955 }, // double_jpeg
    Term { mean: 0.0, deviation: 1.0, weight: 1.7093 }, // off_grid
    Term { mean: 0.0, deviation: 1.0, weight: 2.9432 }, // copy_move
    Term { mean: 0.0, deviation: 1.0, weight: 1.0549 }, // residual_texture
    Term { mean: 0.0, deviation: 1.0, weight: 1.3068 }, // resampling
    Term { mean: 0.0, deviation: 1.0, weight: 0.8961 }, // cfa
    Term { mean: 0.0, deviation: 1.0, weight: 1.1044 }, // contrast
];

/// Returns the map from logits to scores. The weights are scaled to it already.
///
/// # Errors
/// Never with the constants of this file.
pub fn calibration() -> Result<Calibration, CalibrationError> {
    Calibration::logistic_within(1.0, 0.0, SCORES.0, SCORES.1)
}

/// The numbers that the model weighs, in the order of its terms.
#[must_use]
pub fn features(traces: &Traces) -> [(&'static str, f64); FEATURES] {
    let foreign = traces.grids.foreign.first().map(|region| region.log10_nfa);
    let noise = traces.noise.iter().flat_map(|noise| &noise.regions).next();
    [
        ("foreign", strength(foreign)),
        ("noise", strength(noise.map(|region| region.log10_nfa))),
        ("double_jpeg", strength(traces.double_jpeg.log10_nfa())),
        ("off_grid", strength(traces.off_grid.log10_nfa())),
        ("copy_move", strength(traces.copy_move.log10_nfa())),
        ("residual_texture", strength(traces.residual_texture.log10_nfa())),
        ("resampling", strength(traces.resampling.log10_nfa())),
        ("cfa", strength(traces.cfa.log10_nfa())),
        ("contrast", strength(traces.contrast.log10_nfa())),
    ]
}

/// The logit of the picture being forged.
#[must_use]
pub fn logit_of(traces: &Traces) -> f64 {
    logit(OFFSET, &TERMS, features(traces).map(|(_, value)| value), MOST)
}

/// How strongly a trace speaks whose most significant region has this log10 NFA: `ln(1 - log10 NFA)`, 0
/// without a region.
#[must_use]
pub fn strength(log10_nfa: Option<f64>) -> f64 {
    (-log10_nfa.unwrap_or(0.0)).max(0.0).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(values: [f64; FEATURES]) -> f64 {
        calibration().unwrap().score(logit(OFFSET, &TERMS, values, MOST)).unwrap()
    }

    #[test]
    fn each_trace_alone_can_speak_and_the_more_significant_it_is_the_higher_the_score() {
        let silent = score([0.0; FEATURES]);
        assert!((SCORES.0..0.4).contains(&silent), "{silent}");
        for at in 0..FEATURES {
            let of = |log10_nfa: f64| {
                let mut values = [0.0; FEATURES];
                values[at] = strength(Some(log10_nfa));
                score(values)
            };
            let scores = [silent, of(-1.0), of(-3.0), of(-9.0)];
            assert!(scores.is_sorted_by(|a, b| a < b || *b == SCORES.1), "{at}: {scores:?}");
            assert!(of(-60.0) > 0.65, "{at}: {}", of(-60.0));
        }
    }
}
