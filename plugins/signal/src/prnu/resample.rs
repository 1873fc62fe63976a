// SPDX-License-Identifier: MIT OR Apache-2.0
//! A fingerprint as a camera's picture would show it after it was resized.
//!
//! Keys' cubic kernel along both axes, widened by the factor when the plane shrinks, as programs do
//! that resize pictures; samples beyond the border do not count. The centre of the plane stays the
//! centre.
//!
//! # References
//! Keys, "Cubic convolution interpolation for digital image processing", IEEE TASSP 1981 (a = -1/2).

use ndarray::Array2;

use crate::Samples;

/// Half the width of the kernel, samples of the coarser grid [Keys 1981].
const RADIUS: f64 = 2.0;

/// What one output sample is made of.
struct Mix {
    first: usize,
    weights: Vec<f32>,
}

/// Returns the plane on a grid of `width` x `height`; zeros when either plane is empty.
#[must_use]
pub fn resampled(plane: &Samples, width: usize, height: usize) -> Samples {
    let (rows, columns) = plane.dim();
    let mut output = Array2::zeros((height, width));
    if rows == 0 || columns == 0 || width == 0 {
        return output;
    }
    let across = mixes(columns, width);
    let mut narrow = Array2::zeros((rows, width));
    for (from, mut to) in plane.outer_iter().zip(narrow.outer_iter_mut()) {
        let from = from.as_slice().unwrap_or_default();
        for (to, mix) in to.iter_mut().zip(&across) {
            let samples = from.iter().skip(mix.first).zip(&mix.weights);
            *to = samples.map(|(sample, weight)| sample * weight).sum();
        }
    }
    for (mut to, mix) in output.outer_iter_mut().zip(mixes(rows, height)) {
        for (row, &weight) in mix.weights.iter().enumerate() {
            to.scaled_add(weight, &narrow.row(mix.first + row));
        }
    }
    output
}

fn mixes(from: usize, to: usize) -> Vec<Mix> {
    let step = from as f64 / to as f64;
    let spread = step.max(1.0);
    let mix = |at: usize| {
        let centre = (at as f64 + 0.5) * step - 0.5;
        let first = (centre - RADIUS * spread).ceil().max(0.0) as usize;
        let last = ((centre + RADIUS * spread).floor().max(0.0) as usize).min(from - 1);
        let weights = (first..=last).map(|i| keys((i as f64 - centre) / spread));
        let weights: Vec<f64> = weights.collect();
        let sum: f64 = weights.iter().sum();
        Mix { first, weights: weights.iter().map(|weight| (weight / sum) as f32).collect() }
    };
    (0..to).map(mix).collect()
}

/// Keys' kernel with `a = -1/2`.
fn keys(x: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < RADIUS {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}
