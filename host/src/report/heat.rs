// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where in the picture something was seen, as it is kept beside an answer: heats of a grid of cells.

use assay_plugin_api::heatmap::Heatmap;
use image::RgbaImage;
use serde::Serialize;

use crate::analysis::{Localisation, StoredLocalisation};

/// Heats of a grid of cells, 255 = most suspicious.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heat {
    /// Columns of the stored picture, px.
    pub width: u32,
    /// Its rows, px.
    pub height: u32,
    /// Columns of cells.
    pub columns: u32,
    /// Rows of cells.
    pub rows: u32,
    /// Side of a cell, px.
    pub cell_px: u32,
    /// The heats, row by row.
    #[serde(skip_serializing)]
    heats: Vec<u8>,
}

impl Heat {
    /// That of a fresh analysis of a picture of this size.
    #[must_use]
    pub fn of(found: &Localisation, [width, height]: [u32; 2]) -> Self {
        StoredLocalisation::of(found, (width, height)).into()
    }

    /// Reads what was kept; `None` for what cannot be a grid over a picture.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        StoredLocalisation::read(bytes).ok().map(Self::from)
    }

    /// Whether any cell is warm.
    #[must_use]
    pub fn shows_something(&self) -> bool {
        self.heats.iter().any(|heat| *heat > 0)
    }

    /// The largest heat in a box (first column and row, columns and rows, px), 0..=1.
    #[must_use]
    pub fn hottest(&self, [x, y, width, height]: [u32; 4]) -> f64 {
        let cells = |from: u32, side: u32, cells: u32| {
            let last = from.saturating_add(side).saturating_sub(1) / self.cell_px;
            from / self.cell_px..=last.min(cells.saturating_sub(1))
        };
        let mut hottest = 0;
        for row in cells(y, height, self.rows) {
            for column in cells(x, width, self.columns) {
                let at = u64::from(row) * u64::from(self.columns) + u64::from(column);
                let heat = usize::try_from(at).ok().and_then(|at| self.heats.get(at));
                hottest = hottest.max(heat.copied().unwrap_or(0));
            }
        }
        f64::from(hottest) / 255.0
    }

    /// The cells in the colours of the overlay, one pixel a cell.
    #[must_use]
    pub fn colours(&self) -> RgbaImage {
        let values = self.heats.iter().map(|heat| f32::from(*heat) / 255.0).collect();
        let heatmap = Heatmap { columns: self.columns, rows: self.rows, cell_px: 1, values };
        let found = Localisation { heatmap, regions: Vec::new() };
        found.colour(self.columns, self.rows)
    }
}

impl From<StoredLocalisation> for Heat {
    fn from(stored: StoredLocalisation) -> Self {
        let StoredLocalisation { width, height, columns, rows, cell_px, heats } = stored;
        Self { width, height, columns, rows, cell_px, heats }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_that_covers_its_picture_is_read() {
        let heat = Heat {
            width: 20,
            height: 10,
            columns: 3,
            rows: 2,
            cell_px: 8,
            heats: vec![0, 1, 2, 3, 4, 255],
        };
        assert_eq!(heat.hottest([0, 0, 8, 8]), 0.0);
        assert_eq!(heat.hottest([15, 7, 2, 2]), 1.0);
        assert_eq!(heat.hottest([8, 0, 8, 8]), 1.0 / 255.0);
        assert_eq!(heat.hottest([u32::MAX, 0, u32::MAX, 8]), 0.0);
        assert_eq!(heat.colours().dimensions(), (3, 2));
        assert!(heat.shows_something());
    }
}
