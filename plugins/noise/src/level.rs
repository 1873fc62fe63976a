// SPDX-License-Identifier: MIT OR Apache-2.0
//! The noise level in flat areas.
//!
//! # What it tests
//! Whether flat areas carry noise at all, and how it is distributed.
//!
//! # Why it works
//! A sensor's read and shot noise reach every pixel; a generator's decoder paints flat areas without
//! it or with a texture of its own. The level is the median over flat blocks of the residual's
//! standard deviation, the tail its kurtosis (3 for Gaussian noise; quantised or painted flatness
//! has heavier tails).
//!
//! # When it does not apply
//! In-camera denoising, strong JPEG and downscaling remove noise too, film scans and added grain
//! bring it back: the level is weak evidence and the model treats it so.
//!
//! # Constants and their source
//! [`NOISELESS_SIGMA`]: rounding the channels to 8 bits and then luma gives
//! `sqrt((1 + 0.299^2 + 0.587^2 + 0.114^2) / 12)` = 0.35; with room for the estimate's spread.
//!
//! # References
//! Liu, Freeman, Szeliski, Kang, "Noise estimation from a single image", CVPR 2006.

use assay_signal::stats::robust::median;

use crate::blocks::Block;

/// A flat block below this standard deviation has no more than rounding noise.
pub const NOISELESS_SIGMA: f32 = 0.45;
/// Added to standard deviations before the logarithm.
pub const SIGMA_FLOOR: f32 = 0.05;

/// The level in flat areas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Median standard deviation, 8-bit levels.
    pub sigma: f32,
    /// Share of flat blocks with no more than rounding noise.
    pub noiseless: f32,
    /// Median kurtosis of the residual.
    pub kurtosis: f32,
}

/// Measures flat blocks; zeros without any.
#[must_use]
pub fn measure(flat: &[&Block]) -> Level {
    let middle = |value: fn(&Block) -> f32| {
        median(&mut flat.iter().map(|block| value(block)).collect::<Vec<_>>()).unwrap_or(0.0)
    };
    let noiseless = flat.iter().filter(|block| block.sigma < NOISELESS_SIGMA).count();
    Level {
        sigma: middle(|block| block.sigma),
        noiseless: noiseless as f32 / flat.len().max(1) as f32,
        kurtosis: middle(|block| block.kurtosis),
    }
}
