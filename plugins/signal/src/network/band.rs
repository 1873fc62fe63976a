// SPDX-License-Identifier: MIT OR Apache-2.0
//! The rows of a map that are in memory.

use std::ops::Range;

/// Consecutive rows of a map; channels of a sample lie together.
#[derive(Clone, Debug, Default)]
pub(super) struct Band {
    /// The map's row that the band starts on.
    first: usize,
    rows: usize,
    /// Samples times channels of a row.
    row_values: usize,
    /// At least `rows` rows; what lies behind them is left over from earlier.
    values: Vec<i16>,
}

impl Band {
    /// Empties the band for another map.
    pub(super) fn restart(&mut self, row_values: usize) {
        (self.first, self.rows, self.row_values) = (0, 0, row_values);
    }

    /// One past the last row.
    pub(super) fn end(&self) -> usize {
        self.first + self.rows
    }

    /// Gives up the rows before `row`.
    pub(super) fn discard_before(&mut self, row: usize) {
        let gone = row.saturating_sub(self.first).min(self.rows);
        let held = gone * self.row_values..self.rows * self.row_values;
        self.values.copy_within(held, 0);
        self.first += gone;
        self.rows -= gone;
    }

    /// Room for the next `count` rows, with whatever values.
    pub(super) fn append(&mut self, count: usize) -> &mut [i16] {
        let start = self.rows * self.row_values;
        self.rows += count;
        let end = self.rows * self.row_values;
        if self.values.len() < end {
            self.values.resize(end, 0);
        }
        &mut self.values[start..end]
    }

    /// The values of rows of the map, all of which the band must hold.
    pub(super) fn rows(&self, rows: Range<usize>) -> &[i16] {
        let rows = rows.start - self.first..rows.end - self.first;
        &self.values[rows.start * self.row_values..rows.end * self.row_values]
    }
}
