// SPDX-License-Identifier: MIT OR Apache-2.0
//! All traces as one map: for each cell how likely it is that it was altered.
//!
//! The log odds of the traces add up; those of a trace that has no significant region are lowered until
//! none speaks for. So the map is dark where nothing is significant, and still orders the cells. Every
//! region that the answer names is then lit as a whole, whatever single cells of it say: what was
//! significant is the region. Of a copy both sides are, one of which was altered. Colour filter and contrast are told
//! by their regions alone: what single cells say there is too noisy to be added.
//!
//! Where the answer names nothing, what lacks an earlier compression that the rest clearly has is lit all
//! the same if it is large: its bound on false alarms counts every outline, and is seldom reached by what is
//! not smooth. No score and no finding follows. Of the model card's 86 forgeries that were dark 24 are lit so, 15 of
//! them with an F1 above 0.3.
//!
//! # Constants and their source
//! [`NAMED`] follows from what it must do, be above 0.5; of the cells of named regions two thirds
//! were altered for double compression, nine tenths for foreign grids and compressions off the grid,
//! six tenths for noise (`training/TRAINING.md`). The others were set by hand before the map was measured on the
//! collections of the model card, and not changed after. They are no fit: a heat of 0.5 is "more
//! likely altered than not" as far as the traces' own odds are, and those of double compression are
//! a little high at their top. [`UNNAMED_CELLS`] is the least of 4, 8, 12, 16, 24, 32, 48 and 64 with at most 1 % of the
//! area lit in 90 authentic pictures of CASIA 1 saved again with a forgery's table, and in 250 of other sources
//! compressed twice on one grid: what is shown where every picture was compressed twice. The model card has the area on others.

use assay_plugin_api::prelude::*;
use assay_signal::morphology::{connected_components, Mask};

use crate::model::strength;
use crate::noise_level::NoiseRegion;
use crate::trace::{Cells, Trace, CELL_PX};
use crate::traces::{silent, Looked, Traces};
use crate::verbal::STRIKING_NOISE;

/// Log odds that a cell was altered before any trace is seen: one in thirteen.
const PRIOR: f32 = -2.5;
/// Log odds of a cell in a region, for one of the region's [`strength`].
const GRID: f32 = 2.0;
const NOISE: f32 = 1.0;
/// Least and most that one trace says of a cell.
const SAID: (f32, f32) = (-2.0, 5.0);
/// Least log odds of a cell of a region that the answer names: a heat of 0.55.
const NAMED: f32 = 0.2;
/// Cells from which a part that lacks an earlier compression is lit though it is not significant.
const UNNAMED_CELLS: usize = 32;
/// Share of the differences between cells, and least that is said, without a significant region.
const FAINT: (f32, f32) = (0.25, -1.0);

/// Draws the traces.
///
/// # Errors
/// That of a picture without luma.
pub fn map(evidence: &Evidence<'_>, traces: &Traces) -> Result<Heatmap, NoScore> {
    let luma = evidence.luma()?;
    let (width, height) = (luma.width(), luma.height());
    let mut heat = silent(width, height);
    let mut named = Vec::new();
    for (region, cells) in quiet(traces, width, height) {
        let said = NOISE * strength(Some(region.log10_nfa)) as f32;
        raise(&mut heat.log_odds, &cells, said.min(SAID.1));
        if region.log10_nfa <= STRIKING_NOISE {
            named.extend(cells);
        }
    }
    let mut grid = silent(width, height);
    for region in &traces.grids.foreign {
        let cell = |(x, y)| y / CELL_PX * heat.columns + x / CELL_PX;
        let cells: Vec<_> = region.place.points().map(cell).collect();
        let said = GRID * strength(Some(region.log10_nfa)) as f32;
        raise(&mut grid.log_odds, &cells, said.min(SAID.1));
        named.extend(cells);
    }
    add(&mut heat.log_odds, grid.log_odds.into_iter());
    let drawn = [
        &traces.double_jpeg,
        &traces.off_grid,
        &traces.copy_move,
        &traces.residual_texture,
        &traces.resampling,
    ];
    drawn.iter().filter_map(|looked| looked.trace()).for_each(|trace| {
        add(&mut heat.log_odds, said(trace));
    });
    let told = drawn.into_iter().chain([&traces.cfa, &traces.contrast]).filter_map(Looked::trace);
    for region in told.flat_map(|trace| &trace.regions) {
        named.extend(region.cells.iter().chain(&region.source_cells));
    }
    if named.is_empty() {
        named = unnamed(traces);
    }
    heat.log_odds.iter_mut().for_each(|cell| *cell += PRIOR);
    raise(&mut heat.log_odds, &named, NAMED);
    Ok(Heatmap::covering(width, height, CELL_PX, |column, row| {
        let log_odds = heat.log_odds.get(row * heat.columns + column).copied().unwrap_or(PRIOR);
        1.0 / (1.0 + (-log_odds).exp())
    }))
}

/// Each region with less noise, and its cells on the map of a picture of this size.
fn quiet(
    traces: &Traces,
    width: usize,
    height: usize,
) -> impl Iterator<Item = (&NoiseRegion, Vec<usize>)> {
    let (columns, rows) = (width.div_ceil(CELL_PX), height.div_ceil(CELL_PX));
    let centre = |cell: usize, most: usize| (cell * CELL_PX + CELL_PX / 2).min(most - 1);
    traces.noise.iter().flat_map(move |noise| {
        noise.regions.iter().map(move |region| {
            let inside = |&at: &usize| {
                noise.covers(region, centre(at % columns, width), centre(at / columns, height))
            };
            (region, (0..columns * rows).filter(inside).collect())
        })
    })
}

/// What is lit where the answer names nothing.
pub(crate) fn unnamed(traces: &Traces) -> Vec<usize> {
    traces.double_jpeg.trace().map_or_else(Vec::new, |trace| large(&trace.cells))
}

/// The cells that hang together, are more likely foreign than not and are at least [`UNNAMED_CELLS`].
fn large(cells: &Cells) -> Vec<usize> {
    let columns = cells.columns.max(1);
    let at = |(row, column): (usize, usize)| row * columns + column;
    let mask = Mask::from_shape_fn((cells.log_odds.len() / columns, columns), |place| {
        cells.log_odds.get(at(place)).is_some_and(|&odds| odds > 0.0)
    });
    let components = connected_components(&mask);
    let size = |label: u32| {
        let index = (label as usize).checked_sub(1)?;
        components.list.get(index).map(|component| component.size)
    };
    let labels = components.labels.indexed_iter();
    let is_large = |label: u32| size(label).is_some_and(|size| size >= UNNAMED_CELLS);
    labels.filter(|(_, &label)| is_large(label)).map(|(place, _)| at(place)).collect()
}

/// Cells say at least this.
fn raise(cells: &mut [f32], which: &[usize], least: f32) {
    for &at in which {
        if let Some(cell) = cells.get_mut(at) {
            *cell = cell.max(least);
        }
    }
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
