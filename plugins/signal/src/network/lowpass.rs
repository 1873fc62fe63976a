// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is left of a crop without its fine detail.
//!
//! Features of a crop minus features of its low-pass are those of the detail on its own ground.

use super::Crop;

/// Side of the cells that are averaged, px.
pub const CELL: usize = 4;

impl Crop {
    /// The means of [`CELL`] x [`CELL`] cells, interpolated back bilinearly between the cells'
    /// centres; outside the outermost centres the nearest holds. `None` when a side is no multiple
    /// of [`CELL`].
    #[must_use]
    pub fn lowpass(&self) -> Option<Self> {
        let (height, width, channels) = (self.height(), self.width(), self.channels());
        if height % CELL != 0 || width % CELL != 0 {
            return None;
        }
        let row_values = width / CELL * channels;
        let means = self.cell_means();
        let mut levels = Vec::with_capacity(self.levels().len());
        let columns: Vec<Place> = (0..width).map(|x| Place::of(x, width / CELL)).collect();
        let mut line = vec![0.0; row_values];
        for y in 0..height {
            let rows = Place::of(y, height / CELL);
            let [above, below] = rows.cells.map(|cell| &means[cell * row_values..][..row_values]);
            for ((level, &above), &below) in line.iter_mut().zip(above).zip(below) {
                *level = rows.between(above, below);
            }
            for column in &columns {
                let [left, right] = column.cells.map(|cell| &line[cell * channels..][..channels]);
                let levels_here = left.iter().zip(right);
                levels.extend(levels_here.map(|(&left, &right)| column.between(left, right)));
            }
        }
        Self::new(height, width, channels, levels)
    }

    fn cell_means(&self) -> Vec<f32> {
        let row_values = self.width() * self.channels();
        let mut means = vec![0.0; self.levels().len() / (CELL * CELL)];
        let cell_rows = means.chunks_exact_mut(row_values / CELL);
        for (cells, rows) in cell_rows.zip(self.levels().chunks_exact(CELL * row_values)) {
            for row in rows.chunks_exact(row_values) {
                let blocks = row.chunks_exact(CELL * self.channels());
                for (cell, block) in cells.chunks_exact_mut(self.channels()).zip(blocks) {
                    for sample in block.chunks_exact(self.channels()) {
                        cell.iter_mut().zip(sample).for_each(|(sum, level)| *sum += level);
                    }
                }
            }
        }
        means.iter_mut().for_each(|sum| *sum /= (CELL * CELL) as f32);
        means
    }
}

/// Where a sample lies among the centres of cells along one axis.
#[derive(Clone, Copy)]
struct Place {
    /// The cells before and after it.
    cells: [usize; 2],
    /// Share of the later.
    share: f32,
}

impl Place {
    fn of(at: usize, cells: usize) -> Self {
        let centre = ((at as f32 + 0.5) / CELL as f32 - 0.5).max(0.0);
        let before = centre as usize;
        let after = (before + 1).min(cells - 1);
        Self { cells: [before, after], share: centre - before as f32 }
    }

    fn between(self, before: f32, after: f32) -> f32 {
        before * (1.0 - self.share) + after * self.share
    }
}
