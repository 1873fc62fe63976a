// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much of a peak a JPEG's own quantisation explains.
//!
//! # What it tests
//! What coding with the file's luma table adds at the frequencies of the 8x8 lattice.
//!
//! # Why it works
//! Coding blocks of 8x8 px leaves steps at their borders, which are larger the coarser the table is
//! and depend on the content. Both are there to be measured: a part of the decoded picture, moved by
//! half a block so that its old borders lie inside the new blocks, is quantised with the same table,
//! and what that adds is the error of one more coding. Its power at multiples of 1/8 cycle per px,
//! over the natural power there, is what the grid is expected to add. A generator's lattice counts
//! only beyond [`MARGIN`] times that.
//!
//! # When it does not apply
//! Files without a JPEG's table; there, peaks on the grid are not counted at all.
//!
//! # Constants and their source
//! [`SHIFT_PX`]: half a block [Fridrich, Goljan, Hogea 2002]. [`MARGIN`] was chosen on the authentic
//! pictures of the model card: without the table 48 of 581 have a frequency of the grid's lattice in step,
//! with a margin of 4 nine, with 16 five. [`MOST_TILES`]: the mean over so many suffices.
//!
//! # References
//! Fridrich, Goljan, Hogea, "Steganalysis of JPEG images: breaking the F5 algorithm", IH 2002
//! (calibration by a shifted grid); ITU-T T.81, A.3.3 and A.3.4.

use assay_plugin_api::prelude::*;
use assay_signal::dct;
use assay_signal::spectrum::hann;

use crate::background;
use crate::spectra::Spectra;

/// How many times the expected power is allowed for.
const MARGIN: f64 = 16.0;
/// Most tiles that are coded again.
const MOST_TILES: usize = 4;
/// By how much the tiles are moved, px.
const SHIFT_PX: usize = 4;
/// Side of a block, px.
const BLOCK: usize = dct::SIDE;

/// Returns for each of the lattices' points the power that the grid is allowed, over the power around
/// it; 0 off the grid and for files without a table.
#[must_use]
pub fn expected(evidence: &Evidence<'_>, luma: Luma8<'_>, spectra: &Spectra) -> Vec<f64> {
    let mut sums = vec![0.0; spectra.points.len()];
    let Ok(table) = evidence.jpeg_luma_dqt() else { return sums };
    let side = spectra.side;
    let inside = |&(_, &(x, y)): &(usize, &(usize, usize))| {
        x + SHIFT_PX + side <= luma.width() && y + SHIFT_PX + side <= luma.height()
    };
    let usable: Vec<_> = spectra.corners.iter().enumerate().filter(inside).collect();
    let count = usable.len().min(MOST_TILES);
    let ring = background::ring();
    let window = hann(side);
    for i in 0..count {
        let Some(&(tile, &(x, y))) = usable.get(i * usable.len() / count) else { continue };
        let folded = folded_error(luma, table, (x + SHIFT_PX, y + SHIFT_PX), &window);
        for (point, sum) in spectra.points.iter().zip(&mut sums) {
            if point.period_px > BLOCK {
                continue;
            }
            let around = background::in_tile(spectra, &ring, tile, point.v, point.u as isize);
            *sum += power_at(&folded, point.frequency(side)) / f64::from(around);
        }
    }
    sums.iter().map(|sum| MARGIN * sum / count.max(1) as f64).collect()
}

/// The error of coding a tile, under the window, summed over its blocks.
fn folded_error(
    luma: Luma8<'_>,
    table: &[u16; 64],
    (x, y): (usize, usize),
    window: &[f32],
) -> [f32; 64] {
    let basis = dct::basis();
    let mut folded = [0.0_f32; 64];
    for (top, down) in window.chunks_exact(BLOCK).enumerate() {
        for (left, across) in window.chunks_exact(BLOCK).enumerate() {
            let mut samples = [0.0_f32; 64];
            for (dy, to) in samples.chunks_exact_mut(BLOCK).enumerate() {
                let from = &luma.row(y + BLOCK * top + dy)[x + BLOCK * left..][..BLOCK];
                to.iter_mut().zip(from).for_each(|(to, &from)| *to = f32::from(from) - 128.0);
            }
            let mut error = dct::forward(&samples);
            for (value, &step) in error.iter_mut().zip(table) {
                let step = f32::from(step.max(1));
                *value = (*value / step).round() * step - *value;
            }
            let error = inverse(&error, &basis);
            for ((to, error), weight) in
                folded.chunks_exact_mut(BLOCK).zip(error.chunks_exact(BLOCK)).zip(down)
            {
                let products = error.iter().zip(across).map(|(error, across)| error * across);
                to.iter_mut().zip(products).for_each(|(to, product)| *to += weight * product);
            }
        }
    }
    folded
}

/// Samples of a block of coefficients, by the definition, one axis after the other.
fn inverse(coefficients: &[f32; 64], basis: &[[f32; BLOCK]; BLOCK]) -> [f32; 64] {
    let (mut half, mut samples) = ([0.0_f32; 64], [0.0_f32; 64]);
    for (row, out) in coefficients.chunks_exact(BLOCK).zip(half.chunks_exact_mut(BLOCK)) {
        for (coefficient, wave) in row.iter().zip(basis) {
            out.iter_mut().zip(wave).for_each(|(out, wave)| *out += coefficient * wave);
        }
    }
    for (row, wave) in half.chunks_exact(BLOCK).zip(basis) {
        for (out, wave) in samples.chunks_exact_mut(BLOCK).zip(wave) {
            out.iter_mut().zip(row).for_each(|(out, value)| *out += wave * value);
        }
    }
    samples
}

/// Power at a multiple of 1/8 cycle per px, of what the residual's filter leaves of it.
fn power_at(folded: &[f32; 64], [x, y]: [f64; 2]) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (i, &value) in folded.iter().enumerate() {
        let (column, row) = ((i % BLOCK) as f64, (i / BLOCK) as f64);
        let (sin, cos) = (std::f64::consts::TAU * (x * column + y * row)).sin_cos();
        re += f64::from(value) * cos;
        im += f64::from(value) * sin;
    }
    (re * re + im * im) * response(x, y).powi(2)
}

/// What the residual leaves of a wave: 1 minus the response `cos^4(pi f)` of a binomial mean of five
/// along each axis.
#[must_use]
pub fn response(x: f64, y: f64) -> f64 {
    let along = |f: f64| (std::f64::consts::PI * f).cos().powi(4);
    1.0 - along(x) * along(y)
}
