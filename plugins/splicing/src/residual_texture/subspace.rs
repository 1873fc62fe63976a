// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a histogram to the few directions in which pictures differ and places of one do not.
//!
//! Square roots of relative frequencies, less what texture and brightness explain: a regression on
//! the logarithm of the mean residual and on the mean sample. What is left is projected on the
//! directions with the largest ratio of the variance between pictures to that within a picture
//! (linear discriminants). Regression and directions are [`super::table`].

use super::histograms::{Counts, BINS};
use super::table::{DIRECTIONS, EXPLAINED};

/// Directions that are kept.
pub(super) const DIMENSIONS: usize = 8;
/// Functions of texture and brightness.
pub(super) const EXPLAINING: usize = 7;

/// A block's place along the directions, in standard deviations within a picture.
pub(super) type Vector = [f64; DIMENSIONS];

/// Projects what was counted in a block with at least one pixel.
pub(super) fn project(counts: &Counts) -> Vector {
    let (frequencies, explaining) = (frequencies(counts), explaining(counts));
    std::array::from_fn(|direction| {
        let measured = frequencies.iter().zip(&DIRECTIONS).map(|(f, row)| f * row[direction]);
        let explained = explaining.iter().zip(&EXPLAINED).map(|(e, row)| e * row[direction]);
        measured.sum::<f64>() - explained.sum::<f64>()
    })
}

/// Square root of the relative frequency of each pattern.
pub(super) fn frequencies(counts: &Counts) -> [f64; BINS] {
    let pixels = f64::from(counts.pixels.max(1));
    counts.bins.map(|bin| (f64::from(bin) / (2.0 * pixels)).sqrt())
}

/// The functions of texture and brightness that frequencies are regressed on.
pub(super) fn explaining(counts: &Counts) -> [f64; EXPLAINING] {
    let texture = texture(counts);
    let light = (f64::from(counts.brightness) / f64::from(counts.pixels.max(1)) - 128.0) / 64.0;
    let (texture_2, light_2) = (texture * texture, light * light);
    [1.0, texture, texture_2, texture_2 * texture, light, light_2, texture * light]
}

/// Logarithm of a block's mean residual, with half a level so that it is finite.
pub(super) fn texture(counts: &Counts) -> f64 {
    (f64::from(counts.activity) / f64::from(counts.pixels.max(1)) + 0.5).ln()
}
