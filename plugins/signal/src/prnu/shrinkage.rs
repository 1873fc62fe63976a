// SPDX-License-Identifier: MIT OR Apache-2.0
//! What of a coefficient is noise, by the energy around it.
//!
//! # What it tests
//! Nothing by itself: it keeps of each coefficient the share `s^2 / (v + s^2)` that a Wiener filter
//! takes for noise of variance `s^2`, where `v` estimates the variance of the signal.
//!
//! # Why it works
//! `v = max(0, mean of squares - s^2)` over square windows of several sizes, the least of which is
//! taken: next to an edge a small window sees less of it, in a flat area a large one is steadier.
//!
//! # When it does not apply
//! At the border a window counts what lies outside as 0.
//!
//! # Constants and their source
//! [`SIDES`].
//!
//! # References
//! Mihçak, Kozintsev, Ramchandran, "Spatially adaptive statistical modeling of wavelet image
//! coefficients and its application to denoising", ICASSP 1999; Lukáš, Fridrich, Goljan, "Digital
//! camera identification from sensor pattern noise", IEEE TIFS 2006, appendix A.

use crate::{avx2_dispatch, Samples};

/// Sides of the windows [Lukáš 2006, appendix A, step 2].
const SIDES: [usize; 4] = [3, 5, 7, 9];
/// Coefficients on either side of the centre of the largest window.
const REACH: usize = 4;
/// Rows of the largest window.
const ROWS: usize = 2 * REACH + 1;

/// Sums over columns of each window's height, with [`REACH`] zeros at both ends.
type ColumnSums = [Vec<f32>; SIDES.len()];

/// Replaces each coefficient by its share of noise of this variance, which is above 0.
pub(super) fn keep_noise(plane: &mut Samples, noise_variance: f32) {
    let (height, width) = plane.dim();
    if width == 0 {
        return;
    }
    let samples = plane.as_slice_mut().unwrap_or_default();
    let mut energies: [Vec<f32>; ROWS] = std::array::from_fn(|_| vec![0.0; width + 2 * REACH]);
    let mut sums: ColumnSums = std::array::from_fn(|_| vec![0.0; width + 2 * REACH]);
    let set = |energy: &mut Vec<f32>, row: Option<&[f32]>| match row {
        Some(row) => squares(row, &mut energy[REACH..REACH + width]),
        None => energy.fill(0.0),
    };
    for y in 0..REACH {
        set(&mut energies[REACH + 1 + y], samples.get(y * width..(y + 1) * width));
    }
    for y in 0..height {
        energies.rotate_left(1);
        let below = (y + REACH) * width;
        set(&mut energies[ROWS - 1], samples.get(below..below + width));
        add_columns(&energies, &mut sums);
        shrink(&sums, &mut samples[y * width..][..width], noise_variance);
    }
}

#[inline(always)]
fn squares_portable(row: &[f32], energy: &mut [f32]) {
    energy.iter_mut().zip(row).for_each(|(energy, value)| *energy = value * value);
}

avx2_dispatch! { fn squares(row: &[f32], energy: &mut [f32]) = squares_portable }

#[inline(always)]
fn add_columns_portable(energies: &[Vec<f32>; ROWS], sums: &mut ColumnSums) {
    let length = sums[0].len();
    let rows: [&[f32]; ROWS] = std::array::from_fn(|k| &energies[k][..length]);
    let [three, five, seven, nine] = sums.each_mut().map(|sum| &mut sum[..length]);
    for x in 0..length {
        let inner = rows[3][x] + rows[4][x] + rows[5][x];
        let middle = inner + (rows[2][x] + rows[6][x]);
        let outer = middle + (rows[1][x] + rows[7][x]);
        three[x] = inner;
        five[x] = middle;
        seven[x] = outer;
        nine[x] = outer + (rows[0][x] + rows[8][x]);
    }
}

avx2_dispatch! {
    fn add_columns(energies: &[Vec<f32>; ROWS], sums: &mut ColumnSums)
        = add_columns_portable
}

/// The sum of `SIDE` columns around each place, over the window's area.
#[inline(always)]
fn window_mean<const SIDE: usize>(columns: &[f32; ROWS]) -> f32 {
    let mut sum = 0.0;
    for column in columns.iter().skip(REACH - SIDE / 2).take(SIDE) {
        sum += column;
    }
    sum * (1.0 / (SIDE * SIDE) as f32)
}

#[inline(always)]
fn shrink_portable(sums: &ColumnSums, row: &mut [f32], noise_variance: f32) {
    let width = row.len();
    let columns: [[&[f32]; ROWS]; SIDES.len()] =
        std::array::from_fn(|w| std::array::from_fn(|k| &sums[w][k..][..width]));
    for x in 0..width {
        let around = |w: usize| -> [f32; ROWS] { std::array::from_fn(|k| columns[w][k][x]) };
        let means = [
            window_mean::<3>(&around(0)),
            window_mean::<5>(&around(1)),
            window_mean::<7>(&around(2)),
            window_mean::<9>(&around(3)),
        ];
        let least = means[0].min(means[1]).min(means[2].min(means[3]));
        // max(0, least - s^2) + s^2
        row[x] *= noise_variance / least.max(noise_variance);
    }
}

avx2_dispatch! {
    fn shrink(sums: &ColumnSums, row: &mut [f32], noise_variance: f32)
        = shrink_portable
}
