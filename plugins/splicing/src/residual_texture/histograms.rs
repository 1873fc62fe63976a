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

use super::scanner::{Scanner, Tally, REACH};

/// Patterns of four levels without mirror images and negatives: `(81 + 1 + 9 + 9) / 4`.
pub(super) const PATTERNS: usize = 25;
/// Length of a block's histogram: along the difference and across it.
pub(super) const BINS: usize = 2 * PATTERNS;

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
    let mut tallies = vec![Tally::NONE; columns];
    let counted = |y: &usize| y.is_multiple_of(layout.row_step);
    let tops = 0..(luma.height() + 1).saturating_sub(REACH);
    let mut tops = tops.filter(counted).peekable();
    while let Some(y) = tops.next() {
        if y % (64 * layout.row_step) == 0 {
            evidence.check_cancelled()?;
        }
        let row_of = |y: usize| (y + REACH / 2) / stride;
        scanner.scan(luma, y);
        scanner.tally(luma.row(y + REACH / 2), &mut tallies, stride);
        if tops.peek().is_none_or(|&next| row_of(next) != row_of(y)) {
            let row = cells.chunks_exact_mut(columns.max(1)).nth(row_of(y)).unwrap_or_default();
            row.iter_mut().zip(&tallies).for_each(|(cell, tally)| *cell = tally.counts());
            tallies.fill(Tally::NONE);
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

#[cfg(test)]
mod tests {
    use assay_plugin_api::testing::EvidenceBuilder;

    use super::*;

    /// Noise, coarse enough to hold all levels, with a saturated corner.
    fn sample(x: u32, y: u32) -> u8 {
        let noise = (x * 31 + y * 57 + x * y * 7) % 23 / 4;
        if x < 5 && y < 4 {
            255
        } else {
            (100 + noise + x) as u8
        }
    }

    /// The class of four levels: the rank of the least code of their forms among all of them.
    fn class(levels: [i32; 4]) -> usize {
        let least = |[a, b, c, d]: [i32; 4]| {
            let code = |a: i32, b: i32, c: i32, d: i32| a + 3 * b + 9 * c + 27 * d;
            let forms = [code(a, b, c, d), code(d, c, b, a)];
            forms.into_iter().chain(forms.map(|code| 80 - code)).min().unwrap()
        };
        let all = (0..81).map(|n| least([n % 3, n / 3 % 3, n / 9 % 3, n / 27]));
        let all: std::collections::BTreeSet<i32> = all.collect();
        all.iter().position(|&code| code == least(levels)).unwrap()
    }

    fn counted_one_by_one(size: (usize, usize), stride: usize, row_step: usize) -> Vec<Counts> {
        let (width, height) = size;
        let (columns, rows) = (width / stride, height / stride);
        let mut cells = vec![Counts::NONE; columns * rows];
        let at = |x: usize, y: usize| i32::from(sample(x as u32, y as u32));
        let third = |of: &dyn Fn(usize) -> i32| of(0) - of(3) + 3 * (of(2) - of(1));
        let across = |x: usize, y: usize| third(&|i| at(x + i, y));
        let down = |x: usize, y: usize| third(&|i| at(x, y + i));
        let level = |residual: i32| 1 + i32::from(residual >= 2) - i32::from(residual <= -2);
        for y in (0..=height - 7).step_by(row_step) {
            for x in 0..=width - 7 {
                let (column, row) = ((x + 3) / stride, (y + 3) / stride);
                let clear = (0..49).all(|i| (6..=252).contains(&at(x + i % 7, y + i / 7)));
                if column >= columns || row >= rows || !clear {
                    continue;
                }
                let cell = &mut cells[row * columns + column];
                let along = [
                    std::array::from_fn(|i| level(across(x + i, y))),
                    std::array::from_fn(|i| level(down(x, y + i))),
                ];
                let beside = [
                    std::array::from_fn(|i| level(across(x, y + i))),
                    std::array::from_fn(|i| level(down(x + i, y))),
                ];
                along.into_iter().for_each(|levels| cell.bins[class(levels)] += 1);
                beside.into_iter().for_each(|levels| cell.bins[PATTERNS + class(levels)] += 1);
                cell.pixels += 1;
                cell.activity += (across(x, y + 3).abs() / 2 + down(x, y + 3).abs() / 2) as u32;
                cell.brightness += at(x + 3, y + 3) as u32;
            }
        }
        cells
    }

    #[test]
    fn counts_equal_the_definition() {
        for (stride_px, row_step) in [(8, 1), (16, 2)] {
            let source = EvidenceBuilder::grey(75, 52, sample);
            let evidence = Evidence::new(source.as_source());
            let layout = Layout { stride_px, block_cells: 1, row_step };
            let grid = count(&evidence, &evidence.luma().unwrap(), layout).unwrap();
            let expected = counted_one_by_one((75, 52), stride_px, row_step);
            assert_eq!((grid.columns, grid.cells.len()), (75 / stride_px, expected.len()));
            for (found, expected) in grid.cells.iter().zip(&expected) {
                assert_eq!(found.bins, expected.bins);
                let rest = |counts: &Counts| (counts.pixels, counts.activity, counts.brightness);
                assert_eq!(rest(found), rest(expected));
            }
        }
    }
}
