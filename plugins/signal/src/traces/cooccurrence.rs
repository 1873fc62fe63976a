// SPDX-License-Identifier: MIT OR Apache-2.0
//! `co`: co-occurrence of quantised luma residuals.
//!
//! *What it tests.* Three residuals (first difference, second difference, 3x3 kernel), quantised to
//! five levels with steps of 1 and 3: how often each pair of levels stands side by side, along the
//! filter and across it. Sign and order do not matter, which leaves nine cells of the joint
//! histogram; their square roots are the features.
//!
//! *Why it works.* Joint statistics of residuals are the classical model of camera noise; anything
//! that synthesises or smooths pixels departs from it.
//!
//! *When it does not apply.* After strong compression the quantised residuals are mostly zero.
//!
//! *Constants and their source.* Five levels and steps 1 and 3 after [Fridrich 2012].
//!
//! *References.* Fridrich and Kodovsky, "Rich models for steganalysis of digital images", IEEE TIFS
//! 7 (2012); Cozzolino et al., "Recasting residual-based local descriptors as CNNs", 2017.

use super::row;
use crate::{avx2_dispatch, Samples};

/// Largest quantised level; levels are `-2..=2`, stored as `0..=4`.
const LARGEST: f32 = 2.0;
const LEVELS: usize = 5;
/// Quantisation steps, levels.
const STEPS: [f32; 2] = [1.0, 3.0];
/// Taken off every magnitude before rounding, quantisation steps: colour differences that are
/// constant over several pixels make luma residuals exact multiples of 1/4, and rounding errors of
/// the conversion must not decide which way halves go.
const HALVES_TO_ZERO: f32 = 1.0 / 256.0;
/// `1.5 * 2^23`: adding and taking it off rounds a small `f32` to the nearest integer, in plain
/// additions that vectorise.
const ROUNDER: f32 = 12_582_912.0;

/// One weight of a filter: `(dy, dx, weight)`.
type Tap = (usize, usize, f32);
/// First difference along a row; its transpose runs along a column.
const FIRST: &[Tap] = &[(0, 1, 1.0), (0, 0, -1.0)];
/// Second difference.
const SECOND: &[Tap] = &[(0, 0, 1.0), (0, 1, -2.0), (0, 2, 1.0)];
/// 3x3 kernel without direction [Ker and Bohme 2008, "Revisiting weighted stego-image steganalysis"].
const KERNEL: &[Tap] = &[
    (1, 1, 1.0),
    (0, 1, -0.5),
    (2, 1, -0.5),
    (1, 0, -0.5),
    (1, 2, -0.5),
    (0, 0, 0.25),
    (2, 2, 0.25),
    (2, 0, 0.25),
    (0, 2, 0.25),
];
const FILTERS: [(&str, &[Tap]); 3] = [("d1", FIRST), ("d2", SECOND), ("kb", KERNEL)];

/// Shares of pairs of levels, `[LEVELS * first + second]`.
type Pairs = [f64; LEVELS * LEVELS];

pub(super) fn push(luma: &Samples, values: &mut Vec<f32>) {
    let residuals =
        FILTERS.map(|(_, taps)| [filtered(luma, taps, false), filtered(luma, taps, true)]);
    for step in STEPS {
        for [along_rows, along_columns] in &residuals {
            let [rows_right, rows_below] = pairs(&quantised(along_rows, step));
            let [columns_right, columns_below] = pairs(&quantised(along_columns, step));
            push_cells(&rows_right, &columns_below, values);
            push_cells(&rows_below, &columns_right, values);
        }
    }
}

/// A filtered plane, row by row.
struct Residual {
    width: usize,
    samples: Vec<f32>,
}

/// The filter's valid part: as many pixels less as it is wide and high.
fn filtered(luma: &Samples, taps: &[Tap], transposed: bool) -> Residual {
    let oriented =
        |&(dy, dx, weight): &Tap| if transposed { (dx, dy, weight) } else { (dy, dx, weight) };
    let taps = || taps.iter().map(oriented);
    let reach_y = taps().map(|(dy, ..)| dy).max().unwrap_or(0);
    let reach_x = taps().map(|(_, dx, _)| dx).max().unwrap_or(0);
    let (height, width) = (luma.nrows() - reach_y, luma.ncols() - reach_x);
    let mut samples = vec![0.0; height * width];
    for (y, out) in samples.chunks_exact_mut(width).enumerate() {
        for (dy, dx, weight) in taps() {
            for (out, &value) in out.iter_mut().zip(&row(luma, y + dy)[dx..]) {
                *out += weight * value;
            }
        }
    }
    Residual { width, samples }
}

/// A residual quantised to levels `0..=4`.
struct Quantised {
    width: usize,
    levels: Vec<u8>,
}

fn quantised(residual: &Residual, step: f32) -> Quantised {
    let mut levels = vec![0; residual.samples.len()];
    quantise(&residual.samples, step, &mut levels);
    Quantised { width: residual.width, levels }
}

#[inline(always)]
fn quantise_portable(samples: &[f32], step: f32, levels: &mut [u8]) {
    for (level, &x) in levels.iter_mut().zip(samples) {
        let magnitude = ((x / step).abs() - HALVES_TO_ZERO).clamp(0.0, LARGEST);
        let rounded = magnitude + ROUNDER - ROUNDER;
        *level = (LARGEST + rounded.copysign(x)) as u8;
    }
}

avx2_dispatch! {
    /// Writes the level of each sample.
    fn quantise(samples: &[f32], step: f32, levels: &mut [u8]) = quantise_portable
}

/// Shares of the pairs of each level with its right and with its lower neighbour.
fn pairs(quantised: &Quantised) -> [Pairs; 2] {
    let rows: Vec<&[u8]> = quantised.levels.chunks_exact(quantised.width).collect();
    // One count for both neighbours of a pixel: [here + 5 right + 25 below]; 128 keeps the masked
    // index in range without a check.
    let mut triples = [[0_u32; 128]; 2];
    let (mut right, mut below) = ([0.0; LEVELS * LEVELS], [0.0; LEVELS * LEVELS]);
    for (&here, &next) in rows.iter().zip(rows.iter().skip(1)) {
        let neighbours = here.iter().zip(here.iter().skip(1)).zip(next);
        for (x, ((&level, &right), &below)) in neighbours.enumerate() {
            let index = usize::from(level) + 5 * usize::from(right) + 25 * usize::from(below);
            // Two tables by turns: equal neighbours would wait for each other's store.
            triples[x & 1][index & 127] += 1;
        }
    }
    for (index, (&a, &b)) in triples[0].iter().zip(&triples[1]).enumerate().take(125) {
        let (level, beside, under) = (index % 5, index / 5 % 5, index / 25);
        let count = f64::from(a + b);
        right[LEVELS * level + beside] += count;
        below[LEVELS * level + under] += count;
    }
    // What has only one neighbour: the last row, the last column.
    if let Some(last) = rows.last() {
        for pair in last.windows(2) {
            right[LEVELS * usize::from(pair[0]) + usize::from(pair[1])] += 1.0;
        }
    }
    for (here, next) in rows.iter().zip(rows.iter().skip(1)) {
        if let (Some(&level), Some(&under)) = (here.last(), next.last()) {
            below[LEVELS * usize::from(level) + usize::from(under)] += 1.0;
        }
    }
    [right, below].map(|counts| {
        let total: f64 = counts.iter().sum();
        counts.map(|count| count / total)
    })
}

/// Pushes the roots of the nine cells that remain when sign and order of a pair do not matter.
fn push_cells(a: &Pairs, b: &Pairs, values: &mut Vec<f32>) {
    let mean = |i: usize, j: usize| (a[LEVELS * i + j] + b[LEVELS * i + j]) / 2.0;
    let signless = |i: usize, j: usize| mean(i, j) + mean(LEVELS - 1 - i, LEVELS - 1 - j);
    values.extend(cells().map(|(i, j)| ((signless(i, j) + signless(j, i)) / 2.0).sqrt() as f32));
}

/// `(i, j)` with `i <= j` and `i + j <= 4`: one of each class of equal pairs.
fn cells() -> impl Iterator<Item = (usize, usize)> {
    (0..LEVELS).flat_map(|i| (i..LEVELS).map(move |j| (i, j))).filter(|(i, j)| i + j < LEVELS)
}

pub(super) fn names() -> Vec<String> {
    let mut names = Vec::new();
    for step in STEPS {
        for (filter, _) in FILTERS {
            for direction in ['p', 'o'] {
                let cell = |(i, j)| format!("{filter}.q{step}.{direction}{i}{j}");
                names.extend(cells().map(cell));
            }
        }
    }
    names
}
