// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a logit means: its calibrated score, and how many authentic pictures reach it.

use crate::calibration::Calibration;

/// Calibration and authentic pictures of one compression state.
#[derive(Clone, Debug)]
pub struct Reference {
    pub(super) calibration: Calibration,
    /// Logits of authentic pictures, ascending, finite.
    pub(super) authentic: Vec<f32>,
}

impl Reference {
    /// The calibrated score of a logit, `0..=1`; a NaN counts as no evidence, 0.5.
    #[must_use]
    pub fn score(&self, logit: f64) -> f64 {
        self.calibration.score(logit).unwrap_or(0.5)
    }

    /// The conformal p-value of a logit: `(1 + authentic pictures with at least it) / (1 + authentic
    /// pictures)`. Small values are rare among authentic pictures [Vovk, Gammerman and Shafer 2005,
    /// "Algorithmic learning in a random world", section 2.2].
    #[must_use]
    pub fn p_value(&self, logit: f64) -> f64 {
        let below = self.authentic.partition_point(|&authentic| f64::from(authentic) < logit);
        let reached = self.authentic.len() - below;
        (1 + reached) as f64 / (1 + self.authentic.len()) as f64
    }

    /// Authentic pictures behind [`Reference::p_value`].
    #[must_use]
    pub fn authentic_pictures(&self) -> usize {
        self.authentic.len()
    }
}
