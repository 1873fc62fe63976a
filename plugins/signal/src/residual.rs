// SPDX-License-Identifier: MIT OR Apache-2.0
//! Residuals: an image minus its prediction. Every residual has the shape of its input and uses
//! [`Border::Mirror`] outside it.

use ndarray::Array2;

use crate::filter::{local_mean, separable, Border, Kernel};
use crate::Samples;

/// Returns each pixel minus the mean of its four neighbours.
#[must_use]
pub fn high_pass(input: &Samples) -> Samples {
    let (height, width) = input.dim();
    let mut output = Array2::zeros((height, width));
    if width == 0 {
        return output;
    }
    let input = input.as_standard_layout();
    let samples = input.as_slice().unwrap_or_default();
    let row_at = |y: usize| &samples[y * width..][..width];
    let rows = output.as_slice_mut().unwrap_or_default().chunks_exact_mut(width);
    for (y, out) in rows.enumerate() {
        let (above, below) = neighbours(y, height);
        let (above, row, below) = (row_at(above), row_at(y), row_at(below));
        // The inside of the row without index checks, so that it vectorises; then its two ends.
        let beside = row.iter().zip(row.get(2..).unwrap_or_default());
        let inside = out.iter_mut().zip(row).zip(above).zip(below).skip(1);
        for ((((out, &centre), &above), &below), (&left, &right)) in inside.zip(beside) {
            *out = centre - 0.25 * (above + below + left + right);
        }
        for x in [0, width - 1] {
            let (left, right) = neighbours(x, width);
            out[x] = row[x] - 0.25 * (above[x] + below[x] + row[left] + row[right]);
        }
    }
    output
}

/// Returns each pixel minus its 5x5 binomial mean (`[1 4 6 4 1] / 16` along both axes).
#[must_use]
pub fn binomial_5(input: &Samples) -> Samples {
    input - separable(input, Kernel::BINOMIAL_5, Border::Mirror)
}

/// Returns each pixel minus the median of the 3x3 window around it.
#[must_use]
pub fn median_3(input: &Samples) -> Samples {
    let (height, width) = input.dim();
    let mut output = Array2::zeros((height, width));
    for (y, mut out) in output.outer_iter_mut().enumerate() {
        let (above, below) = neighbours(y, height);
        let rows = [input.row(above), input.row(y), input.row(below)];
        for x in 0..width {
            let (left, right) = neighbours(x, width);
            let window = [left, x, right].map(|x| rows.map(|row| row[x]));
            out[x] = rows[1][x] - median_of_9(window);
        }
    }
    output
}

/// Returns each pixel minus its local Wiener estimate.
///
/// The estimate is `mean + max(variance - noise_variance, 0) / max(variance, noise_variance) *
/// (x - mean)` with mean and variance over the `(2 radius + 1)^2` window [Lim 1990, Two-Dimensional
/// Signal and Image Processing, eq. 9.27]: flat places keep their noise in the residual, edges
/// leave little there. `noise_variance` is in squared sample units and must be positive.
#[must_use]
pub fn wiener(input: &Samples, radius: usize, noise_variance: f32) -> Samples {
    let mean = local_mean(input, radius, Border::Mirror);
    let mean_square = local_mean(&input.mapv(|x| x * x), radius, Border::Mirror);
    let mut output = input - &mean;
    ndarray::Zip::from(&mut output).and(&mean).and(&mean_square).for_each(
        |out, &mean, &mean_square| {
            let variance = (mean_square - mean * mean).max(0.0);
            let gain = (variance - noise_variance).max(0.0) / variance.max(noise_variance);
            *out *= 1.0 - gain;
        },
    );
    output
}

/// The indices before and after `index`, mirrored at the ends.
fn neighbours(index: usize, length: usize) -> (usize, usize) {
    let before = if index == 0 { 1.min(length - 1) } else { index - 1 };
    let after = if index + 1 == length { length.saturating_sub(2) } else { index + 1 };
    (before, after)
}

/// The median of nine: of the largest minimum, the middle median and the smallest maximum of three
/// sorted columns.
#[inline]
fn median_of_9(columns: [[f32; 3]; 3]) -> f32 {
    let [a, b, c] = columns.map(sorted_3);
    let low = a[0].max(b[0]).max(c[0]);
    let middle = sorted_3([a[1], b[1], c[1]])[1];
    let high = a[2].min(b[2]).min(c[2]);
    sorted_3([low, middle, high])[1]
}

#[inline]
fn sorted_3([a, b, c]: [f32; 3]) -> [f32; 3] {
    let (low, high) = (a.min(b), a.max(b));
    [low.min(c), high.min(low.max(c)), high.max(c)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_ramp_leaves_no_residual_inside() {
        let ramp = Array2::from_shape_fn((9, 11), |(y, x)| 3.0 * x as f32 + 2.0 * y as f32);
        for residual in [high_pass(&ramp), binomial_5(&ramp), median_3(&ramp)] {
            let inside = residual.slice(ndarray::s![2..7, 2..9]);
            assert!(inside.iter().all(|r| r.abs() < 1e-4), "{inside}");
        }
    }

    #[test]
    fn a_single_bright_pixel_stays_whole_in_the_median_residual() {
        let mut plane = Array2::from_elem((7, 7), 10.0);
        plane[[3, 3]] = 50.0;
        assert_eq!(median_3(&plane)[[3, 3]], 40.0);
        assert_eq!(high_pass(&plane)[[3, 3]], 40.0);
        assert_eq!(high_pass(&plane)[[3, 4]], -10.0);
        assert_eq!(binomial_5(&plane)[[3, 3]], 40.0 * (1.0 - 0.375 * 0.375));
    }

    #[test]
    fn wiener_keeps_weak_noise_and_leaves_strong_edges_out() {
        let noisy =
            Array2::from_shape_fn((32, 32), |(y, x)| 100.0 + ((x * 7 + y * 13) % 5) as f32 - 2.0);
        let kept = wiener(&noisy, 2, 100.0);
        let whole = &noisy - &local_mean(&noisy, 2, Border::Mirror);
        assert_eq!(kept, whole);
        let edge = Array2::from_shape_fn((32, 32), |(_, x)| if x < 16 { 0.0 } else { 200.0 });
        assert!(wiener(&edge, 2, 4.0).iter().all(|r| r.abs() < 0.1));
    }
}
