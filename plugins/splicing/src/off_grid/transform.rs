// SPDX-License-Identifier: MIT OR Apache-2.0
//! The low frequencies of the blocks of every grid, and which blocks can be used.

use assay_plugin_api::plane::Luma8;
use assay_plugin_api::prelude::*;
use assay_signal::avx2_dispatch;
use assay_signal::dct::basis;

use super::tables::FREQUENCIES;
use crate::trace::CELL_PX;

/// Blocks of one row that begin within one cell.
pub(super) const SHIFTS: usize = CELL_PX;
/// Columns that they touch, and one for the vector's sake.
const COLUMNS: usize = 2 * CELL_PX;
/// Vertical frequencies among those looked at.
const VERTICAL: usize = 4;
/// Horizontal and vertical frequency of each coefficient, in zigzag order.
pub(super) const PLACES: [(usize, usize); FREQUENCIES] =
    [(0, 0), (1, 0), (0, 1), (0, 2), (1, 1), (2, 0), (3, 0), (2, 1), (1, 2), (0, 3)];
/// DC of a block of the middle grey that JPEG takes off.
const LEVEL_SHIFT: f32 = 1024.0;
/// Least difference of samples in a block that has anything to say.
const LEAST_RANGE: u8 = 3;
/// Samples outside this range were clipped, or may have been.
const UNCLIPPED: std::ops::RangeInclusive<u8> = 1..=254;

/// Samples of a row of a cell, of all colours.
const CELL_SAMPLES: usize = 3 * CELL_PX;

/// Coefficients of eight blocks side by side, each one pixel further.
pub(super) type Coefficients = [[f32; SHIFTS]; FREQUENCIES];

/// Eight blocks side by side, each one pixel further.
pub(super) struct Group {
    pub(super) coefficients: Coefficients,
    /// Which have detail.
    pub(super) detailed: [bool; SHIFTS],
}

/// Samples of eight rows.
type Lines = [[u8; COLUMNS]; CELL_PX];

/// The pixels of a picture.
pub(super) struct Pixels<'a> {
    luma: Luma8<'a>,
    basis: [[f32; 8]; 8],
    /// For each cell whether it holds a sample of a colour that may have been clipped.
    clipped: Vec<bool>,
    /// Cells along a row.
    pub(super) columns: usize,
}

impl<'a> Pixels<'a> {
    /// # Errors
    /// Those of a picture without pixels; `Cancelled`.
    pub(super) fn of(evidence: &'a Evidence<'_>) -> Result<Self, NoScore> {
        let (luma, rgb) = (evidence.luma()?, evidence.rgb()?);
        let columns = luma.width().div_ceil(CELL_PX);
        let mut clipped = Vec::with_capacity(columns * luma.height().div_ceil(CELL_PX));
        let mut flags = vec![0_u8; columns * CELL_SAMPLES];
        for top in (0..rgb.height()).step_by(CELL_PX) {
            if top % (16 * CELL_PX) == 0 {
                evidence.check_cancelled()?;
            }
            flags.fill(0);
            for y in top..(top + CELL_PX).min(rgb.height()) {
                flag_clipped(rgb.row(y), &mut flags);
            }
            clipped.extend(flags.as_chunks().0.iter().map(|cell| *cell != [0; CELL_SAMPLES]));
        }
        Ok(Self { luma, basis: basis(), clipped, columns })
    }

    pub(super) fn width(&self) -> usize {
        self.luma.width()
    }

    pub(super) fn height(&self) -> usize {
        self.luma.height()
    }

    /// Rows of cells.
    pub(super) fn rows(&self) -> usize {
        self.height().div_ceil(CELL_PX)
    }

    /// Whether no cell that the block at `(x, y)` touches holds a clipped sample.
    pub(super) fn is_unclipped(&self, x: usize, y: usize) -> bool {
        let clear = |x: usize, y: usize| {
            self.clipped.get(y / CELL_PX * self.columns + x / CELL_PX) == Some(&false)
        };
        let (right, bottom) = (x + CELL_PX - 1, y + CELL_PX - 1);
        clear(x, y) && clear(right, y) && clear(x, bottom) && clear(right, bottom)
    }

    /// The eight blocks whose first begins at `(x, y)`; those that do not fit in the picture are not
    /// detailed.
    pub(super) fn group(&self, x: usize, y: usize) -> Group {
        let mut lines: Lines = [[0; COLUMNS]; CELL_PX];
        let fitting = (self.width() + 1).saturating_sub(x + CELL_PX);
        if y + CELL_PX <= self.height() {
            for (row, line) in lines.iter_mut().enumerate() {
                let pixels = self.luma.row(y + row).get(x..).unwrap_or_default();
                match pixels.first_chunk::<COLUMNS>() {
                    Some(pixels) => *line = *pixels,
                    None => line.iter_mut().zip(pixels).for_each(|(line, &pixel)| *line = pixel),
                }
            }
        }
        let mut group =
            Group { coefficients: [[0.0; SHIFTS]; FREQUENCIES], detailed: [false; SHIFTS] };
        transform(&lines, &self.basis, &mut group);
        group.detailed.iter_mut().skip(fitting).for_each(|detailed| *detailed = false);
        group
    }
}

#[inline(always)]
fn transform_portable(lines: &Lines, basis: &[[f32; 8]; 8], group: &mut Group) {
    let mut columns = [[0.0_f32; COLUMNS]; VERTICAL];
    let (mut least, mut most) = ([u8::MAX; COLUMNS], [0_u8; COLUMNS]);
    for (y, line) in lines.iter().enumerate() {
        let samples = line.map(f32::from);
        for (column, wave) in columns.iter_mut().zip(basis) {
            for (sum, sample) in column.iter_mut().zip(samples) {
                *sum += wave[y] * sample;
            }
        }
        for x in 0..COLUMNS {
            least[x] = least[x].min(line[x]);
            most[x] = most[x].max(line[x]);
        }
    }
    for (out, (u, v)) in group.coefficients.iter_mut().zip(PLACES) {
        *out = [0.0; SHIFTS];
        for (n, &wave) in basis[u].iter().enumerate() {
            for x in 0..SHIFTS {
                out[x] += wave * columns[v][x + n];
            }
        }
    }
    for dc in &mut group.coefficients[0] {
        *dc -= LEVEL_SHIFT;
    }
    for (x, detailed) in group.detailed.iter_mut().enumerate() {
        let low = least[x..x + CELL_PX].iter().fold(u8::MAX, |low, &value| low.min(value));
        let high = most[x..x + CELL_PX].iter().fold(0, |high, &value| high.max(value));
        *detailed = high - low >= LEAST_RANGE;
    }
}

#[inline(always)]
fn flag_clipped_portable(row: &[u8], flags: &mut [u8]) {
    for (flag, sample) in flags.iter_mut().zip(row) {
        *flag |= u8::from(!UNCLIPPED.contains(sample));
    }
}

avx2_dispatch! {
    /// Adds flags to the samples that may have been clipped.
    fn flag_clipped(row: &[u8], flags: &mut [u8]) = flag_clipped_portable
}
avx2_dispatch! {
    /// Writes the coefficients of the eight blocks and which have detail.
    fn transform(lines: &Lines, basis: &[[f32; 8]; 8], group: &mut Group) = transform_portable
}
