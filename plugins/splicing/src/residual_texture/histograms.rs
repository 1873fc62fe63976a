// SPDX-License-Identifier: MIT OR Apache-2.0
//! Histograms of residual patterns over sliding blocks.
//!
//! The residual is the third difference of brightness, along rows and along columns, quantised to
//! three levels. Four neighbours make a pattern; patterns that are mirror images or negatives of each
//! other count as one, which leaves [`PATTERNS`] of 81. Patterns along the difference and those
//! across it have a histogram each. Counts are kept by cell; a block's are the sum over its cells,
//! found by sliding, so the cost is linear in pixels whatever the overlap.

use assay_plugin_api::plane::Luma8;
use assay_plugin_api::prelude::*;

/// Patterns of four levels without mirror images and negatives: `(81 + 1 + 9 + 9) / 4`.
const PATTERNS: usize = 25;
/// Length of a block's histogram: along the difference and across it.
pub(super) const BINS: usize = 2 * PATTERNS;
/// Rows and columns that a pattern along the difference takes.
const REACH: usize = 7;
/// Residuals below this are level zero [quantisation step 2, Cozzolino 2015].
const LEVEL: i16 = 2;
/// Samples outside are saturated (ibid.).
const UNSATURATED: std::ops::RangeInclusive<u8> = 6..=252;

/// What was counted in a cell or a block.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    /// Patterns, those along the difference first.
    pub(super) bins: [u32; BINS],
    /// Pixels without saturated neighbours.
    pub(super) pixels: u32,
    /// Sum of the absolute residuals of both directions.
    pub(super) activity: u32,
    /// Sum of the samples.
    pub(super) brightness: u32,
}

impl Counts {
    pub(super) const NONE: Self = Self { bins: [0; BINS], pixels: 0, activity: 0, brightness: 0 };

    fn add(&mut self, other: &Self) {
        for (sum, value) in self.bins.iter_mut().zip(&other.bins) {
            *sum = sum.wrapping_add(*value);
        }
        self.pixels = self.pixels.wrapping_add(other.pixels);
        self.activity = self.activity.wrapping_add(other.activity);
        self.brightness = self.brightness.wrapping_add(other.brightness);
    }

    fn remove(&mut self, other: &Self) {
        for (sum, value) in self.bins.iter_mut().zip(&other.bins) {
            *sum = sum.wrapping_sub(*value);
        }
        self.pixels = self.pixels.wrapping_sub(other.pixels);
        self.activity = self.activity.wrapping_sub(other.activity);
        self.brightness = self.brightness.wrapping_sub(other.brightness);
    }
}

/// How a picture is cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Side of a cell and distance of neighbouring blocks, px.
    pub(super) stride_px: usize,
    /// Cells along a side of a block.
    pub(super) block_cells: usize,
    /// One row of pixels in so many is counted.
    pub(super) row_step: usize,
}

impl Layout {
    /// Side of a block, px.
    pub(super) fn block_px(self) -> usize {
        self.block_cells * self.stride_px
    }
}

/// Counts of every cell, row by row; what does not fill a cell is left out.
pub(super) struct CellGrid {
    pub(super) columns: usize,
    pub(super) rows: usize,
    cells: Vec<Counts>,
}

/// Counts a picture.
///
/// # Errors
/// `Cancelled`.
pub(super) fn count(
    evidence: &Evidence<'_>,
    luma: &Luma8<'_>,
    layout: Layout,
) -> Result<CellGrid, NoScore> {
    let stride = layout.stride_px;
    let (columns, rows) = (luma.width() / stride, luma.height() / stride);
    let mut cells = vec![Counts::NONE; columns * rows];
    let mut scanner = Scanner::new(luma.width());
    for y in (0..(luma.height() + 1).saturating_sub(REACH)).step_by(layout.row_step) {
        if y % (64 * layout.row_step) == 0 {
            evidence.check_cancelled()?;
        }
        scanner.scan(luma, y);
        let at = (y + REACH / 2) / stride * columns;
        if let Some(row) = cells.get_mut(at..at + columns) {
            scanner.tally(luma.row(y + REACH / 2), row, stride);
        }
    }
    Ok(CellGrid { columns, rows, cells })
}

impl CellGrid {
    /// Calls `take` with the counts of every block, row by row.
    pub(super) fn each_block(&self, side: usize, mut take: impl FnMut(&Counts)) {
        if self.columns < side || self.rows < side || side == 0 {
            return;
        }
        let mut strips = vec![Counts::NONE; self.columns];
        for (y, row) in self.cells.chunks_exact(self.columns).enumerate() {
            strips.iter_mut().zip(row).for_each(|(strip, cell)| strip.add(cell));
            if y + 1 < side {
                continue;
            }
            let mut block = Counts::NONE;
            for (x, strip) in strips.iter().enumerate() {
                block.add(strip);
                if x + 1 >= side {
                    take(&block);
                    block.remove(&strips[x + 1 - side]);
                }
            }
            let oldest = (y + 1 - side) * self.columns;
            let row = &self.cells[oldest..oldest + self.columns];
            strips.iter_mut().zip(row).for_each(|(strip, cell)| strip.remove(cell));
        }
    }
}

/// Levels of the last four rows, and the patterns of the current one.
struct Scanner {
    /// Row after the last whose levels are known.
    next: usize,
    along_rows: [Vec<u8>; 4],
    along_columns: [Vec<u8>; 4],
    activity: [Vec<u8>; 4],
    /// Row, column pattern of row differences; column, row pattern of column differences.
    patterns: [Vec<u8>; 4],
    saturated: Vec<u8>,
    /// Classes of patterns along the difference.
    classes: [u8; 81],
}

impl Scanner {
    fn new(width: usize) -> Self {
        let rows = || std::array::from_fn(|_| vec![0; width]);
        Self {
            next: 0,
            along_rows: rows(),
            along_columns: rows(),
            activity: rows(),
            patterns: rows(),
            saturated: vec![0; width],
            classes: classes(),
        }
    }

    /// Finds the patterns whose top row is `y`; needs `REACH` rows from there.
    fn scan(&mut self, luma: &Luma8<'_>, y: usize) {
        for row in self.next.max(y)..y + 4 {
            let rows: [&[u8]; 4] = std::array::from_fn(|i| luma.row(row + i));
            let ring = row % 4;
            self.activity[ring].fill(0);
            row_levels(rows[0], &mut self.along_rows[ring], &mut self.activity[ring]);
            column_levels(rows, &mut self.along_columns[ring], &mut self.activity[ring]);
        }
        self.next = y + 4;
        let ring = y % 4;
        let [row_row, row_column, column_column, column_row] = &mut self.patterns;
        row_patterns(&self.along_rows[ring], row_row);
        row_patterns(&self.along_columns[ring], column_row);
        column_patterns(&self.along_rows, y, row_column);
        column_patterns(&self.along_columns, y, column_column);
        self.saturated.fill(0);
        for row in y..y + REACH {
            for (flag, sample) in self.saturated.iter_mut().zip(luma.row(row)) {
                *flag |= u8::from(!UNSATURATED.contains(sample));
            }
        }
        for x in 0..(self.saturated.len() + 1).saturating_sub(REACH) {
            let near = self.saturated[x..x + REACH].iter().fold(0, |any, flag| any | flag);
            self.saturated[x] = near;
        }
    }

    /// Adds the patterns to the cells of a row, whose middle samples are `middle`.
    fn tally(&self, middle: &[u8], cells: &mut [Counts], stride: usize) {
        let count = (middle.len() + 1).saturating_sub(REACH);
        let [row_row, row_column, column_column, column_row] = &self.patterns;
        let activity = &self.activity[(self.next + 3) % 4];
        for (column, cell) in cells.iter_mut().enumerate() {
            // A pattern belongs to the cell of its middle.
            let first = (column * stride).saturating_sub(REACH / 2);
            let last = ((column + 1) * stride - REACH / 2).min(count);
            for x in first..last {
                if self.saturated[x] != 0 {
                    continue;
                }
                for pattern in [row_row[x], column_column[x]] {
                    cell.bins[usize::from(self.classes[usize::from(pattern)])] += 1;
                }
                for pattern in [row_column[x], column_row[x]] {
                    cell.bins[PATTERNS + usize::from(self.classes[usize::from(pattern)])] += 1;
                }
                cell.pixels += 1;
                cell.activity += u32::from(activity[x]);
                cell.brightness += u32::from(middle[x + REACH / 2]);
            }
        }
    }
}

/// Levels 0, 1, 2 (below, at, above zero) and half the magnitude of a third difference.
fn level([a, b, c, d]: [u8; 4]) -> (u8, u8) {
    let [a, b, c, d] = [a, b, c, d].map(i16::from);
    let residual = a - d + 3 * (c - b);
    let level = 1 + i16::from(residual >= LEVEL) - i16::from(residual <= -LEVEL);
    (level as u8, (residual.abs() / 2).min(127) as u8)
}

fn row_levels(samples: &[u8], levels: &mut [u8], activity: &mut [u8]) {
    let outputs = levels.iter_mut().zip(activity);
    for (window, (to, magnitude)) in samples.windows(4).zip(outputs) {
        if let [a, b, c, d] = *window {
            (*to, *magnitude) = level([a, b, c, d]);
        }
    }
}

fn column_levels([a, b, c, d]: [&[u8]; 4], levels: &mut [u8], activity: &mut [u8]) {
    let outputs = levels.iter_mut().zip(activity);
    for ((((a, b), c), d), (to, magnitude)) in a.iter().zip(b).zip(c).zip(d).zip(outputs) {
        let (level, half) = level([*a, *b, *c, *d]);
        *to = level;
        *magnitude += half;
    }
}

fn row_patterns(levels: &[u8], patterns: &mut [u8]) {
    for (window, to) in levels.windows(4).zip(patterns) {
        if let [a, b, c, d] = *window {
            *to = a + 3 * b + 9 * c + 27 * d;
        }
    }
}

fn column_patterns(levels: &[Vec<u8>; 4], y: usize, patterns: &mut [u8]) {
    let [a, b, c, d]: [&[u8]; 4] = std::array::from_fn(|i| levels[(y + i) % 4].as_slice());
    for ((((a, b), c), d), to) in a.iter().zip(b).zip(c).zip(d).zip(patterns) {
        *to = a + 3 * b + 9 * c + 27 * d;
    }
}

/// For each of 81 patterns the number of its class, `0..PATTERNS`.
fn classes() -> [u8; 81] {
    let least = |pattern: usize| {
        let [a, b, c, d] = [1, 3, 9, 27].map(|place| pattern / place % 3);
        let forms = [[a, b, c, d], [d, c, b, a]];
        let negatives = forms.map(|form| form.map(|level| 2 - level));
        let code = |[a, b, c, d]: [usize; 4]| a + 3 * b + 9 * c + 27 * d;
        forms.into_iter().chain(negatives).map(code).fold(pattern, usize::min)
    };
    let mut numbers = [0; 81];
    let mut next = 0;
    for pattern in 0..numbers.len() {
        let first = least(pattern);
        if first == pattern {
            numbers[pattern] = next;
            next += 1;
        } else {
            numbers[pattern] = numbers[first];
        }
    }
    numbers
}
