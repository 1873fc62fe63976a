// SPDX-License-Identifier: MIT OR Apache-2.0
//! All traces of a picture: what each found, or why it does not apply.

use assay_plugin_api::prelude::*;

use crate::jpeg_grid::{self, Grids};
use crate::noise_level::{self, NoiseLevels};
use crate::off_grid::Earlier;
use crate::threads::{share_out, Slot};
use crate::trace::{Cells, Trace, CELL_PX};
use crate::{cfa, contrast, copy_move, double_jpeg, off_grid, resampling, residual_texture};

/// A trace that was looked for, or the reason why the picture cannot carry it.
#[derive(Clone, Debug, PartialEq)]
pub enum Looked {
    /// It was looked for.
    For(Trace),
    /// It does not apply.
    NotApplicable(String),
}

impl Looked {
    fn of(result: Result<Trace, NoScore>) -> Result<Self, NoScore> {
        match result {
            Ok(trace) => Ok(Self::For(trace)),
            Err(NoScore::NotApplicable { reason }) => Ok(Self::NotApplicable(reason.into())),
            Err(fault) => Err(fault),
        }
    }

    /// What was found; `None` where it does not apply.
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        match self {
            Self::For(trace) => Some(trace),
            Self::NotApplicable(_) => None,
        }
    }

    /// log10 NFA of the most significant region; `None` without one.
    #[must_use]
    pub fn log10_nfa(&self) -> Option<f64> {
        self.trace()?.regions.first().map(|region| region.log10_nfa)
    }
}

/// All traces of a picture.
#[derive(Clone, Debug)]
pub struct Traces {
    /// JPEG grids.
    pub grids: Grids,
    /// Noise levels; `None` where too little is flat and unsaturated.
    pub noise: Option<NoiseLevels>,
    /// Double compression.
    pub double_jpeg: Looked,
    /// Earlier compression on another grid.
    pub off_grid: Looked,
    /// The compression on another grid that most of a JPEG went through before.
    pub cropped: Option<Earlier>,
    /// Copies within the picture.
    pub copy_move: Looked,
    /// Gaps and peaks of histograms.
    pub contrast: Looked,
    /// Statistics of the residual.
    pub residual_texture: Looked,
    /// Periods of interpolation.
    pub resampling: Looked,
    /// The pattern of the colour filter.
    pub cfa: Looked,
}

impl Traces {
    /// Measures all traces, on two threads.
    ///
    /// # Errors
    /// `NotApplicable` when a side is below 64 px; `Cancelled`.
    pub fn measure(evidence: &Evidence<'_>) -> Result<Self, NoScore> {
        let (grids, noise) = (Slot::default(), Slot::default());
        let (double_jpeg, off_grid) = (Slot::default(), Slot::default());
        let (copy_move, residual_texture) = (Slot::default(), Slot::default());
        let (resampling, cfa, contrast) = (Slot::default(), Slot::default(), Slot::default());
        // Those that take longest first, so that both threads end at about the same time.
        share_out(&[
            &|| copy_move.fill(copy_move::measure(evidence)),
            &|| grids.fill(jpeg_grid::measure(evidence)),
            &|| double_jpeg.fill(double_jpeg::measure(evidence)),
            &|| residual_texture.fill(residual_texture::measure(evidence)),
            &|| off_grid.fill(off_grid::examine(evidence)),
            &|| resampling.fill(resampling::measure(evidence)),
            &|| noise.fill(noise_level::measure(evidence)),
            &|| cfa.fill(cfa::measure(evidence)),
            &|| contrast.fill(contrast::measure(evidence)),
        ]);
        let (grids, noise) = (grids.taken()?, noise.taken()?);
        let double_jpeg = Looked::of(double_jpeg.taken())?;
        let off_grid = off_grid.taken();
        let (resampling, cfa) = (Looked::of(resampling.taken())?, Looked::of(cfa.taken())?);
        let contrast = Looked::of(contrast.taken())?;
        let cropped = off_grid.iter().find_map(|found| found.cropped());
        let off_grid = Looked::of(off_grid.map(|found| found.trace))?;
        let copy_move = Looked::of(copy_move.taken())?;
        let residual_texture = Looked::of(residual_texture.taken())?;
        Ok(Self {
            grids,
            noise,
            double_jpeg,
            off_grid,
            cropped,
            copy_move,
            contrast,
            residual_texture,
            resampling,
            cfa,
        })
    }
}

/// The box around some cells of a picture of this size, px.
#[must_use]
pub fn bounds(cells: &[usize], columns: usize, width: usize, height: usize) -> Region {
    let (mut left, mut top, mut right, mut bottom) = (usize::MAX, usize::MAX, 0, 0);
    for &cell in cells {
        let (column, row) = (cell % columns.max(1), cell / columns.max(1));
        (left, top) = (left.min(column), top.min(row));
        (right, bottom) = (right.max(column + 1), bottom.max(row + 1));
    }
    let px = |cell: usize, most: usize| (cell.saturating_mul(CELL_PX)).min(most);
    let side = |from: usize, to: usize, most: usize| px(to, most).saturating_sub(px(from, most));
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Region {
        x: number(px(left, width)),
        y: number(px(top, height)),
        width: number(side(left, right, width)),
        height: number(side(top, bottom, height)),
    }
}

/// Cells of a picture of this size, all without a say.
#[must_use]
pub fn silent(width: usize, height: usize) -> Cells {
    let (columns, rows) = (width.div_ceil(CELL_PX), height.div_ceil(CELL_PX));
    Cells { columns, log_odds: vec![0.0; columns * rows] }
}
