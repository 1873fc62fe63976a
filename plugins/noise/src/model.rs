// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cues' numbers and how they are weighed.
//!
//! # What it tests
//! All cues together: a logistic model, its weights scaled so that the score is the share of
//! generated pictures among those with such cues, at equal numbers of both.
//!
//! # Why it works
//! No cue alone carries a decision after JPEG; together they tell camera originals from generated
//! pictures with an AUC of about 0.74 to 0.79 (model card).
//!
//! # When it does not apply
//! The score is held within [`SCORES`], where the held-out pictures support it, and at
//! [`UNDECIDED`] at most where the noise is that of a denoised sensor ([`Cues::denoised`]): 14 to 29 %
//! of camera originals and 10 to 14 % of generated pictures, by state.
//!
//! # Constants and their source
//! `OFFSET` and `TERMS` as written by `training/make.sh` (see `training/TRAINING.md`); not edited by
//! hand.

use assay_signal::calibration::{Calibration, CalibrationError};
use assay_signal::stats::logistic::{logit, Term};

use crate::blocks::{Block, Blocks, CHANNELS};
use crate::coarse::{self, Coarse};
use crate::correlation::{self, Correlation};
use crate::curve::{self, Fit};
use crate::demosaicing::{self, Demosaicing};
use crate::floor::{self, Floor};
use crate::intensity::{self, Intensity};
use crate::level::{self, Level};
use crate::uniformity;

/// Numbers that are weighed.
pub const FEATURES: usize = 14;
/// Range of the score: outside it, too few held-out pictures lie to support a share.
pub const SCORES: (f64, f64) = (0.2, 0.75);
/// Largest standardised value.
const MOST_DEVIATION: f64 = 4.0;
/// Largest score of a picture whose noise is that of a denoised sensor.
pub const UNDECIDED: f64 = 0.5;
const OFFSET: f64 = -0.0020;
const TERMS: [Term; FEATURES] = [
    Term { mean: 1.4953, deviation: 0.1988, weight: -0.0650 }, // ln_kurtosis
    Term { mean: -0.0641, deviation: 0.4350, weight: -0.0553 }, // slope_correlation
    Term { mean: 0.7367, deviation: 0.4745, weight: 0.1323 },  // spread
    Term { mean: 0.1339, deviation: 0.1154, weight: -0.1692 }, // lag_axis
    Term { mean: -0.0473, deviation: 0.0755, weight: -0.0677 }, // lag_diagonal
    Term { mean: -1.2543, deviation: 0.7769, weight: -0.1269 }, // floor_q5
    Term { mean: -0.6031, deviation: 0.4696, weight: -0.0062 }, // floor_q25
    Term { mean: 1.1666, deviation: 0.6552, weight: 0.2409 },  // floor_q95
    Term { mean: 0.7878, deviation: 0.1530, weight: -0.0160 }, // follows_texture
    Term { mean: 0.0172, deviation: 0.1336, weight: -0.2156 }, // mosaic
    Term { mean: 0.3591, deviation: 0.2433, weight: -0.0186 }, // on_curve
    Term { mean: 0.0360, deviation: 0.2839, weight: 0.0944 },  // widening
    Term { mean: 0.2904, deviation: 0.2234, weight: 0.0238 },  // blotches
    Term { mean: -0.6743, deviation: 0.7005, weight: 0.2166 }, // red_coarse
];

/// Returns the map from logits to scores. The weights are scaled to it already.
///
/// # Errors
/// Never with the constants of this file.
pub fn calibration() -> Result<Calibration, CalibrationError> {
    Calibration::logistic_within(1.0, 0.0, SCORES.0, SCORES.1)
}

/// All cues of a picture.
#[derive(Clone, Copy, Debug)]
pub struct Cues {
    /// Level in flat areas.
    pub level: Level,
    /// Dependence on brightness.
    pub intensity: Intensity,
    /// Spread over the picture.
    pub spread: f32,
    /// Distribution over all blocks.
    pub floor: Floor,
    /// Between neighbours and channels.
    pub correlation: Correlation,
    /// Colour filter array.
    pub demosaicing: Demosaicing,
    /// Noise of 2x2 and 4x4 px.
    pub coarse: Coarse,
    /// The noise curve of luma.
    pub fit: Fit,
    /// The noise curves of red, green and blue.
    pub channels: [Option<Fit>; CHANNELS],
}

impl Cues {
    /// Measures all cues; `None` with fewer than three flat blocks.
    #[must_use]
    pub fn measure(blocks: &Blocks, flat: &[&Block]) -> Option<Self> {
        let intensity = intensity::measure(flat);
        let fit = curve::of_luma(flat)?;
        Some(Self {
            level: level::measure(flat),
            intensity,
            spread: uniformity::measure(flat, &intensity),
            floor: floor::measure(blocks),
            correlation: correlation::measure(flat),
            demosaicing: demosaicing::measure(blocks),
            coarse: coarse::measure(flat),
            fit,
            channels: curve::of_channels(flat, fit.curve.exponent),
        })
    }

    /// Whether the flat areas look like a sensor's noise after denoising.
    #[must_use]
    pub fn denoised(&self) -> bool {
        self.coarse.denoised(&self.level, &self.fit)
    }

    /// The numbers that the model weighs, in the order of its terms.
    #[must_use]
    pub fn features(&self) -> [(&'static str, f64); FEATURES] {
        let real = f64::from;
        let [q5, q25, _, q95] = self.floor.quantiles;
        [
            ("ln_kurtosis", real(self.level.kurtosis.max(1.0).ln())),
            ("slope_correlation", self.intensity.correlation),
            ("spread", real(self.spread)),
            ("lag_axis", real(self.correlation.axis)),
            ("lag_diagonal", real(self.correlation.diagonal)),
            ("floor_q5", real(q5)),
            ("floor_q25", real(q25)),
            ("floor_q95", real(q95)),
            ("follows_texture", real(self.floor.follows_texture)),
            ("mosaic", self.demosaicing.evidence()),
            ("on_curve", self.fit.on_curve),
            ("widening", real(self.coarse.widening)),
            ("blotches", real(self.coarse.blotches)),
            ("red_coarse", real(self.coarse.red)),
        ]
    }

    /// The logit of the picture being generated.
    #[must_use]
    pub fn logit(&self) -> f64 {
        logit(OFFSET, &TERMS, self.features().map(|(_, value)| value), MOST_DEVIATION)
    }
}
