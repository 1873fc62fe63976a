// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a detector's score counts as before its weight: its log-odds, within the policy's clamp, by
//! the policy's calibration where there is one.

use super::ensemble::{logit, sigmoid};
use crate::policy::{Calibration, Policy};

/// The log-odds with which the score of a detector counts, before its weight. Never falls as the
/// score rises; within `logit(score_clamp)..=logit(1 - score_clamp)`.
#[must_use]
pub fn voice(model_key: &str, score: f64, policy: &Policy) -> f64 {
    let clamp = policy.fusion.score_clamp;
    let clamped = |score: f64| score.clamp(clamp, 1.0 - clamp);
    let calibration = policy.detectors.get(model_key).and_then(|of| of.calibration.as_ref());
    let score = clamped(score);
    logit(calibration.map_or(score, |calibration| clamped(calibrated(calibration, score))))
}

/// What a score within 0..1 counts as by a calibration, 0..=1. Never falls as the score rises.
#[must_use]
pub fn calibrated(calibration: &Calibration, score: f64) -> f64 {
    match calibration {
        Calibration::Logistic { slope, offset } => sigmoid(slope * logit(score) + offset),
        Calibration::Knots { knots } => interpolated(knots, score),
    }
}

fn interpolated(knots: &[[f64; 2]], score: f64) -> f64 {
    let after = knots.partition_point(|[at, _]| *at < score);
    let before = after.checked_sub(1).and_then(|before| knots.get(before));
    match (before, knots.get(after)) {
        (Some([x0, y0]), Some([x1, y1])) => {
            let part = (score - x0) / (x1 - x0);
            // Rounding must not carry it past the upper knot.
            (y0 + part * (y1 - y0)).clamp(*y0, *y1)
        }
        (Some([_, y]), None) | (None, Some([_, y])) => *y,
        (None, None) => score,
    }
}
