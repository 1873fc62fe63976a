// SPDX-License-Identifier: MIT OR Apache-2.0
//! The crops as a heatmap.
//!
//! The heat of a crop is how far the score that a picture like it would have lies above 0.5, as a
//! share of the way to 1. Cells that no crop covers are 0; they were not read. A generator makes
//! whole pictures, so the map shows how far the crops agree: a hot crop beside cold ones is no
//! evidence of a pasted region.

use assay_plugin_api::prelude::*;
use assay_signal::classifier::Reading;

/// Side of a cell, px: an eighth of a crop.
const CELL_PX: usize = 32;

/// Draws the crops on a picture of `width` x `height` px; where they overlap, the hottest.
pub(crate) fn map(reading: &Reading, width: usize, height: usize) -> Heatmap {
    Heatmap::covering(width, height, CELL_PX, |column, row| {
        let centre = |cell: usize, length: usize| (cell * CELL_PX + CELL_PX / 2).min(length - 1);
        let (x, y) = (centre(column, width), centre(row, height));
        let over = reading.crops.iter().filter(|crop| {
            (crop.x..crop.x + crop.side).contains(&x) && (crop.y..crop.y + crop.side).contains(&y)
        });
        let heats = over.map(|crop| ((crop.score - 0.5) * 2.0).clamp(0.0, 1.0) as f32);
        heats.fold(0.0, f32::max)
    })
}
