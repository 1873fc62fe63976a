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
    let counted = |y: &usize| y % layout.row_step == 0;
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
