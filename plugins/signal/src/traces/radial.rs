// SPDX-License-Identifier: MIT OR Apache-2.0
//! `spec`: the shape of the radial spectrum.
//!
//! *What it tests.* The mean log power in 20 rings of frequency, minus the mean of the rings 2 to
//! 19: the fall-off with frequency, without its level.
//!
//! *Why it works.* Decoders reproduce the spectrum's fall-off badly near the Nyquist frequency:
//! too much or too little power there against what optics and sensor noise leave.
//!
//! *When it does not apply.* Resampling and strong JPEG compression set the high rings themselves.
//!
//! *Constants and their source.* Rings of 4.48 cycles a tile between 1 and 90.6 = 64 sqrt 2.
//!
//! *References.* Durall et al., "Watch your up-convolution", CVPR 2020; Dzanic et al., "Fourier
//! spectrum discrepancies in deep network generated images", NeurIPS 2020.

use std::sync::LazyLock;

use ndarray::Array2;

use super::spectra::{row_frequency, TILE};

/// Rings.
pub(super) const RINGS: usize = 20;
/// First ring of the mean that is taken off: the lower two are the scene.
const FIRST_LEVEL_RING: usize = 2;
/// Largest radius of the square of frequencies, cycles a tile, as the training fixed it.
const LARGEST_RADIUS: f32 = 90.6;

/// The ring of each bin, row by row; none for DC.
static RING_OF_BIN: LazyLock<Vec<Option<u8>>> = LazyLock::new(|| {
    let bins = (0..TILE).flat_map(|v| (0..=TILE / 2).map(move |u| (v, u)));
    let ring = bins.map(|(v, u)| {
        let radius = (row_frequency(v) as f32).hypot(u as f32);
        let ring = ((radius - 1.0) / (LARGEST_RADIUS - 1.0) * RINGS as f32) as usize;
        (radius >= 1.0).then_some(ring.min(RINGS - 1) as u8)
    });
    ring.collect()
});

pub(super) fn push(spectrum: &Array2<f32>, values: &mut Vec<f32>) {
    let mut rings = [(0.0_f64, 0.0_f64); RINGS];
    for (ring, &value) in RING_OF_BIN.iter().zip(spectrum) {
        let Some((sum, count)) = ring.and_then(|ring| rings.get_mut(usize::from(ring))) else {
            continue;
        };
        *sum += f64::from(value);
        *count += 1.0;
    }
    let means = rings.map(|(sum, count)| sum / count);
    let upper = &means[FIRST_LEVEL_RING..];
    let level = upper.iter().sum::<f64>() / upper.len() as f64;
    values.extend(means.map(|mean| (mean - level) as f32));
}

pub(super) fn names() -> Vec<String> {
    (0..RINGS).map(|ring| format!("r{ring}")).collect()
}
