// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether the noise level is the same over the picture, and where it is not.
//!
//! # What it tests
//! The spread of the noise level of flat blocks around what their brightness explains.
//!
//! # Why it works
//! One sensor, one gain, one tone curve: flat blocks of equal brightness have equal noise. A
//! decoder decides anew for each object how grainy it is. The spread is the interquartile range of
//! `ln sigma - expected(brightness)`.
//!
//! # When it does not apply
//! Adaptive denoising and portrait modes of phones vary the level as well; defocused and textured
//! areas that pass for flat widen the spread.
//!
//! # Constants and their source
//! [`FULL_SCALE`]: a factor `e` in the level is shown as certain on the heatmap.
//!
//! # References
//! Mahdian, Saic, "Using noise inconsistencies for blind image forensics", Image and Vision
//! Computing 2009.

use assay_plugin_api::prelude::*;
use assay_signal::stats::robust::{median, quantiles};

use crate::blocks::{Block, Blocks};
use crate::intensity::Intensity;
use crate::level::SIGMA_FLOOR;

/// Deviation of `ln sigma` that a heatmap cell shows as 1.
const FULL_SCALE: f32 = 1.0;
/// Least side of a heatmap cell, px: two blocks.
const CELL_PX: usize = 32;

fn deviation(block: &Block, line: &Intensity) -> f32 {
    (f64::from(block.sigma + SIGMA_FLOOR).ln() - line.expected(block.mean)) as f32
}

/// Interquartile range of `ln sigma` around the line; 0 without blocks.
#[must_use]
pub fn measure(flat: &[&Block], line: &Intensity) -> f32 {
    let mut deviations: Vec<f32> = flat.iter().map(|block| deviation(block, line)).collect();
    quantiles(&mut deviations, [0.25, 0.75]).map_or(0.0, |[low, high]| high - low)
}

/// Draws how far the noise of the flat blocks in each cell is from the picture's line. Cells without
/// a flat block are 0. On a picture larger than what was sampled, a cell is as wide as the sampled
/// tiles are apart.
#[must_use]
pub fn heatmap(blocks: &Blocks, flat: &[&Block], line: &Intensity) -> Heatmap {
    let (width, height) = (blocks.width, blocks.height);
    let covered = blocks.tiles * blocks.tile_px * blocks.tile_px;
    let gap = ((width * height) as f64 / covered.max(1) as f64).sqrt();
    let cell_px = if gap < 1.5 { CELL_PX } else { (blocks.tile_px as f64 * gap) as usize / 8 * 8 };
    let columns = width.div_ceil(cell_px);
    let mut cells = vec![Vec::new(); columns * height.div_ceil(cell_px)];
    for block in flat {
        if let Some(cell) = cells.get_mut(block.y / cell_px * columns + block.x / cell_px) {
            cell.push(deviation(block, line));
        }
    }
    Heatmap::covering(width, height, cell_px, |column, row| {
        let cell = cells.get_mut(row * columns + column);
        let middle = cell.and_then(|cell| median(cell)).unwrap_or(0.0);
        (middle.abs() / FULL_SCALE).clamp(0.0, 1.0)
    })
}
