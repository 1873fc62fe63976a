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
use assay_signal::avx2_dispatch;
use assay_signal::dct::forward;
use assay_signal::filter::{local_mean, Border};
use assay_signal::jpeg::tables::NATURAL_FROM_ZIGZAG;
use assay_signal::Samples;

use super::law::LEVELS;
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
/// Blocks up to which the first steps are estimated from all of them; of more, 4.2 megapixels and up, from
/// so many or somewhat fewer, evenly spread: far more than the choice of a step needs.
const MOST_ESTIMATED: usize = 65_536;
/// Usable blocks below which nothing is estimated.
pub(crate) const FEWEST_USABLE: usize = 200;

/// The natural index of each frequency that is looked at.
pub(crate) fn frequencies() -> impl Iterator<Item = usize> {
    NATURAL_FROM_ZIGZAG.iter().skip(1).take(FREQUENCIES).map(|&natural| usize::from(natural))
}

/// The blocks of a file.
pub(crate) struct Blocks {
    pub(crate) columns: usize,
    /// For each block the magnitude of each frequency, as far as they are told apart.
    pub(crate) levels: Vec<[u8; FREQUENCIES]>,
    /// The class of each block; `None` if it cannot carry the trace.
    pub(crate) classes: Vec<Option<u8>>,
    pub(crate) usable: usize,
}

/// A block of the shifted grid: its class and its coefficients in the order of [`frequencies`].
pub(crate) struct Shifted {
    pub(crate) class: u8,
    pub(crate) values: [f32; FREQUENCIES],
}

impl Blocks {
    /// Sorts the blocks into classes and transforms the shifted grid.
    ///
    /// # Errors
    /// `NotApplicable` when the coefficients are not those of the picture or too few blocks are
    /// usable; `Cancelled`.
    pub(crate) fn of(
        evidence: &Evidence<'_>,
        luma: &Luma8<'_>,
        coefficients: &Coefficients<'_>,
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
        let mut levels = Vec::with_capacity(values.len());
        let mut nonzero = Vec::with_capacity(values.len());
        for (activity, block) in activity.iter_mut().zip(values) {
            let mut summary = Summary::default();
            summarise(block, steps, &mut summary);
            *activity = summary.activity as f32;
            nonzero.push(summary.nonzero);
            levels.push(summary.levels());
        }
        let activity = local_mean(&activity, 1, Border::Clamp);
        let whole = (luma.width() / CELL_PX, luma.height() / CELL_PX);
        let usable: Vec<bool> = (0..values.len())
            .zip(nonzero.iter().zip(&clipped))
            .map(|(at, (&nonzero, &clipped))| {
                let inside = at % columns < whole.0 && at / columns < whole.1;
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
        let edges = quantiles(&mut sorted);
        let class_of = |busy: f32| edges.iter().filter(|&&edge| busy >= edge).count() as u8;
        let of_block = |(&busy, &usable): (&f32, &bool)| usable.then(|| class_of(busy));
        let classes = busy.iter().zip(&usable).map(of_block).collect();
        let blocks = Self { columns, levels, classes, usable: sorted.len() };
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

impl Blocks {
    /// Those that the first steps are estimated from: every so many-th along each axis. `None` for all.
    pub(crate) fn thinned(&self) -> Option<Self> {
        let stride = (self.levels.len() as f64 / MOST_ESTIMATED as f64).sqrt().ceil() as usize;
        if stride <= 1 {
            return None;
        }
        let classes: Vec<_> = self.spread(&self.classes, stride).copied().collect();
        Some(Self {
            columns: self.columns.div_ceil(stride),
            levels: self.spread(&self.levels, stride).copied().collect(),
            usable: classes.iter().flatten().count(),
            classes,
        })
    }

    /// Every `stride`-th of some values, one a block, along each axis.
    fn spread<'a, T>(&self, values: &'a [T], stride: usize) -> impl Iterator<Item = &'a T> {
        let rows = values.chunks(self.columns.max(1)).step_by(stride);
        rows.flat_map(move |row| row.iter().step_by(stride))
    }

    /// The highest magnitude of each frequency in the usable blocks, by class.
    pub(crate) fn highest_levels(&self) -> [[u8; FREQUENCIES]; CLASSES] {
        let mut highest = [[0_u8; FREQUENCIES]; CLASSES];
        for (levels, class) in self.levels.iter().zip(&self.classes) {
            let Some(of_class) = class.and_then(|class| highest.get_mut(usize::from(class))) else {
                continue;
            };
            for (most, &level) in of_class.iter_mut().zip(levels) {
                *most = level.max(*most);
            }
        }
        highest
    }
}

/// The edges between [`CLASSES`] equal parts of some values, which are reordered.
fn quantiles(values: &mut [f32]) -> [f32; CLASSES - 1] {
    let count = values.len();
    let mut edges = [f32::INFINITY; CLASSES - 1];
    let (mut rest, mut before) = (values, 0);
    for (part, edge) in (1..).zip(&mut edges) {
        let place = part * count / CLASSES - before;
        if place < rest.len() {
            *edge = *rest.select_nth_unstable_by(place, f32::total_cmp).1;
            rest = &mut rest[place..];
            before += place;
        }
    }
    edges
}

/// What is wanted of one block.
struct Summary {
    /// Sum of the magnitudes of its AC coefficients before quantisation.
    activity: u64,
    /// AC coefficients that are not 0.
    nonzero: usize,
    /// Magnitude of each coefficient in natural order, at most `LEVELS - 1`.
    magnitudes: [u8; 64],
}

impl Default for Summary {
    fn default() -> Self {
        Self { activity: 0, nonzero: 0, magnitudes: [0; 64] }
    }
}

impl Summary {
    fn levels(&self) -> [u8; FREQUENCIES] {
        let mut levels = [0; FREQUENCIES];
        for (level, natural) in levels.iter_mut().zip(frequencies()) {
            *level = self.magnitudes.get(natural).copied().unwrap_or_default();
        }
        levels
    }
}

#[inline(always)]
fn summarise_portable(block: &[i16; 64], steps: &[u16; 64], summary: &mut Summary) {
    let (mut activity, mut nonzero) = (0_u64, 0_u16);
    for at in 0..64 {
        let magnitude = block[at].unsigned_abs();
        // The DC is no AC coefficient.
        let weight = if at == 0 { 0 } else { steps[at] };
        activity += u64::from(u32::from(magnitude) * u32::from(weight));
        nonzero += u16::from(magnitude != 0 && at > 0);
        summary.magnitudes[at] = magnitude.min(LEVELS as u16 - 1) as u8;
    }
    summary.activity = activity;
    summary.nonzero = nonzero.into();
}

avx2_dispatch! {
    fn summarise(block: &[i16; 64], steps: &[u16; 64], summary: &mut Summary) = summarise_portable
}

/// Which blocks hold a sample that may have been clipped.
fn clipped_blocks(luma: &Luma8<'_>, columns: usize, rows: usize) -> Vec<bool> {
    let mut clipped = Vec::with_capacity(columns * rows);
    let mut flags = vec![0_u8; columns * CELL_PX];
    for top in (0..luma.height()).step_by(CELL_PX).take(rows) {
        flags.fill(0);
        for y in top..(top + CELL_PX).min(luma.height()) {
            flag_clipped(luma.row(y), &mut flags);
        }
        let of_block = |flags: &[u8; CELL_PX]| u64::from_ne_bytes(*flags) != 0;
        clipped.extend(flags.as_chunks().0.iter().map(of_block));
    }
    clipped
}

#[inline(always)]
fn flag_clipped_portable(row: &[u8], flags: &mut [u8]) {
    for (flag, sample) in flags.iter_mut().zip(row) {
        *flag |= u8::from(!UNCLIPPED.contains(sample));
    }
}

avx2_dispatch! {
    /// Adds flags to the samples that may have been clipped.
    fn flag_clipped(row: &[u8], flags: &mut [u8]) = flag_clipped_portable
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks whose levels tell their places, every third of which is usable.
    fn blocks(columns: usize, rows: usize) -> Blocks {
        let level = |at: usize| [(at % columns % 251) as u8, (at / columns % 251) as u8];
        let levels = (0..columns * rows).map(|at| {
            let [x, y] = level(at);
            std::array::from_fn(|i| if i == 0 { x } else { y })
        });
        let classes = (0..columns * rows).map(|at| (at % 3 == 0).then_some((at % 5) as u8));
        let usable = (columns * rows).div_ceil(3);
        Blocks { columns, levels: levels.collect(), classes: classes.collect(), usable }
    }

    #[test]
    fn only_large_pictures_are_thinned_and_evenly() {
        assert!(blocks(256, 256).thinned().is_none());
        let (all, columns) = (blocks(301, 240), 151);
        let few = all.thinned().unwrap();
        assert_eq!((few.columns, few.levels.len()), (columns, columns * 120));
        assert_eq!(few.usable, few.classes.iter().flatten().count());
        for (at, (levels, class)) in few.levels.iter().zip(&few.classes).enumerate() {
            let place = 2 * (at / columns) * all.columns + 2 * (at % columns);
            assert_eq!((levels, class), (&all.levels[place], &all.classes[place]));
        }
    }
}
