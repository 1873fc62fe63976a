// SPDX-License-Identifier: MIT OR Apache-2.0
//! Windows, two-dimensional power spectra, and what is read off them.
//!
//! A spectrum of a `width` x `height` tile is kept as its non-redundant half: shape
//! `(height, width / 2 + 1)`, index `[[v, u]]`, frequency `u / width` along x and `v / height`
//! along y, where `v > height / 2` stands for `v - height`. The transform is not normalised: a tile
//! of white noise of variance `s` has the expected power `s * sum(window^2)` in every bin.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2};
use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use crate::{avx2_dispatch, Samples};

/// Returns the periodic Hann window `0.5 - 0.5 cos(2 pi i / length)` [Harris 1978, eq. 27a].
#[must_use]
pub fn hann(length: usize) -> Vec<f32> {
    let step = std::f64::consts::TAU / length as f64;
    (0..length).map(|i| (0.5 - 0.5 * (step * i as f64).cos()) as f32).collect()
}

/// Pairs of rows that are transformed before they are written out as columns: enough to fill a line of
/// the cache.
const PAIRS: usize = 8;

/// Power spectra of tiles of one size. A clone shares the plans and has its own buffers, so a
/// detector can keep one and clone it for each call.
#[derive(Clone)]
pub struct PowerSpectrum {
    width: usize,
    height: usize,
    row_plan: Arc<dyn Fft<f32>>,
    column_plan: Arc<dyn Fft<f32>>,
    row_window: Vec<f32>,
    column_window: Vec<f32>,
    /// Up to [`PAIRS`] transforms of two rows.
    rows: Vec<Complex32>,
    columns: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl std::fmt::Debug for PowerSpectrum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PowerSpectrum {}x{}", self.width, self.height)
    }
}

impl PowerSpectrum {
    /// Plans the transform of `width` x `height` tiles without a window.
    ///
    /// # Panics
    /// If a side is 0.
    #[must_use]
    pub fn rectangular(width: usize, height: usize) -> Self {
        Self::new(vec![1.0; width], vec![1.0; height])
    }

    /// Plans the transform of `width` x `height` tiles under a periodic Hann window along both axes.
    ///
    /// # Panics
    /// If a side is 0.
    #[must_use]
    pub fn windowed(width: usize, height: usize) -> Self {
        Self::new(hann(width), hann(height))
    }

    fn new(row_window: Vec<f32>, column_window: Vec<f32>) -> Self {
        let (width, height) = (row_window.len(), column_window.len());
        assert!(width > 0 && height > 0, "spectrum of a {width}x{height} tile");
        let mut planner = FftPlanner::new();
        let row_plan = planner.plan_fft_forward(width);
        let column_plan = planner.plan_fft_forward(height);
        let scratch = row_plan.get_inplace_scratch_len().max(column_plan.get_inplace_scratch_len());
        let zero = Complex32::new(0.0, 0.0);
        Self {
            width,
            height,
            row_plan,
            column_plan,
            row_window,
            column_window,
            rows: vec![zero; PAIRS * width],
            columns: vec![zero; (width / 2 + 1) * height],
            scratch: vec![zero; scratch],
        }
    }

    /// Shape of the spectra: `(height, width / 2 + 1)`.
    #[must_use]
    pub fn shape(&self) -> (usize, usize) {
        (self.height, self.width / 2 + 1)
    }

    /// Calls `bin(v, u, power)` for every bin of the spectrum of `tile`, after subtracting the
    /// tile's mean and applying the window; column by column, `v` fastest.
    ///
    /// # Panics
    /// If the tile has another size than planned.
    pub fn for_each_bin(
        &mut self,
        tile: ArrayView2<'_, f32>,
        mut bin: impl FnMut(usize, usize, f32),
    ) {
        let height = self.height;
        for (u, column) in self.bins(tile).chunks_exact(height).enumerate() {
            for (v, value) in column.iter().enumerate() {
                bin(v, u, value.norm_sqr());
            }
        }
    }

    /// Returns the power spectrum of `tile`.
    ///
    /// # Panics
    /// If the tile has another size than planned.
    #[must_use]
    pub fn power(&mut self, tile: ArrayView2<'_, f32>) -> Array2<f32> {
        let mut power = Array2::zeros(self.shape());
        self.for_each_bin(tile, |v, u, value| power[[v, u]] = value);
        power
    }

    /// Returns the transform of `tile` after subtracting its mean and applying the window: bin
    /// `(v, u)` at `u * height + v`.
    ///
    /// # Panics
    /// If the tile has another size than planned.
    pub fn bins(&mut self, tile: ArrayView2<'_, f32>) -> &[Complex32] {
        self.transform(tile);
        &self.columns
    }

    /// Rows two at a time as real and imaginary part of one transform, into transposed order; then
    /// the columns.
    fn transform(&mut self, tile: ArrayView2<'_, f32>) {
        let (width, height) = (self.width, self.height);
        assert_eq!(tile.dim(), (height, width), "shape of the tile");
        let tile = tile.as_standard_layout();
        let row = |y: usize| tile.row(y).to_slice().unwrap_or_default();
        let sum: f64 = (0..height).map(|y| sum(row(y))).sum();
        let mean = (sum / (width * height) as f64) as f32;
        for top in (0..height).step_by(2 * PAIRS) {
            let bottom = height.min(top + 2 * PAIRS);
            let pairs = &mut self.rows[..(bottom - top).div_ceil(2) * width];
            for (y, pair) in (top..).step_by(2).zip(pairs.chunks_exact_mut(width)) {
                // An odd last row is paired with itself, without weight.
                let rows = [row(y), row((y + 1).min(height - 1))];
                let weights = [y, y + 1].map(|y| self.column_window.get(y).copied().unwrap_or(0.0));
                load_pair(pair, rows, mean, &self.row_window, weights);
            }
            self.row_plan.process_with_scratch(pairs, &mut self.scratch);
            for (u, column) in self.columns.chunks_exact_mut(height).enumerate() {
                let back = (width - u) % width;
                let (twos, rest) = column[top..bottom].as_chunks_mut::<2>();
                let mut spectra =
                    pairs.chunks_exact(width).map(|pair| separated(pair[u], pair[back]));
                for (to, both) in twos.iter_mut().zip(&mut spectra) {
                    *to = both;
                }
                for (to, [last, _]) in rest.iter_mut().zip(spectra) {
                    *to = last;
                }
            }
        }
        self.column_plan.process_with_scratch(&mut self.columns, &mut self.scratch);
    }
}

/// The sum of a row in lanes, so that it vectorises.
fn sum(row: &[f32]) -> f64 {
    let (lanes, rest) = row.as_chunks::<8>();
    let mut sums = [0.0_f64; 8];
    for lanes in lanes {
        sums.iter_mut().zip(lanes).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    sums.iter().sum::<f64>() + rest.iter().map(|&value| f64::from(value)).sum::<f64>()
}

#[inline(always)]
fn load_pair_portable(
    pair: &mut [Complex32],
    [first, second]: [&[f32]; 2],
    mean: f32,
    window: &[f32],
    weights: [f32; 2],
) {
    for (((to, first), second), window) in pair.iter_mut().zip(first).zip(second).zip(window) {
        let [re, im] = [first, second].map(|value| (value - mean) * window);
        *to = Complex32::new(re * weights[0], im * weights[1]);
    }
}

avx2_dispatch! {
    /// Writes two windowed rows, one as real, one as imaginary part.
    fn load_pair(
        pair: &mut [Complex32],
        rows: [&[f32]; 2],
        mean: f32,
        window: &[f32],
        weights: [f32; 2],
    ) = load_pair_portable
}

/// The spectra of two real rows at a frequency, from that of their pair there and at its negative.
#[inline(always)]
fn separated(direct: Complex32, mirrored: Complex32) -> [Complex32; 2] {
    let mirrored = mirrored.conj();
    let odd = direct - mirrored;
    // The second is odd / 2i.
    [(direct + mirrored) * 0.5, Complex32::new(odd.im, -odd.re) * 0.5]
}

/// The mean of `ln(power + floor)` over tiles. The logarithm keeps one tile with strong content
/// from outweighing the rest.
#[derive(Clone, Debug)]
pub struct LogPowerMean {
    sum: Array2<f32>,
    tiles: usize,
    floor: f32,
}

impl LogPowerMean {
    /// No tile yet. `floor` is added to each power, in squared sample units, so that digital
    /// flatness has a logarithm; it must be positive.
    #[must_use]
    pub fn new(plan: &PowerSpectrum, floor: f32) -> Self {
        Self { sum: Array2::zeros(plan.shape()), tiles: 0, floor }
    }

    /// Adds one tile.
    ///
    /// # Panics
    /// If the tile or the plan has another size than planned at the start.
    pub fn add(&mut self, plan: &mut PowerSpectrum, tile: ArrayView2<'_, f32>) {
        let (sum, floor) = (&mut self.sum, self.floor);
        plan.for_each_bin(tile, |v, u, power| sum[[v, u]] += (power + floor).ln());
        self.tiles += 1;
    }

    /// Tiles added so far.
    #[must_use]
    pub fn tiles(&self) -> usize {
        self.tiles
    }

    /// Returns the mean log power; zeros without a tile.
    #[must_use]
    pub fn mean(&self) -> Array2<f32> {
        self.sum.mapv(|sum| sum / self.tiles.max(1) as f32)
    }
}

/// Returns the top left corners `(x, y)` of at most `most` tiles of `side` x `side` px, spread evenly
/// over a picture and all inside it, in raster order; empty when the picture is smaller than a tile.
///
/// Neighbouring corners are at least `step` px apart, and every corner is a multiple of 8 px, so
/// that a tile keeps the phase of the 2x2 mosaic and of the 8x8 JPEG grid.
#[must_use]
pub fn spread_tiles(
    width: usize,
    height: usize,
    side: usize,
    step: usize,
    most: usize,
) -> Vec<(usize, usize)> {
    if side == 0 || width < side || height < side || most == 0 {
        return Vec::new();
    }
    let step = step.max(8);
    let (free_x, free_y) = ((width - side) / 8 * 8, (height - side) / 8 * 8);
    let (most_columns, most_rows) = (free_x / step + 1, free_y / step + 1);
    let balanced = (most as f64 * width as f64 / height as f64).sqrt().round() as usize;
    let columns = balanced.max(most / most_rows).clamp(1, most_columns.min(most));
    let rows = (most / columns).clamp(1, most_rows);
    let place = |i: usize, count: usize, free: usize| match count {
        1 => free / 16 * 8,
        _ => i * free / (count - 1) / 8 * 8,
    };
    (0..rows)
        .flat_map(|j| {
            (0..columns).map(move |i| (place(i, columns, free_x), place(j, rows, free_y)))
        })
        .collect()
}

/// Returns the frequency of bin `v` of an axis of `length`, cycles per px in `-0.5..=0.5`.
#[must_use]
pub fn frequency(v: usize, length: usize) -> f32 {
    let signed = if v > length / 2 { v as f32 - length as f32 } else { v as f32 };
    signed / length as f32
}

/// Returns the mean of a half spectrum over `bins` rings of equal width that split the radii
/// `0..limit` (cycles per px). DC and radii from `limit` up are left out; a ring without a bin is
/// NaN-free 0. `width` is that of the tile.
#[must_use]
pub fn radial_mean(spectrum: &Array2<f32>, width: usize, bins: usize, limit: f32) -> Vec<f32> {
    let height = spectrum.nrows();
    let mut sums = vec![(0.0_f64, 0.0_f64); bins];
    for ((v, u), &value) in spectrum.indexed_iter() {
        let (x, y) = (u as f32 / width as f32, frequency(v, height));
        let ring = ((x * x + y * y).sqrt() / limit * bins as f32) as usize;
        if ring >= bins || (u, v) == (0, 0) {
            continue;
        }
        // Columns between the first and the last stand for their mirror image too.
        let weight = if u == 0 || 2 * u == width { 1.0 } else { 2.0 };
        sums[ring].0 += weight * f64::from(value);
        sums[ring].1 += weight;
    }
    sums.iter().map(|&(sum, weight)| (sum / weight.max(1.0)) as f32).collect()
}

/// Returns the value of a half spectrum at the bin nearest to the frequency `(x, y)`, cycles per px;
/// any real frequency is folded into the half plane. `width` is that of the tile.
#[must_use]
pub fn sample_at(spectrum: &Array2<f32>, width: usize, x: f32, y: f32) -> f32 {
    let height = spectrum.nrows();
    let u = (x * width as f32).round() as isize;
    let v = (y * height as f32).round() as isize;
    let u = u.rem_euclid(width as isize);
    let (u, v) = if 2 * u > width as isize { (width as isize - u, -v) } else { (u, v) };
    spectrum[[v.rem_euclid(height as isize) as usize, u as usize]]
}

/// Returns the correlation coefficient of a plane with itself moved by `(dx, dy)`, over the pixels
/// where both lie inside; 0 when nothing overlaps or the plane is flat.
#[must_use]
pub fn autocorrelation(plane: &Samples, dx: usize, dy: usize) -> f32 {
    let (height, width) = plane.dim();
    if dx >= width || dy >= height {
        return 0.0;
    }
    let here = plane.slice(ndarray::s![..height - dy, ..width - dx]);
    let moved = plane.slice(ndarray::s![dy.., dx..]);
    correlation(here.iter().copied().zip(moved.iter().copied()))
}

/// Returns Pearson's correlation coefficient of pairs; 0 when there are none or a side is constant.
#[must_use]
pub fn correlation(pairs: impl Iterator<Item = (f32, f32)>) -> f32 {
    let (mut n, mut sum, mut squares, mut product) = (0.0_f64, [0.0_f64; 2], [0.0_f64; 2], 0.0_f64);
    for (a, b) in pairs {
        let (a, b) = (f64::from(a), f64::from(b));
        n += 1.0;
        sum[0] += a;
        sum[1] += b;
        squares[0] += a * a;
        squares[1] += b * b;
        product += a * b;
    }
    let variance = |i: usize| n * squares[i] - sum[i] * sum[i];
    let spread = variance(0) * variance(1);
    // A constant side leaves only rounding in its variance.
    let rounding = 1e-12 * n * n * squares[0].max(squares[1]);
    if n == 0.0 || variance(0) <= rounding || variance(1) <= rounding {
        return 0.0;
    }
    ((n * product - sum[0] * sum[1]) / spread.sqrt()).clamp(-1.0, 1.0) as f32
}
