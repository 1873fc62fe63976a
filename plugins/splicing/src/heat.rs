// SPDX-License-Identifier: MIT OR Apache-2.0
//! All traces as one map: for each cell how likely it is that it was altered.
//!
//! The log odds of the traces add up; those of a trace that has no significant region are lowered until
//! none speaks for. So the map is dark where nothing is significant, and still orders the cells. The
//! colour filter is told by its regions and not drawn: too few pictures carry it to know how often it errs.
//!
//! # Constants and their source
//! Set by hand before the map was measured on the collections of the model card, and not changed
//! after. They are no fit: a heat of 0.5 is "more likely altered than not" as far as the traces' own
//! odds are, and those of double compression are a little high at their top.

use assay_plugin_api::prelude::*;

use crate::model::strength;
use crate::trace::{Trace, CELL_PX};
use crate::traces::{silent, Traces};

/// Log odds that a cell was altered before any trace is seen: one in thirteen.
const PRIOR: f32 = -2.5;
/// Log odds of a cell in a region, for one of the region's [`strength`].
const GRID: f32 = 2.0;
const NOISE: f32 = 1.0;
/// Least and most that one trace says of a cell.
const SAID: (f32, f32) = (-2.0, 5.0);
/// Share of the differences between cells, and least that is said, without a significant region.
const FAINT: (f32, f32) = (0.25, -1.0);

/// Draws the traces.
///
/// # Errors
/// That of a picture without luma.
pub fn map(evidence: &Evidence<'_>, traces: &Traces) -> Result<Heatmap, NoScore> {
    let luma = evidence.luma()?;
    let (width, height) = (luma.width(), luma.height());
    let mut sum = silent(width, height);
    let columns = sum.columns;
    if let Some(noise) = &traces.noise {
        for region in &noise.regions {
            let said = NOISE * strength(Some(region.log10_nfa)) as f32;
            for (at, cell) in sum.log_odds.iter_mut().enumerate() {
                let centre = |cell: usize, most| (cell * CELL_PX + CELL_PX / 2).min(most - 1);
                let (x, y) = (centre(at % columns, width), centre(at / columns, height));
                if noise.covers(region, x, y) {
                    *cell = cell.max(said.min(SAID.1));
                }
            }
        }
    }
    let mut grid = silent(width, height);
    for region in &traces.grids.foreign {
        let said = GRID * strength(Some(region.log10_nfa)) as f32;
        for (x, y) in region.place.points() {
            if let Some(cell) = grid.log_odds.get_mut(y / CELL_PX * columns + x / CELL_PX) {
                *cell = cell.max(said.min(SAID.1));
            }
        }
    }
    add(&mut sum.log_odds, grid.log_odds.into_iter());
    let by_cells = [
        &traces.double_jpeg,
        &traces.off_grid,
        &traces.copy_move,
        &traces.residual_texture,
        &traces.resampling,
    ];
    for looked in by_cells {
        if let Some(trace) = looked.trace() {
            add(&mut sum.log_odds, said(trace));
        }
    }
    Ok(Heatmap::covering(width, height, CELL_PX, |column, row| {
        let log_odds = sum.log_odds.get(row * columns + column).copied().unwrap_or(0.0);
        1.0 / (1.0 + (-(PRIOR + log_odds)).exp())
    }))
}

/// What a trace says of each cell. Without a significant region its highest odds say nothing, and
/// lower ones a little.
fn said(trace: &Trace) -> impl Iterator<Item = f32> + '_ {
    let odds = &trace.cells.log_odds;
    let (from, share, (least, most)) = match trace.regions.is_empty() {
        true => {
            let highest = odds.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            (highest, FAINT.0, (FAINT.1, 0.0))
        }
        false => (0.0, 1.0, SAID),
    };
    odds.iter().map(move |odds| (share * (odds - from)).clamp(least, most))
}

fn add(sum: &mut [f32], said: impl Iterator<Item = f32>) {
    sum.iter_mut().zip(said).for_each(|(sum, said)| *sum += said);
}
