// SPDX-License-Identifier: MIT OR Apache-2.0
//! Residual texture: is there a part whose fine grain has other local statistics than the rest?
//!
//! # What it tests
//! The third difference of brightness, along rows and along columns, is quantised to three levels, and
//! the patterns of four neighbours are [counted](histograms) in sliding blocks. The counts, less what
//! texture and brightness explain, are projected on the few directions in which pictures differ from
//! each other more than places of one do ([`subspace`]). Two Gaussians are fitted to a picture's blocks
//! ([`mixture`]); the smaller group is the foreign one. What the groups look like is weighed against
//! authentic pictures ([`verdict`]): every picture falls into two groups somehow.
//!
//! # Why it works
//! Demosaicing, sharpening, denoising, resizing and compression leave a grain of their own in how
//! neighbouring residuals go together. A part from another source, painted or generated, has another.
//!
//! # When it does not apply
//! Pictures with fewer than [`FEWEST_BLOCKS`] unsaturated blocks. Small pictures hold few independent
//! blocks, and a last strong compression gives all parts its own grain: both leave little to find. A
//! part of more than half the picture has the sides swapped. Sharp objects before defocus, water and
//! foliage differ in grain without any forgery; therefore a region is only named where fewer than one
//! authentic picture in 200 shows as much, and most forgeries are not.
//!
//! # Differences from the paper
//! Cozzolino et al. find principal components and their covariance in the picture itself. Here the
//! directions are linear discriminants fitted once to authentic pictures, after a regression on texture
//! and brightness, since texture is the widest component of most pictures. The outlier is a second
//! Gaussian with the same covariance, so that the map is the log likelihood ratio, linear in a block's
//! vector.
//!
//! # Constants and their source
//! Beside each; those of `table.rs` and `verdict.rs` are what `training/residual_texture.py` prints
//! (see `training/TRAINING.md`). Blocks of 64 px, which the paper has for small pictures only,
//! leave about 24 side by side at 384x256 px, where 128 px would leave six; at 768x768 px they
//! found forgeries of our own making better too. In large pictures neighbouring blocks lie farther
//! apart and every second row is counted, which bounds the time.
//!
//! # What it finds
//! Chosen on our own forgeries and synthetic splices, so optimistic there: cells of 13 splices of
//! 768x768 px are ranked with an area under the curve of 0.93 (95 %: 0.85 to 0.99), best F1 0.79; of
//! 77 synthetic ones 0.76 and 0.63. Nothing is found in CASIA 1 at 384x256 px (70 splices: 0.50, 0.43
//! to 0.57). No region in 121 camera originals and 89 authentic pictures of CASIA 1 (together 0 to
//! 1.4 %), two of 57 forgeries of our own have one. Of the pictures that the tails were fitted to, one
//! each in 156 and 177 below 0.4 MP has one, none of 168 larger.
//!
//! # References
//! Cozzolino, Poggi, Verdoliva, "Splicebuster: a new blind image splicing detector", WIFS 2015.
//! Fridrich, Kodovsky, "Rich models for steganalysis of digital images", TIFS 2012 (the patterns).

use assay_plugin_api::plane::Luma8;
use assay_plugin_api::prelude::*;
use assay_signal::morphology::{connected_components, Mask};

use crate::trace::{Cells, Region, Trace, CELL_PX};

mod expectation;
mod histograms;
mod map;
mod mixture;
mod scanner;
mod split;
mod subspace;
mod table;
pub mod training;
mod verdict;

use histograms::{count, Counts, Layout};
use map::BlockMap;
use mixture::Mixture;
use split::{Block, NUMBERS};

/// Pixels below which blocks are small: larger ones would leave too few side by side.
const SMALL_PICTURE_PIXELS: usize = 1_000_000;
/// Side of a block, px, in small pictures and in others [64 and 128: Cozzolino 2015].
const BLOCK_PX: (usize, usize) = (64, 128);
/// Distance of neighbouring blocks, px [Cozzolino 2015], doubled while there are more than
/// [`MOST_POSITIONS`].
const STRIDE_PX: usize = 8;
/// Positions that the time allows, about.
const MOST_POSITIONS: usize = 23_000;
/// Share of a block that must be unsaturated [Cozzolino 2015].
const LEAST_UNSATURATED: f64 = 0.85;
/// Blocks with less say nothing of two groups.
const FEWEST_BLOCKS: usize = 48;

/// Looks for a part with other residual texture.
///
/// # Errors
/// `NotApplicable` for pictures that hold too few unsaturated blocks; `Cancelled`.
pub fn measure(evidence: &Evidence<'_>) -> Result<Trace, NoScore> {
    let luma = evidence.luma()?;
    let (width, height) = (luma.width(), luma.height());
    let Some(parted) = part(evidence, &luma)? else { return Ok(silent(width, height)) };
    let ratios = parted.ratios().cells(width, height);
    let verdict = verdict::of(&parted.numbers, width * height);
    let log_odds = ratios.iter().copied().map(verdict.cell_log_odds()).collect();
    let regions = match verdict.log10_nfa() {
        Some(log10_nfa) => regions(&ratios, width.div_ceil(CELL_PX), log10_nfa),
        None => Vec::new(),
    };
    Ok(Trace { cells: Cells { columns: width.div_ceil(CELL_PX), log_odds }, regions })
}

/// A picture whose blocks were parted into own and foreign ones.
struct Parted {
    layout: Layout,
    columns: usize,
    rows: usize,
    blocks: Vec<Block>,
    mixture: Mixture,
    numbers: [f64; NUMBERS],
}

impl Parted {
    /// Log likelihood ratio of foreign to own at each block position, 0 at saturated ones.
    fn ratios(&self) -> BlockMap {
        let mut values = vec![0.0; self.columns * self.rows];
        for block in &self.blocks {
            values[block.at] = self.mixture.log_ratio(&block.vector) as f32;
        }
        BlockMap {
            columns: self.columns,
            rows: self.rows,
            stride_px: self.layout.stride_px,
            block_px: self.layout.block_px(),
            values,
        }
    }
}

/// Parts the blocks of a picture; `None` where they make one group.
///
/// # Errors
/// `NotApplicable` for too few unsaturated blocks; `Cancelled`.
fn part(evidence: &Evidence<'_>, luma: &Luma8<'_>) -> Result<Option<Parted>, NoScore> {
    let is_small = luma.pixels() < SMALL_PICTURE_PIXELS;
    let layout = layout(luma.pixels(), if is_small { BLOCK_PX.0 } else { BLOCK_PX.1 });
    let mut blocks = Vec::new();
    let (columns, rows) = each_unsaturated(evidence, luma, layout, |at, counts| {
        let vector = subspace::project(counts);
        blocks.push(Block { at, vector, texture: subspace::texture(counts) });
    })?;
    evidence.check_cancelled()?;
    let block_px = layout.block_px();
    if blocks.len() < FEWEST_BLOCKS {
        return Err(NoScore::not_applicable(format!(
            "The picture has {} unsaturated blocks of {block_px} px; {FEWEST_BLOCKS} are needed.",
            blocks.len()
        )));
    }
    let vectors: Vec<_> = blocks.iter().map(|block| block.vector).collect();
    let areas = luma.pixels() as f64 / (block_px * block_px) as f64;
    let Some(mixture) = Mixture::fit(evidence, &vectors, areas)? else { return Ok(None) };
    let numbers = split::numbers(&mixture, &blocks, (columns, rows));
    Ok(numbers.map(|numbers| Parted { layout, columns, rows, blocks, mixture, numbers }))
}

/// How a picture of so many pixels is cut into blocks of `block_px`.
fn layout(pixels: usize, block_px: usize) -> Layout {
    let mut stride_px = STRIDE_PX;
    while pixels / (stride_px * stride_px) > MOST_POSITIONS && stride_px < block_px {
        stride_px *= 2;
    }
    let row_step = if stride_px >= 4 * STRIDE_PX { 2 } else { 1 };
    Layout { stride_px, block_cells: block_px / stride_px, row_step }
}

/// Calls `take` with the place and the counts of every block that is not saturated, row by row;
/// returns columns and rows of block positions.
///
/// # Errors
/// `Cancelled`.
fn each_unsaturated(
    evidence: &Evidence<'_>,
    luma: &Luma8<'_>,
    layout: Layout,
    mut take: impl FnMut(usize, &Counts),
) -> Result<(usize, usize), NoScore> {
    let grid = count(evidence, luma, layout)?;
    let side = layout.block_cells;
    let positions = |cells: usize| (cells + 1).saturating_sub(side);
    let least = LEAST_UNSATURATED * (layout.block_px().pow(2) / layout.row_step) as f64;
    let mut at = 0;
    grid.each_block(side, |counts| {
        if f64::from(counts.pixels) >= least {
            take(at, counts);
        }
        at += 1;
    });
    Ok((positions(grid.columns), positions(grid.rows)))
}

/// The trace of a picture whose blocks make one group.
fn silent(width: usize, height: usize) -> Trace {
    let columns = width.div_ceil(CELL_PX);
    let log_odds = vec![0.0; columns * height.div_ceil(CELL_PX)];
    Trace { cells: Cells { columns, log_odds }, regions: Vec::new() }
}

/// Cells that touch and lie on the foreign side; the largest region first.
fn regions(ratios: &[f32], columns: usize, log10_nfa: f64) -> Vec<Region> {
    let foreign = ratios.iter().map(|&ratio| ratio > 0.0).collect();
    let mask = Mask::from_shape_vec((ratios.len() / columns, columns), foreign)
        .unwrap_or_else(|_| unreachable!("cells fill their rows"));
    let components = connected_components(&mask);
    let mut cells = vec![Vec::new(); components.list.len()];
    for (at, &label) in components.labels.iter().enumerate() {
        if let Some(of) = (label as usize).checked_sub(1).and_then(|index| cells.get_mut(index)) {
            of.push(at);
        }
    }
    let most = cells.iter().map(Vec::len).max().unwrap_or(0);
    // Splinters beside a region are the blur of its border.
    cells.retain(|cells| 4 * cells.len() >= most);
    cells.sort_by_key(|cells| std::cmp::Reverse(cells.len()));
    let region = |cells| Region { cells, log10_nfa, source_cells: Vec::new() };
    cells.into_iter().map(region).collect()
}
