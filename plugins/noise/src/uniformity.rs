// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether the noise level is the same over the picture.
//!
//! # What it tests
//! The spread of the noise level of flat blocks around what their brightness explains.
//!
//! # Why it works
//! One sensor, one gain, one tone curve: flat blocks of equal brightness have equal noise. A
//! decoder decides anew for each object how grainy it is. The spread is the interquartile range of
//! `ln sigma - expected(brightness)`.
//!
//! # When it does not apply
//! Adaptive denoising and portrait modes of phones vary the level as well; defocused and textured
//! areas that pass for flat widen the spread.
//!
//! # Constants and their source
//! None. Where the level is lower is [`crate::regions`]' business.
//!
//! # References
//! Mahdian, Saic, "Using noise inconsistencies for blind image forensics", Image and Vision
//! Computing 2009.

use assay_signal::stats::robust::quantiles;

use crate::blocks::Block;
use crate::intensity::Intensity;
use crate::level::SIGMA_FLOOR;

fn deviation(block: &Block, line: &Intensity) -> f32 {
    (f64::from(block.sigma + SIGMA_FLOOR).ln() - line.expected(block.mean)) as f32
}

/// Interquartile range of `ln sigma` around the line; 0 without blocks.
#[must_use]
pub fn measure(flat: &[&Block], line: &Intensity) -> f32 {
    let mut deviations: Vec<f32> = flat.iter().map(|block| deviation(block, line)).collect();
    quantiles(&mut deviations, [0.25, 0.75]).map_or(0.0, |[low, high]| high - low)
}
