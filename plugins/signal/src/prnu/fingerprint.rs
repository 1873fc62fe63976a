// SPDX-License-Identifier: MIT OR Apache-2.0
//! The fingerprint of a camera, estimated from its pictures.
//!
//! # What it tests
//! Nothing by itself: it is what other pictures are compared with.
//!
//! # Why it works
//! Each photosite turns light into charge by a factor of its own, `1 + K`. With residuals `W_i` and
//! weights `I_i` of pictures on the same pixel grid, the most likely pattern is
//! `K = sum(W_i I_i) / (sum(I_i^2) + 1)`.
//!
//! # When it does not apply
//! Pictures that were resized, cropped, turned or warped do not share a grid. Few or dark pictures
//! leave noise in the estimate; scenes that repeat leave the scene.
//!
//! # Constants and their source
//! The 1 in the divisor [Chen 2008's toolbox] keeps pixels that were never lit near 0.
//!
//! # References
//! Chen, Fridrich, Goljan, Lukáš, IEEE TIFS 2008, equation 6.

use super::cleaning::cleaned;
use super::denoise::residual;
use super::weight::weights;
use super::LumaPlane;
use crate::Samples;

/// Added to the sum of squared weights [Chen 2008's toolbox].
const DIVISOR_FLOOR: f32 = 1.0;

/// A residual times its weights: what is correlated with a fingerprint, before it is cleaned.
#[must_use]
pub fn weighted_residual(luma: LumaPlane<'_>) -> Samples {
    let mut product = residual(luma);
    product *= &weights(luma);
    product
}

/// A fingerprint in the making.
#[derive(Clone, Debug)]
pub struct Estimator {
    numerator: Samples,
    denominator: Samples,
    pictures: u32,
}

impl Estimator {
    /// No picture yet, of a grid of this size, px.
    #[must_use]
    pub fn new(width: usize, height: usize) -> Self {
        let zeros = || Samples::zeros((height, width));
        Self { numerator: zeros(), denominator: zeros(), pictures: 0 }
    }

    /// Adds a picture; `false`, and nothing added, when it has another size.
    pub fn add(&mut self, luma: LumaPlane<'_>) -> bool {
        if (luma.height(), luma.width()) != self.numerator.dim() {
            return false;
        }
        let weights = weights(luma);
        let mut product = residual(luma);
        product *= &weights;
        self.numerator += &product;
        ndarray::Zip::from(&mut self.denominator)
            .and(&weights)
            .for_each(|sum, &weight| *sum += weight * weight);
        self.pictures = self.pictures.saturating_add(1);
        true
    }

    /// Pictures added so far.
    #[must_use]
    pub fn pictures(&self) -> u32 {
        self.pictures
    }

    /// The pattern, cleaned, of all pictures but this one, which was added.
    #[must_use]
    pub fn pattern_without(&self, luma: LumaPlane<'_>) -> Samples {
        let weights = weights(luma);
        let product = residual(luma) * &weights;
        let mut rest = self.clone();
        rest.numerator -= &product;
        ndarray::Zip::from(&mut rest.denominator)
            .and(&weights)
            .for_each(|sum, &weight| *sum = (*sum - weight * weight).max(0.0));
        rest.finish()
    }

    /// The pattern, cleaned.
    #[must_use]
    pub fn finish(mut self) -> Samples {
        ndarray::Zip::from(&mut self.numerator)
            .and(&self.denominator)
            .for_each(|sum, &squares| *sum /= squares + DIVISOR_FLOOR);
        drop(self.denominator);
        cleaned(self.numerator)
    }
}
