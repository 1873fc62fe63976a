// SPDX-License-Identifier: MIT OR Apache-2.0
//! From values of overlapping blocks to values of cells.

use crate::trace::CELL_PX;

/// A value for each block position.
pub(super) struct BlockMap {
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// Distance of neighbouring blocks, px.
    pub(super) stride_px: usize,
    /// Side of a block, px.
    pub(super) block_px: usize,
    /// Row by row; `columns * rows` of them, at least one.
    pub(super) values: Vec<f32>,
}

impl BlockMap {
    /// The value at the middle of every cell of a picture, row by row: linear between the middles of
    /// blocks, constant beyond the outermost.
    pub(super) fn cells(&self, width: usize, height: usize) -> Vec<f32> {
        let across = self.weights(width, self.columns);
        let down = self.weights(height, self.rows);
        let at = |column: usize, row: usize| self.values[row * self.columns + column];
        let mut cells = Vec::with_capacity(across.len() * down.len());
        for &(top, bottom, lower) in &down {
            for &(left, right, farther) in &across {
                let above = at(left, top) + farther * (at(right, top) - at(left, top));
                let below = at(left, bottom) + farther * (at(right, bottom) - at(left, bottom));
                cells.push(above + lower * (below - above));
            }
        }
        cells
    }

    /// For every cell along a side the blocks before and after its middle, and the weight of the
    /// latter.
    fn weights(&self, side_px: usize, blocks: usize) -> Vec<(usize, usize, f32)> {
        let last = blocks.saturating_sub(1);
        (0..side_px.div_ceil(CELL_PX))
            .map(|cell| {
                let middle = (cell * CELL_PX + CELL_PX / 2) as f32 - self.block_px as f32 / 2.0;
                let place = (middle / self.stride_px as f32).clamp(0.0, last as f32);
                let before = place.floor();
                (before as usize, (before as usize + 1).min(last), place - before)
            })
            .collect()
    }
}
