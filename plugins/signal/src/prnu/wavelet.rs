// SPDX-License-Identifier: MIT OR Apache-2.0
//! The orthogonal wavelet transform with Daubechies' filter of four vanishing moments (`db4`).
//!
//! One level halves both axes: `out[o] = sum_j filter[j] x[2 o + 1 - j]`, so a side of `n` becomes
//! `(n + 7) / 2`. Outside the plane it is mirrored with the outermost sample repeated
//! (`b a | a b c`), which is the mode `symmetric` of PyWavelets, to whose coefficients these are
//! equal but for rounding. Rows are filtered eight at a time and each result is split along the row
//! at once, so that a plane is read once a level.
//!
//! # References
//! Daubechies, *Ten Lectures on Wavelets*, SIAM 1992, table 6.1 (N = 4).

use ndarray::Array2;

use super::LumaPlane;
use crate::{avx2_dispatch, Samples};

/// Taps of each filter.
const TAPS: usize = 8;
/// Samples before the first that the first output needs.
const LEAD: usize = TAPS - 2;
/// Taps that meet samples of one parity.
const HALF: usize = TAPS / 2;
/// Low-pass filter of the synthesis [Daubechies 1992, table 6.1].
const SYNTHESIS_LOW: [f32; TAPS] = [
    0.230_377_81,
    0.714_846_55,
    0.630_880_8,
    -0.027_983_77,
    -0.187_034_82,
    0.030_841_382,
    0.032_883_01,
    -0.010_597_402,
];

/// The high-pass filter of the synthesis: the low-pass one backwards with every other sign changed.
const fn synthesis_high() -> [f32; TAPS] {
    let mut high = [0.0; TAPS];
    let mut at = 0;
    while at < TAPS {
        let sign = if at % 2 == 0 { 1.0 } else { -1.0 };
        high[at] = sign * SYNTHESIS_LOW[TAPS - 1 - at];
        at += 1;
    }
    high
}

const SYNTHESIS_HIGH: [f32; TAPS] = synthesis_high();
/// The weights of `x[2 o - 6 + k]` in `out[o]`: the filters of the analysis backwards, and so those of
/// the synthesis as they stand.
const ANALYSIS_LOW: [f32; TAPS] = SYNTHESIS_LOW;
const ANALYSIS_HIGH: [f32; TAPS] = SYNTHESIS_HIGH;

/// One level of a decomposition.
pub(super) struct Level {
    /// What is left for the next level: low along both axes.
    pub(super) approximation: Samples,
    /// Low along rows and high along columns, high and low, high and high.
    pub(super) details: [Samples; 3],
}

/// The length of a side one level up.
fn halved(length: usize) -> usize {
    (length + TAPS - 1) / 2
}

/// The index within `0..length` that stands for `index - LEAD`.
fn mirrored(index: usize, length: usize) -> usize {
    let period = 2 * length as isize;
    let folded = (index as isize - LEAD as isize).rem_euclid(period);
    folded.min(period - 1 - folded) as usize
}

/// Splits a picture.
pub(super) fn analyse_luma(luma: LumaPlane<'_>) -> Level {
    analyse(luma.height(), luma.width(), |y, row| {
        row.iter_mut().zip(luma.row(y)).for_each(|(to, &from)| *to = f32::from(from));
    })
}

/// Splits a plane.
pub(super) fn analyse_plane(plane: &Samples) -> Level {
    let (height, width) = plane.dim();
    let samples = plane.as_slice().unwrap_or_default();
    analyse(height, width, |y, row| row.copy_from_slice(&samples[y * width..][..width]))
}

/// Splits rows that `fill` gives.
fn analyse(height: usize, width: usize, fill: impl Fn(usize, &mut [f32])) -> Level {
    let (rows, columns) = (halved(height), halved(width));
    let mut planes: [Samples; 4] = std::array::from_fn(|_| Array2::zeros((rows, columns)));
    let mut window: [Vec<f32>; TAPS] = std::array::from_fn(|_| vec![0.0; width]);
    for (at, row) in window.iter_mut().enumerate().take(LEAD) {
        fill(mirrored(at, height), row);
    }
    let (mut low, mut high) = (vec![0.0; width], vec![0.0; width]);
    let mut phases = Phases::new(columns);
    for y in 0..rows {
        for (at, row) in window.iter_mut().enumerate().skip(LEAD) {
            fill(mirrored(2 * y + at, height), row);
        }
        mix_rows(&window, &mut low, &mut high);
        let [low_low, low_high, high_low, high_high] = &mut planes;
        phases.split(&low, row_of(low_low, y), row_of(high_low, y));
        phases.split(&high, row_of(low_high, y), row_of(high_high, y));
        window.rotate_left(2);
    }
    let [approximation, low_high, high_low, high_high] = planes;
    Level { approximation, details: [low_high, high_low, high_high] }
}

/// Row `y` of a plane in standard layout.
fn row_of(plane: &mut Samples, y: usize) -> &mut [f32] {
    let width = plane.ncols();
    &mut plane.as_slice_mut().unwrap_or_default()[y * width..][..width]
}

/// A mirrored row, its even and its odd samples apart.
struct Phases {
    even: Vec<f32>,
    odd: Vec<f32>,
}

impl Phases {
    fn new(columns: usize) -> Self {
        let length = columns + HALF - 1;
        Self { even: vec![0.0; length], odd: vec![0.0; length] }
    }

    fn split(&mut self, row: &[f32], low: &mut [f32], high: &mut [f32]) {
        let (first, pairs) = (LEAD / 2, row.as_chunks::<2>().0);
        let inside = self.even[first..].iter_mut().zip(&mut self.odd[first..]);
        for ((even, odd), pair) in inside.zip(pairs) {
            [*even, *odd] = *pair;
        }
        for k in (0..first).chain(first + pairs.len()..self.even.len()) {
            self.even[k] = row[mirrored(2 * k, row.len())];
            self.odd[k] = row[mirrored(2 * k + 1, row.len())];
        }
        split_row(&self.even, &self.odd, low, high);
    }
}

#[inline(always)]
fn mix_rows_portable(window: &[Vec<f32>; TAPS], low: &mut [f32], high: &mut [f32]) {
    let width = low.len();
    let high = &mut high[..width];
    let rows: [&[f32]; TAPS] = std::array::from_fn(|k| &window[k][..width]);
    for x in 0..width {
        let (mut lows, mut highs) = (0.0, 0.0);
        for k in 0..TAPS {
            lows += ANALYSIS_LOW[k] * rows[k][x];
            highs += ANALYSIS_HIGH[k] * rows[k][x];
        }
        (low[x], high[x]) = (lows, highs);
    }
}

avx2_dispatch! {
    fn mix_rows(window: &[Vec<f32>; TAPS], low: &mut [f32], high: &mut [f32])
        = mix_rows_portable
}

#[inline(always)]
fn split_row_portable(even: &[f32], odd: &[f32], low: &mut [f32], high: &mut [f32]) {
    let columns = low.len();
    let high = &mut high[..columns];
    let even: [&[f32]; HALF] = std::array::from_fn(|k| &even[k..][..columns]);
    let odd: [&[f32]; HALF] = std::array::from_fn(|k| &odd[k..][..columns]);
    for x in 0..columns {
        let (mut lows, mut highs) = (0.0, 0.0);
        for k in 0..HALF {
            lows += ANALYSIS_LOW[2 * k] * even[k][x] + ANALYSIS_LOW[2 * k + 1] * odd[k][x];
            highs += ANALYSIS_HIGH[2 * k] * even[k][x] + ANALYSIS_HIGH[2 * k + 1] * odd[k][x];
        }
        (low[x], high[x]) = (lows, highs);
    }
}

avx2_dispatch! {
    fn split_row(even: &[f32], odd: &[f32], low: &mut [f32], high: &mut [f32])
        = split_row_portable
}

/// Joins what [`analyse_luma`] or [`analyse_plane`] split from a plane of this shape. The approximation
/// and the details have one shape.
pub(super) fn synthesise(
    approximation: &Samples,
    details: &[Samples; 3],
    (height, width): (usize, usize),
) -> Samples {
    let columns = approximation.ncols();
    let mut output = Array2::zeros((height, width));
    let mut mixed: [Vec<f32>; 4] = std::array::from_fn(|_| vec![0.0; columns]);
    let mut halves: [Vec<f32>; 2] = std::array::from_fn(|_| vec![0.0; width.div_ceil(2)]);
    let [low_low, low_high, high_low, high_high] =
        [approximation, &details[0], &details[1], &details[2]]
            .map(|plane| plane.as_slice().unwrap_or_default());
    for pair in 0..height.div_ceil(2) {
        let rows = |plane| four(plane, columns, pair, columns);
        let [low_even, low_odd, high_even, high_odd] = &mut mixed;
        join(rows(low_low), rows(low_high), low_even, low_odd);
        join(rows(high_low), rows(high_high), high_even, high_odd);
        for (y, low, high) in [(2 * pair, low_even, high_even), (2 * pair + 1, low_odd, high_odd)] {
            if y < height {
                let [even, odd] = &mut halves;
                let length = even.len();
                join(four(low, 1, 0, length), four(high, 1, 0, length), even, odd);
                let pairs = even.iter().zip(&*odd);
                for (out, (even, odd)) in row_of(&mut output, y).chunks_mut(2).zip(pairs) {
                    out.iter_mut().zip([even, odd]).for_each(|(out, value)| *out = *value);
                }
            }
        }
    }
    output
}

/// Four pieces of `length` samples, `step` apart, from the `first` step on.
fn four(samples: &[f32], step: usize, first: usize, length: usize) -> [&[f32]; HALF] {
    std::array::from_fn(|k| &samples[(first + k) * step..][..length])
}

#[inline(always)]
fn join_portable(low: [&[f32]; HALF], high: [&[f32]; HALF], even: &mut [f32], odd: &mut [f32]) {
    let width = even.len();
    let odd = &mut odd[..width];
    let low: [&[f32]; HALF] = low.map(|row| &row[..width]);
    let high: [&[f32]; HALF] = high.map(|row| &row[..width]);
    for x in 0..width {
        let (mut evens, mut odds) = (0.0, 0.0);
        for k in 0..HALF {
            let tap = 2 * (HALF - 1 - k);
            evens += SYNTHESIS_LOW[tap] * low[k][x] + SYNTHESIS_HIGH[tap] * high[k][x];
            odds += SYNTHESIS_LOW[tap + 1] * low[k][x] + SYNTHESIS_HIGH[tap + 1] * high[k][x];
        }
        (even[x], odd[x]) = (evens, odds);
    }
}

avx2_dispatch! {
    fn join(low: [&[f32]; HALF], high: [&[f32]; HALF], even: &mut [f32], odd: &mut [f32])
        = join_portable
}
