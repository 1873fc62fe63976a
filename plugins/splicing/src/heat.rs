// SPDX-License-Identifier: MIT OR Apache-2.0
//! The traces as a heatmap.
//!
//! The heat of a cell is how far the score that its strongest trace alone would give lies above
//! 0.5, as a share of the way to 1; a cell without a trace is 0.

use assay_plugin_api::prelude::*;

use crate::model::{grid_logit, noise_logit, Traces};

/// Side of a cell in small pictures, px: a JPEG block.
const CELL_PX: usize = 8;
/// Most cells along a side.
const MOST_CELLS: usize = 256;

/// Draws the traces; `score_of` maps a logit to a score.
///
/// # Errors
/// Those of `score_of`, and of a picture without luma.
pub fn map(
    evidence: &Evidence<'_>,
    traces: &Traces,
    score_of: impl Fn(f64) -> Result<f64, NoScore>,
) -> Result<Heatmap, NoScore> {
    let luma = evidence.luma()?;
    let (width, height) = (luma.width(), luma.height());
    let cell_px = width.max(height).div_ceil(MOST_CELLS).next_multiple_of(CELL_PX);
    let columns = width.div_ceil(cell_px);
    let heat = |logit| score_of(logit).map(|score| ((score - 0.5) * 2.0).clamp(0.0, 1.0) as f32);
    let mut cells = vec![0.0_f32; columns * height.div_ceil(cell_px)];
    if let Some(noise) = &traces.noise {
        for region in &noise.regions {
            let heat = heat(noise_logit(region.log10_nfa))?;
            for (at, cell) in cells.iter_mut().enumerate() {
                let centre = |cell: usize, most| (cell * cell_px + cell_px / 2).min(most - 1);
                let (x, y) = (centre(at % columns, width), centre(at / columns, height));
                if noise.covers(region, x, y) {
                    *cell = cell.max(heat);
                }
            }
        }
    }
    for region in &traces.grids.foreign {
        let heat = heat(grid_logit(region.log10_nfa))?;
        for (x, y) in region.place.points() {
            if let Some(cell) = cells.get_mut(y / cell_px * columns + x / cell_px) {
                *cell = cell.max(heat);
            }
        }
    }
    Ok(Heatmap::covering(width, height, cell_px, |column, row| {
        cells.get(row * columns + column).copied().unwrap_or(0.0)
    }))
}
