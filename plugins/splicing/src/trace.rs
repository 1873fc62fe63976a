// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a trace of splicing hands over, whatever it looks at.
//!
//! A trace that cannot be carried by the picture (no JPEG, too small, compressed too strongly) says
//! so with [`NoScore::not_applicable`](assay_plugin_api::prelude::NoScore) and has no say in the
//! score. One that was looked for and not found is a [`Trace`] without regions.

/// Side of a cell, px: a JPEG block.
pub const CELL_PX: usize = 8;

/// A number for each cell of the picture, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Cells {
    /// Cells along a row: the picture's width / [`CELL_PX`], rounded up.
    pub columns: usize,
    /// For each cell how much the trace speaks for a foreign part, in natural log odds; 0 where it
    /// says nothing, below 0 where it speaks for the picture's own content. Finite.
    pub log_odds: Vec<f32>,
}

/// A region that the trace finds significant.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// Indices of its cells, ascending.
    pub cells: Vec<usize>,
    /// Expected number of such regions in a picture without any, log10; below 0.
    pub log10_nfa: f64,
    /// The same content elsewhere, for a copy: the cells that it was taken from. Empty otherwise.
    pub source_cells: Vec<usize>,
}

/// A trace that was looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// What each cell says.
    pub cells: Cells,
    /// Significant regions, the most significant first.
    pub regions: Vec<Region>,
}
