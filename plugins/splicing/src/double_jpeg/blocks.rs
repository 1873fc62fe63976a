// SPDX-License-Identifier: MIT OR Apache-2.0
//! The blocks of a JPEG: which can carry the trace, how busy they are, and what their coefficients
//! would be on a grid that no compression has touched.
//!
//! *Why a shifted grid.* The DCT of the decoded picture, 4 px off its grid along both axes, hits no
//! quantisation lattice: its coefficients follow the law that the file's own followed before they
//! were quantised [Lukas and Fridrich 2003, "calibration"].

use assay_plugin_api::evidence::Coefficients;
use assay_plugin_api::plane::Luma8;
use assay_plugin_api::prelude::*;
use assay_signal::dct::forward;
use assay_signal::filter::{local_mean, Border};
use assay_signal::jpeg::tables::NATURAL_FROM_ZIGZAG;
use assay_signal::Samples;

use crate::trace::CELL_PX;

/// AC coefficients that are looked at, the first in zigzag order. The paper takes fewer; with the
/// steps tied by a table, weak frequencies help too.
pub(crate) const FREQUENCIES: usize = 28;
/// Classes of blocks by how busy they are, equal in number.
pub(crate) const CLASSES: usize = 6;
/// Non-zero AC coefficients below which the rounding of a block's samples is not noise: a constant
/// block is off by the same half everywhere.
const FEWEST_NONZERO: usize = 4;
/// Samples outside this range were clipped, or may have been.
const UNCLIPPED: std::ops::RangeInclusive<u8> = 2..=253;
/// Most blocks of the shifted grid that are transformed.
const MOST_SHIFTED: usize = 8192;
/// Usable blocks below which nothing is estimated.
pub(crate) const FEWEST_USABLE: usize = 200;

/// The natural index of each frequency that is looked at.
pub(crate) fn frequencies() -> impl Iterator<Item = usize> {
    NATURAL_FROM_ZIGZAG.iter().skip(1).take(FREQUENCIES).map(|&natural| usize::from(natural))
}

/// The blocks of a file.
pub(crate) struct Blocks<'a> {
    pub(crate) columns: usize,
    pub(crate) values: &'a [[i16; 64]],
    /// The class of each block; `None` if it cannot carry the trace.
    pub(crate) classes: Vec<Option<u8>>,
    pub(crate) usable: usize,
}

/// A block of the shifted grid: its class and its coefficients in the order of [`frequencies`].
pub(crate) struct Shifted {
    pub(crate) class: u8,
    pub(crate) values: [f32; FREQUENCIES],
}

impl<'a> Blocks<'a> {
    /// Sorts the blocks into classes and transforms the shifted grid.
    ///
    /// # Errors
    /// `NotApplicable` when the coefficients are not those of the picture or too few blocks are
    /// usable; `Cancelled`.
    pub(crate) fn of(
        evidence: &'a Evidence<'_>,
        luma: &Luma8<'_>,
        coefficients: &Coefficients<'a>,
        steps: &[u16; 64],
    ) -> Result<(Self, Vec<Shifted>), NoScore> {
        let (columns, rows) = (coefficients.block_columns(), coefficients.block_rows());
        let size = (luma.width().div_ceil(CELL_PX), luma.height().div_ceil(CELL_PX));
        if size != (columns, rows) {
            return Err(NoScore::not_applicable(
                "The coefficients of the file do not cover the picture as it was decoded.",
            ));
        }
        let values = coefficients.blocks();
        let clipped = clipped_blocks(luma, columns, rows);
        evidence.check_cancelled()?;
        let mut activity = Samples::zeros((rows, columns));
        for (activity, block) in activity.iter_mut().zip(values) {
            let weighted = block.iter().zip(steps).skip(1);
            let sum: i64 = weighted.map(|(&v, &q)| i64::from(v).abs() * i64::from(q)).sum();
            *activity = sum as f32;
        }
        let activity = local_mean(&activity, 1, Border::Clamp);
        let whole = (luma.width() / CELL_PX, luma.height() / CELL_PX);
        let usable: Vec<bool> = (0..values.len())
            .zip(values.iter().zip(&clipped))
            .map(|(at, (block, &clipped))| {
                let inside = at % columns < whole.0 && at / columns < whole.1;
                let nonzero = block.iter().skip(1).filter(|&&value| value != 0).count();
                inside && !clipped && nonzero >= FEWEST_NONZERO
            })
            .collect();
        evidence.check_cancelled()?;
        let busy = activity.as_slice().unwrap_or_default();
        let of_usable = busy.iter().zip(&usable).filter(|(_, &usable)| usable);
        let mut sorted: Vec<f32> = of_usable.map(|(&busy, _)| busy).collect();
        if sorted.len() < FEWEST_USABLE {
            return Err(NoScore::not_applicable(format!(
                "{} blocks have enough detail and no clipped samples; the test for double \
                 compression needs {FEWEST_USABLE}.",
                sorted.len()
            )));
        }
        sorted.sort_unstable_by(f32::total_cmp);
        let edges: [f32; CLASSES - 1] = std::array::from_fn(|edge| {
            sorted.get((edge + 1) * sorted.len() / CLASSES).copied().unwrap_or(f32::INFINITY)
        });
        let class_of = |busy: f32| edges.iter().filter(|&&edge| busy >= edge).count() as u8;
        let of_block = |(&busy, &usable): (&f32, &bool)| usable.then(|| class_of(busy));
        let classes = busy.iter().zip(&usable).map(of_block).collect();
        let blocks = Self { columns, values, classes, usable: sorted.len() };
        let corners = |at: usize| [at, at + 1, at + columns, at + columns + 1];
        let shifted_class = |at: usize| {
            let corners = corners(at);
            let clear = corners.iter().all(|&corner| clipped.get(corner) == Some(&false));
            let detailed =
                corners.iter().filter(|&&corner| usable.get(corner) == Some(&true)).count() >= 2;
            let sum: f32 = corners.iter().filter_map(|&corner| busy.get(corner)).sum();
            (clear && detailed).then(|| class_of(sum / 4.0))
        };
        let shifted = shifted_grid(evidence, luma, shifted_class)?;
        Ok((blocks, shifted))
    }
}

/// Which blocks hold a sample that may have been clipped.
fn clipped_blocks(luma: &Luma8<'_>, columns: usize, rows: usize) -> Vec<bool> {
    let mut clipped = vec![false; columns * rows];
    for (row, flags) in luma.rows().zip((0..luma.height()).map(|y| y / CELL_PX * columns)) {
        let flags = clipped.iter_mut().skip(flags).take(columns);
        for (flag, samples) in flags.zip(row.chunks(CELL_PX)) {
            *flag |= samples.iter().fold(false, |any, s| any | !UNCLIPPED.contains(s));
        }
    }
    clipped
}

/// Transforms blocks of the grid that is 4 px off, evenly spread.
fn shifted_grid(
    evidence: &Evidence<'_>,
    luma: &Luma8<'_>,
    class_of: impl Fn(usize) -> Option<u8>,
) -> Result<Vec<Shifted>, NoScore> {
    let half = CELL_PX / 2;
    let columns = luma.width().div_ceil(CELL_PX);
    let whole = |side: usize| (side.saturating_sub(half)) / CELL_PX;
    let (across, down) = (whole(luma.width()), whole(luma.height()));
    let stride = (across * down).div_ceil(MOST_SHIFTED).max(1);
    let mut shifted = Vec::with_capacity(across * down / stride + 1);
    for place in (0..across * down).step_by(stride) {
        if place % 1024 < stride {
            evidence.check_cancelled()?;
        }
        let (column, row) = (place % across, place / across);
        let Some(class) = class_of(row * columns + column) else { continue };
        let mut samples = [0.0; 64];
        for (y, line) in samples.as_chunks_mut::<CELL_PX>().0.iter_mut().enumerate() {
            let pixels = luma.row(row * CELL_PX + half + y).iter().skip(column * CELL_PX + half);
            for (sample, &pixel) in line.iter_mut().zip(pixels) {
                *sample = f32::from(pixel);
            }
        }
        let transformed = forward(&samples);
        let mut values = [0.0; FREQUENCIES];
        for (value, natural) in values.iter_mut().zip(frequencies()) {
            *value = transformed.get(natural).copied().unwrap_or_default();
        }
        shifted.push(Shifted { class, values });
    }
    Ok(shifted)
}
