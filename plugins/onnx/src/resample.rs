// SPDX-License-Identifier: MIT OR Apache-2.0
//! Resizing as Pillow does it, to the bit.
//!
//! *Why.* A network that was trained on pictures which torchvision resized answers otherwise on pictures
//! that are resized in another way; libraries differ in what they do when shrinking.
//!
//! *How.* Columns, then rows; a kernel that widens with the shrinking; weights in fixed point, and 8 bits
//! between the two passes [Pillow, `src/libImaging/Resample.c`].

use assay_plugin_api::prelude::*;

use crate::manifest::Interpolation;

/// Bits of a weight behind the point [Pillow, `PRECISION_BITS`].
const PRECISION_BITS: u32 = 32 - 8 - 2;

/// 8-bit RGB samples, row-major, without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Columns, px.
    pub width: usize,
    /// Rows, px.
    pub height: usize,
    /// `width * height * 3` samples.
    pub samples: Vec<u8>,
}

/// The samples that one sample of the result is made of, and their weights.
struct Window {
    first: usize,
    weights: Vec<i64>,
}

/// Resizes a picture to `width` x `height` px, both at least 1.
///
/// # Errors
/// `Cancelled` where nobody waits any more.
pub fn resize(
    picture: &Rgb8<'_>,
    width: usize,
    height: usize,
    kernel: Interpolation,
    evidence: &Evidence<'_>,
) -> Result<Pixels, NoScore> {
    let columns = windows(picture.width(), width, kernel);
    let mut narrow = Vec::with_capacity(width * picture.height() * 3);
    for (number, row) in picture.rows().enumerate() {
        if number % 64 == 0 {
            evidence.check_cancelled()?;
        }
        match picture.width() == width {
            true => narrow.extend_from_slice(row),
            false => narrow.extend(columns.iter().flat_map(|window| across(row, window))),
        }
    }
    let stride = width * 3;
    if picture.height() == height {
        return Ok(Pixels { width, height, samples: narrow });
    }
    let mut samples = Vec::with_capacity(stride * height);
    for window in windows(picture.height(), height, kernel) {
        evidence.check_cancelled()?;
        let mut sums = vec![HALF; stride];
        let rows = narrow.chunks_exact(stride).skip(window.first);
        for (row, weight) in rows.zip(&window.weights) {
            for (sum, &sample) in sums.iter_mut().zip(row) {
                *sum += i64::from(sample) * weight;
            }
        }
        samples.extend(sums.into_iter().map(clipped));
    }
    Ok(Pixels { width, height, samples })
}

/// One half in fixed point, so that what follows rounds.
const HALF: i64 = 1 << (PRECISION_BITS - 1);

fn clipped(sum: i64) -> u8 {
    u8::try_from((sum >> PRECISION_BITS).clamp(0, 255)).unwrap_or(u8::MAX)
}

/// One pixel of a row.
fn across(row: &[u8], window: &Window) -> [u8; 3] {
    let mut sums = [HALF; 3];
    let pixels = row.as_chunks::<3>().0.iter().skip(window.first);
    for (pixel, weight) in pixels.zip(&window.weights) {
        for (sum, &sample) in sums.iter_mut().zip(pixel) {
            *sum += i64::from(sample) * weight;
        }
    }
    sums.map(clipped)
}

/// The windows of `to` samples over `from` samples [Pillow, `precompute_coeffs`].
fn windows(from: usize, to: usize, kernel: Interpolation) -> Vec<Window> {
    let scale = from as f64 / to as f64;
    let widening = scale.max(1.0);
    let support = support(kernel) * widening;
    let window = |index: usize| {
        let centre = (index as f64 + 0.5) * scale;
        let first = (centre - support + 0.5).max(0.0) as usize;
        let end = ((centre + support + 0.5) as usize).min(from);
        let weights: Vec<f64> =
            (first..end).map(|at| weight(kernel, (at as f64 - centre + 0.5) / widening)).collect();
        let sum: f64 = weights.iter().sum();
        let fixed = |weight: &f64| {
            let scaled = weight / sum * f64::from(1 << PRECISION_BITS);
            (scaled + 0.5_f64.copysign(scaled)) as i64
        };
        Window { first, weights: weights.iter().map(fixed).collect() }
    };
    (0..to).map(window).collect()
}

/// Half the width of a kernel, samples.
fn support(kernel: Interpolation) -> f64 {
    match kernel {
        Interpolation::Bilinear => 1.0,
        Interpolation::Bicubic => 2.0,
    }
}

/// A kernel's value at a distance [Keys, IEEE TASSP 1981, a = -0.5, for the cubic one].
fn weight(kernel: Interpolation, distance: f64) -> f64 {
    const A: f64 = -0.5;
    let x = distance.abs();
    match kernel {
        Interpolation::Bilinear => (1.0 - x).max(0.0),
        Interpolation::Bicubic if x < 1.0 => ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0,
        Interpolation::Bicubic if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * A,
        Interpolation::Bicubic => 0.0,
    }
}
