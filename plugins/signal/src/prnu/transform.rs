// SPDX-License-Identifier: MIT OR Apache-2.0
//! The two-dimensional Fourier transform of real planes, kept as its non-redundant half.
//!
//! Two rows go through one complex transform as its real and imaginary part. The half is stored
//! column by column, so that the second transform runs along memory; rows are moved there eight at
//! a time, a cache line of each column.

use std::sync::Arc;

use ndarray::Array2;
use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use crate::Samples;

/// Rows that are moved at once: a cache line of 64 bytes holds as many complex numbers.
const ROWS_AT_ONCE: usize = 8;

/// The half of a spectrum with non-negative frequencies along x: `width / 2 + 1` columns of `height`
/// values, frequency `v` along y fastest. Not normalised.
#[derive(Clone, Debug)]
pub(super) struct Spectrum {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) values: Vec<Complex32>,
}

/// Transforms of planes of one size.
pub(super) struct Transform {
    width: usize,
    height: usize,
    rows: [Arc<dyn Fft<f32>>; 2],
    columns: [Arc<dyn Fft<f32>>; 2],
}

impl Transform {
    /// Plans; both sides are above 0.
    pub(super) fn new(width: usize, height: usize) -> Self {
        let mut planner = FftPlanner::new();
        let mut plan = |side| [planner.plan_fft_forward(side), planner.plan_fft_inverse(side)];
        Self { width, height, rows: plan(width), columns: plan(height) }
    }

    /// The spectrum of a plane of the planned size.
    pub(super) fn forward(&self, plane: &Samples) -> Spectrum {
        let (width, height, columns) = (self.width, self.height, self.width / 2 + 1);
        let samples = plane.as_slice().unwrap_or_default();
        let mut values = vec![Complex32::default(); columns * height];
        let [along_rows, _] = &self.rows;
        let [along_columns, _] = &self.columns;
        let mut scratch = scratch_of(&**along_rows, &**along_columns);
        let mut pairs = vec![Complex32::default(); width * ROWS_AT_ONCE / 2];
        for top in (0..height).step_by(ROWS_AT_ONCE) {
            let count = ROWS_AT_ONCE.min(height - top);
            pairs.fill(Complex32::default());
            for row in 0..count {
                let from = &samples[(top + row) * width..][..width];
                let to = pairs[row / 2 * width..][..width].iter_mut().zip(from);
                if row % 2 == 0 {
                    to.for_each(|(to, &from)| to.re = from);
                } else {
                    to.for_each(|(to, &from)| to.im = from);
                }
            }
            along_rows.process_with_scratch(&mut pairs, &mut scratch);
            for u in 0..columns {
                let column = &mut values[u * height + top..][..count];
                for (two, pair) in column.chunks_mut(2).zip(pairs.chunks_exact(width)) {
                    let (direct, mirrored) = (pair[u], pair[(width - u) % width].conj());
                    let odd = direct - mirrored;
                    // (direct + mirrored) / 2 and (direct - mirrored) / 2i
                    let split = [(direct + mirrored) * 0.5, Complex32::new(odd.im, -odd.re) * 0.5];
                    two.iter_mut().zip(split).for_each(|(to, value)| *to = value);
                }
            }
        }
        along_columns.process_with_scratch(&mut values, &mut scratch);
        Spectrum { width, height, values }
    }

    /// The plane of a spectrum of the planned size, divided by the number of samples.
    pub(super) fn inverse(&self, spectrum: Spectrum) -> Samples {
        let (width, height, columns) = (self.width, self.height, self.width / 2 + 1);
        let mut values = spectrum.values;
        let [_, along_rows] = &self.rows;
        let [_, along_columns] = &self.columns;
        let mut scratch = scratch_of(&**along_rows, &**along_columns);
        along_columns.process_with_scratch(&mut values, &mut scratch);
        let mut plane = Array2::zeros((height, width));
        let samples = plane.as_slice_mut().unwrap_or_default();
        let scale = 1.0 / (width as f32 * height as f32);
        let mut pairs = vec![Complex32::default(); width * ROWS_AT_ONCE / 2];
        for top in (0..height).step_by(ROWS_AT_ONCE) {
            let count = ROWS_AT_ONCE.min(height - top);
            for u in 0..columns {
                let column = &values[u * height + top..][..count];
                for (two, pair) in column.chunks(2).zip(pairs.chunks_exact_mut(width)) {
                    let first = two.first().copied().unwrap_or_default() * scale;
                    let second = two.get(1).copied().unwrap_or_default() * scale;
                    let turned = |value: Complex32| Complex32::new(-value.im, value.re);
                    pair[u] = first + turned(second);
                    if u > 0 && 2 * u < width {
                        pair[width - u] = first.conj() + turned(second.conj());
                    }
                }
            }
            along_rows.process_with_scratch(&mut pairs, &mut scratch);
            for row in 0..count {
                let to = &mut samples[(top + row) * width..][..width];
                let from = to.iter_mut().zip(&pairs[row / 2 * width..][..width]);
                if row % 2 == 0 {
                    from.for_each(|(to, from)| *to = from.re);
                } else {
                    from.for_each(|(to, from)| *to = from.im);
                }
            }
        }
        plane
    }
}

fn scratch_of(a: &dyn Fft<f32>, b: &dyn Fft<f32>) -> Vec<Complex32> {
    let length = a.get_inplace_scratch_len().max(b.get_inplace_scratch_len());
    vec![Complex32::default(); length]
}
