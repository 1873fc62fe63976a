// SPDX-License-Identifier: MIT OR Apache-2.0
//! The averaged log power spectrum that the radial, angular and peak groups read.
//!
//! *What it tests.* The mean over overlapping tiles of `log(P + 1)`, where `P` is the power of the
//! tile under a periodic Hann window.
//!
//! *Why it works.* The logarithm keeps one strong edge from outweighing the other tiles (Welch's
//! average with a geometric mean); one count of power is the rounding of 8-bit samples.
//!
//! *Constants and their source.* 128 px tiles, half overlapping [Welch 1967].
//!
//! *References.* Welch, "The use of fast Fourier transform for the estimation of power spectra",
//! IEEE Trans. Audio 15 (1967).

use ndarray::{s, Array2};
use rustfft::num_complex::Complex32;

use crate::spectrum::PowerSpectrum;
use crate::{avx2_dispatch, Samples};

/// Side of a tile, px.
pub(super) const TILE: usize = 128;
/// Step from tile to tile, px.
const STEP: usize = 64;

/// Plans of the tile transform.
#[derive(Clone, Debug)]
pub struct Spectra {
    plan: PowerSpectrum,
}

impl Spectra {
    pub(super) fn new() -> Self {
        Self { plan: PowerSpectrum::windowed(TILE, TILE) }
    }

    /// Mean log power spectrum of each plane: shape `(128, 65)`, index `[[v, u]]`.
    pub(super) fn mean_log_power(&self, planes: [&Samples; 3]) -> [Array2<f32>; 3] {
        let mut plan = self.plan.clone();
        planes.map(|plane| mean_log_power(plane, &mut plan))
    }
}

fn mean_log_power(plane: &Samples, plan: &mut PowerSpectrum) -> Array2<f32> {
    let (height, width) = plane.dim();
    // One logarithm of a product instead of one a tile: 9 factors below 1e15 stay far below the
    // largest f64.
    let (rows, columns) = plan.shape();
    let mut products = vec![1.0_f64; rows * columns];
    let mut tiles = 0.0;
    for y in (0..=height - TILE).step_by(STEP) {
        for x in (0..=width - TILE).step_by(STEP) {
            let tile = plane.slice(s![y..y + TILE, x..x + TILE]);
            multiply_by_power(&mut products, plan.bins(tile));
            tiles += 1.0;
        }
    }
    let at = |(v, u)| products[u * rows + v];
    Array2::from_shape_fn((rows, columns), |bin| (at(bin).ln() / tiles) as f32)
}

#[inline(always)]
fn multiply_by_power_portable(products: &mut [f64], bins: &[Complex32]) {
    for (product, bin) in products.iter_mut().zip(bins) {
        *product *= f64::from(bin.norm_sqr()) + 1.0;
    }
}

avx2_dispatch! {
    /// Multiplies each product by the power of its bin, plus 1.
    fn multiply_by_power(products: &mut [f64], bins: &[Complex32]) = multiply_by_power_portable
}

/// Frequency of row `v` of a spectrum in cycles per tile, `-63..=64`, without its sign.
pub(super) fn row_frequency(v: usize) -> usize {
    v.min(TILE - v)
}
