// SPDX-License-Identifier: MIT OR Apache-2.0
//! The noise floor: how the residual's level is distributed over all blocks, textured ones included.
//!
//! # What it tests
//! Whether a common floor of noise lies under everything.
//!
//! # Why it works
//! Sensor noise is added to every block, so that the levels of blocks bunch up at the floor from
//! below and follow texture only above it. Without a floor the residual is texture all the way
//! down: its level spreads wider to both sides and follows the block's structure closely. The cue
//! takes quantiles of `ln sigma` relative to their median, and the correlation of `ln sigma` with
//! the logarithm of the block's structure.
//!
//! # When it does not apply
//! The quantiles also tell smooth scenes from busy ones, whatever their origin: this is the cue that
//! content disturbs most.
//!
//! # Constants and their source
//! [`TEXTURE_FLOOR`]: rounding leaves about this much structure.
//!
//! # References
//! Liu, Freeman, Szeliski, Kang, "Noise estimation from a single image", CVPR 2006 (the lower
//! envelope of block deviations as the noise level).

use assay_signal::spectrum::correlation;
use assay_signal::stats::robust::quantiles;

use crate::blocks::Blocks;
use crate::level::SIGMA_FLOOR;

/// Added to a block's structure before the logarithm.
const TEXTURE_FLOOR: f32 = 0.3;

/// Levels of all unsaturated blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Floor {
    /// Quantiles 0.05, 0.25, 0.75, 0.95 of `ln sigma`, minus the median.
    pub quantiles: [f32; 4],
    /// Correlation of `ln sigma` with `ln` structure.
    pub follows_texture: f32,
}

/// Measures all unsaturated blocks; zeros without any.
#[must_use]
pub fn measure(blocks: &Blocks) -> Floor {
    let mut levels: Vec<f32> = blocks.usable().map(|b| (b.sigma + SIGMA_FLOOR).ln()).collect();
    let follows = blocks.usable().map(|b| (b.texture + TEXTURE_FLOOR).ln());
    let follows_texture = correlation(levels.iter().copied().zip(follows));
    let Some([q5, q25, q50, q75, q95]) = quantiles(&mut levels, [0.05, 0.25, 0.5, 0.75, 0.95])
    else {
        return Floor::default();
    };
    Floor { quantiles: [q5, q25, q75, q95].map(|q| q - q50), follows_texture }
}
