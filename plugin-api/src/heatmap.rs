// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where in the picture a detector saw something.

use abi_stable::std_types::RVec;
use abi_stable::StableAbi;

/// Cells of `cell_px` x `cell_px` pixels in row-major order; 0 = nothing, 1 = most suspicious.
///
/// The cells cover the picture: `columns = ceil(width / cell_px)`, `rows = ceil(height / cell_px)`.
#[repr(C)]
#[derive(StableAbi, Clone, Debug, PartialEq)]
pub struct Heatmap {
    /// Cells a row.
    pub columns: u32,
    /// Rows of cells.
    pub rows: u32,
    /// Side of a cell in pixels of the stored image.
    pub cell_px: u32,
    /// `columns * rows` values in `0..=1`.
    pub values: RVec<f32>,
}

impl Heatmap {
    /// The map that covers a `width` x `height` picture, each cell's value from `(column, row)`.
    ///
    /// # Panics
    /// If `cell_px` is 0.
    #[must_use]
    pub fn covering(
        width: usize,
        height: usize,
        cell_px: usize,
        mut value: impl FnMut(usize, usize) -> f32,
    ) -> Self {
        let (columns, rows) = (width.div_ceil(cell_px), height.div_ceil(cell_px));
        let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
        let values = cells.map(|(column, row)| value(column, row)).collect();
        let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { columns: side(columns), rows: side(rows), cell_px: side(cell_px), values }
    }
}
