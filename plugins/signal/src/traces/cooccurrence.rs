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

/// Largest magnitude of a quantised level.
const LARGEST: i8 = 2;
/// Quantisation steps, levels.
const STEPS: [f32; 2] = [1.0, 3.0];
/// Taken off every magnitude before rounding, quantisation steps: colour differences that are
/// constant over several pixels make luma residuals exact multiples of 1/4, and rounding errors of
/// the conversion must not decide which way halves go.
const HALVES_TO_ZERO: f32 = 1.0 / 256.0;

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

/// Cells of the joint histogram that remain when sign and order of a pair do not matter.
const CELLS: usize = 9;
/// All cells but the last, two zeros: its pairs are those that are in no other.
const COUNTED: usize = CELLS - 1;
/// What [`code`] gives for the pairs of each counted cell, in the order of [`cells`].
const CODES: [u8; COUNTED] = [
    code(-2, -2),
    code(-2, -1),
    code(-2, 0),
    code(-2, 1),
    code(-2, 2),
    code(-1, -1),
    code(-1, 0),
    code(-1, 1),
];
/// How many of the 25 pairs of levels lie in each cell.
const PAIRS_OF_CELL: [f64; CELLS] = [2.0, 4.0, 4.0, 4.0, 2.0, 2.0, 4.0, 2.0, 1.0];
/// Pairs that are coded at a time.
const LANES: usize = 32;
/// Fills a row of levels up: pairs with it have none of the codes.
const FILLER: i8 = 64;

/// Equal for two pairs if they differ by sign and order only: the magnitudes of sum and difference.
const fn code(first: i8, second: i8) -> u8 {
    let sum = first.wrapping_add(second).unsigned_abs();
    let difference = first.wrapping_sub(second).unsigned_abs();
    sum.wrapping_add(difference.wrapping_mul(4))
}

/// Shares of the cells among the pairs of one direction.
type Shares = [f64; CELLS];
/// Shares with the right and with the lower neighbour, a step.
type Directions = [[Shares; 2]; STEPS.len()];

pub(super) fn push(luma: &Samples, values: &mut Vec<f32>) {
    let shares = FILTERS.map(|(_, taps)| {
        let along_rows = directions(luma, taps);
        let transposed: Vec<Tap> = taps.iter().map(|&(dy, dx, w)| (dx, dy, w)).collect();
        let is_symmetric = transposed.iter().all(|tap| taps.contains(tap));
        let along_columns = if is_symmetric { along_rows } else { directions(luma, &transposed) };
        [along_rows, along_columns]
    });
    for step in 0..STEPS.len() {
        for [along_rows, along_columns] in &shares {
            let [rows_right, rows_below] = along_rows[step];
            let [columns_right, columns_below] = along_columns[step];
            push_cells(rows_right, columns_below, values);
            push_cells(rows_below, columns_right, values);
        }
    }
}

/// The shares in the valid part of a filtered plane: as many pixels less as the filter is wide and
/// high.
fn directions(luma: &Samples, taps: &[Tap]) -> Directions {
    let mut tallies: [Tally; STEPS.len()] = Default::default();
    tally_plane(luma, taps, &mut tallies);
    tallies.map(|tally| [tally.right.shares(), tally.below.shares()])
}

#[inline(always)]
fn tally_plane_portable(luma: &Samples, taps: &[Tap], tallies: &mut [Tally; STEPS.len()]) {
    let reach_y = taps.iter().map(|&(dy, ..)| dy).max().unwrap_or(0);
    let reach_x = taps.iter().map(|&(_, dx, _)| dx).max().unwrap_or(0);
    let width = luma.ncols() - reach_x;
    let mut residual = vec![0.0; width];
    for y in 0..luma.nrows() - reach_y {
        residual.fill(0.0);
        for &(dy, dx, weight) in taps {
            for (out, &value) in residual.iter_mut().zip(&row(luma, y + dy)[dx..]) {
                *out += weight * value;
            }
        }
        for (tally, step) in tallies.iter_mut().zip(STEPS) {
            tally.add_row(&residual, step);
        }
    }
}

avx2_dispatch! {
    /// Counts the pairs of a filtered plane, quantised with each step.
    fn tally_plane(luma: &Samples, taps: &[Tap], tallies: &mut [Tally; STEPS.len()])
        = tally_plane_portable
}

/// Counts of a plane whose rows come one after the other.
#[derive(Default)]
struct Tally {
    right: Counts,
    below: Counts,
    /// Levels of the row before, empty before the first; filled up by [`LANES`] or more.
    above: Vec<i8>,
    here: Vec<i8>,
}

impl Tally {
    #[inline(always)]
    fn add_row(&mut self, residual: &[f32], step: f32) {
        let width = residual.len();
        self.here.resize((width / LANES + 2) * LANES, FILLER);
        quantise(residual, step, &mut self.here[..width]);
        self.right.add(&self.here, &self.here[1..], width - 1);
        if !self.above.is_empty() {
            self.below.add(&self.above, &self.here, width);
        }
        std::mem::swap(&mut self.above, &mut self.here);
    }
}

#[inline(always)]
fn quantise(residual: &[f32], step: f32, levels: &mut [i8]) {
    // Level n begins at n - 1/2 steps.
    let begins: [f32; LARGEST as usize] =
        std::array::from_fn(|below| step * (below as f32 + 0.5 + HALVES_TO_ZERO));
    for (level, &x) in levels.iter_mut().zip(residual) {
        let magnitude = begins.iter().map(|&begin| i8::from(x.abs() > begin)).sum::<i8>();
        *level = if x < 0.0 { -magnitude } else { magnitude };
    }
}

/// How many pairs lie in each cell.
#[derive(Default)]
struct Counts {
    pairs: usize,
    counted: [u32; COUNTED],
    /// Counts that were not yet added up, a lane, and how often each may have been raised.
    lanes: [[u8; LANES]; COUNTED],
    raised: usize,
}

impl Counts {
    /// Adds the pairs of two rows that are filled up; `pairs` of them are without filling.
    #[inline(always)]
    fn add(&mut self, first: &[i8], second: &[i8], pairs: usize) {
        self.pairs += pairs;
        let chunks = first.as_chunks::<LANES>().0.iter().zip(second.as_chunks::<LANES>().0);
        let mut lanes = self.lanes;
        for (first, second) in chunks {
            if self.raised == usize::from(u8::MAX) {
                self.lanes = lanes;
                self.flush();
                lanes = self.lanes;
            }
            self.raised += 1;
            let mut codes = [0; LANES];
            for lane in 0..LANES {
                codes[lane] = code(first[lane], second[lane]);
            }
            for (counts, wanted) in lanes.iter_mut().zip(CODES) {
                for lane in 0..LANES {
                    counts[lane] += u8::from(codes[lane] == wanted);
                }
            }
        }
        self.lanes = lanes;
    }

    fn flush(&mut self) {
        for (count, lanes) in self.counted.iter_mut().zip(&mut self.lanes) {
            *count += lanes.iter().map(|&lane| u32::from(lane)).sum::<u32>();
            lanes.fill(0);
        }
        self.raised = 0;
    }

    fn shares(mut self) -> Shares {
        self.flush();
        let total = self.pairs as f64;
        let mut shares = [0.0; CELLS];
        let mut zeros = total;
        for (share, &count) in shares.iter_mut().zip(&self.counted) {
            *share = f64::from(count) / total;
            zeros -= f64::from(count);
        }
        shares[COUNTED] = zeros / total;
        shares
    }
}

/// Pushes, for each cell, the root of twice the share of one of its pairs of levels, on average over
/// two directions.
fn push_cells(a: Shares, b: Shares, values: &mut Vec<f32>) {
    let cells = a.iter().zip(&b).zip(PAIRS_OF_CELL);
    values.extend(cells.map(|((a, b), pairs)| ((a + b) / pairs).sqrt() as f32));
}

/// `(i, j)` with `i <= j` and `i + j <= 4`, levels from 0 on: one of each cell's pairs.
fn cells() -> impl Iterator<Item = (usize, usize)> {
    (0..5).flat_map(|i| (i..5).map(move |j| (i, j))).filter(|(i, j)| i + j < 5)
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
