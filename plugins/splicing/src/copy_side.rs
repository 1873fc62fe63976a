// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which side of a copy is the copy, and which the original?
//!
//! # What it tests
//! What the other traces say of the cells of either side. Content tells nothing: both sides have it.
//!
//! # Why it works
//! The original lies where it always lay: it has the earlier compression, the grid, the pattern of the colour
//! filter that the rest has. The copy was moved, by chance off the grid 63 times in 64, and often scaled.
//!
//! # When it does not apply
//! Where no other trace speaks, or both sides look alike to all of them, it is not told: after a move by
//! whole blocks, where the picture was compressed once, where the last save erased what was before.
//!
//! # Null model
//! If neither side were the original, or the traces knew nothing of them, the mean log odds of both sides
//! would differ by chance alone. The difference counts for every [`DEPENDENT`]th cell of the smaller side,
//! and it is told from odds of [`LEAST_ODDS`] on.
//!
//! # Constants and their source
//! Beside each; set before any collection was looked at.
//!
//! # References
//! Barni, Phan, Tondi, "Copy move source-target disambiguation through multi-branch CNNs", IEEE TIFS 16, 2021
//! (the question, and interpolation and compression as its answers).

use crate::trace::{Region, CELL_PX};
use crate::traces::{Looked, Traces};

/// Cells that count as one: what a trace says of neighbours is not independent.
const DEPENDENT: f64 = 16.0;
/// Natural log odds from which it is told: 20 to 1.
const LEAST_ODDS: f64 = 3.0;
/// Most that a trace says of one cell, natural log odds.
const MOST: f32 = 3.0;

/// A side of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// That of the region's `cells`.
    Cells,
    /// That of its `source_cells`.
    SourceCells,
}

/// The side that is the copy; `None` where it cannot be told.
#[must_use]
pub fn copy(region: &Region, traces: &Traces) -> Option<Side> {
    let odds: f64 = evidence(region, traces).iter().map(|(_, odds)| odds).sum();
    match odds {
        odds if odds >= LEAST_ODDS => Some(Side::Cells),
        odds if odds <= -LEAST_ODDS => Some(Side::SourceCells),
        _ => None,
    }
}

/// What each trace says for `cells` being the copy, natural log odds; below 0 for `source_cells`.
#[must_use]
pub fn evidence(region: &Region, traces: &Traces) -> [(&'static str, f64); 5] {
    let smaller = region.cells.len().min(region.source_cells.len());
    let independent = smaller as f64 / DEPENDENT;
    let difference = |of: &dyn Fn(usize) -> f32| {
        independent * (mean(&region.cells, of) - mean(&region.source_cells, of))
    };
    let said = |looked: &Looked| {
        let odds = looked.trace().map(|trace| &trace.cells.log_odds);
        let of = |at: usize| odds.and_then(|odds| odds.get(at)).map_or(0.0, |&odds| odds);
        difference(&|at| of(at).clamp(-MOST, MOST))
    };
    [
        ("grid", difference(&foreign(traces))),
        ("double_jpeg", said(&traces.double_jpeg)),
        ("off_grid", said(&traces.off_grid)),
        ("resampling", said(&traces.resampling)),
        ("cfa", said(&traces.cfa)),
    ]
}

/// [`MOST`] for cells that vote for another grid than the picture's.
fn foreign(traces: &Traces) -> impl Fn(usize) -> f32 {
    let columns = traces.copy_move.trace().map_or(1, |trace| trace.cells.columns);
    let points = traces.grids.foreign.iter().flat_map(|region| region.place.points());
    let cells: std::collections::BTreeSet<usize> =
        points.map(|(x, y)| y / CELL_PX * columns + x / CELL_PX).collect();
    move |at| if cells.contains(&at) { MOST } else { 0.0 }
}

fn mean(cells: &[usize], of: &dyn Fn(usize) -> f32) -> f64 {
    cells.iter().map(|&at| f64::from(of(at))).sum::<f64>() / cells.len().max(1) as f64
}
