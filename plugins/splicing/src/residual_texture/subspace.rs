// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a histogram to the few directions in which pictures differ and places of one do not.
//!
//! Square roots of relative frequencies, less what texture and brightness explain: a regression on
//! the logarithm of the mean residual and on the mean sample. What is left is projected on the
//! directions with the largest ratio of the variance between pictures to that within a picture
//! (linear discriminants). Regression and directions are [`super::table`].

use assay_signal::avx2_dispatch;

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
    let mut vector = [0.0; DIMENSIONS];
    weigh(&frequencies(counts), &explaining(counts), &mut vector);
    vector
}

/// Square root of the relative frequency of each pattern.
pub(super) fn frequencies(counts: &Counts) -> [f64; BINS] {
    let mut frequencies = [0.0; BINS];
    roots(&counts.bins, 2.0 * f64::from(counts.pixels.max(1)), &mut frequencies);
    frequencies
}

#[inline(always)]
fn roots_portable(bins: &[u32; BINS], total: f64, roots: &mut [f64; BINS]) {
    for (root, &bin) in roots.iter_mut().zip(bins) {
        *root = (f64::from(bin) / total).sqrt();
    }
}

#[inline(always)]
fn weigh_portable(frequencies: &[f64; BINS], explaining: &[f64; EXPLAINING], vector: &mut Vector) {
    let (mut measured, mut explained) = ([0.0; DIMENSIONS], [0.0; DIMENSIONS]);
    for (frequency, row) in frequencies.iter().zip(&DIRECTIONS) {
        measured.iter_mut().zip(row).for_each(|(sum, weight)| *sum += frequency * weight);
    }
    for (value, row) in explaining.iter().zip(&EXPLAINED) {
        explained.iter_mut().zip(row).for_each(|(sum, weight)| *sum += value * weight);
    }
    for (i, to) in vector.iter_mut().enumerate() {
        *to = measured[i] - explained[i];
    }
}

avx2_dispatch! {
    /// Square roots of shares of the total.
    fn roots(bins: &[u32; BINS], total: f64, roots: &mut [f64; BINS]) = roots_portable
}
avx2_dispatch! {
    /// What was measured along each direction, less what is explained.
    fn weigh(
        frequencies: &[f64; BINS],
        explaining: &[f64; EXPLAINING],
        vector: &mut Vector,
    ) = weigh_portable
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
