// SPDX-License-Identifier: MIT OR Apache-2.0
//! Double JPEG off the grid: do a region and the rest of the picture share an earlier compression?
//!
//! # What it tests
//! The decoded luma. If it was a JPEG before, cut or pasted to another place of the 8x8 grid and
//! compressed again, the DCT on the *earlier* grid still keeps to multiples of the earlier steps. All
//! grids are [scanned](scan) for such periods, by a list of [tables] and in every rectangle
//! of an 8x8 tiling. For the grid that stands out [each block](phases) is weighed, and the picture is
//! [parted](regions) into what has the trace and what has not. A *foreign* region is one that has it
//! while the rest has not (pasted from a JPEG), or lacks it while the rest has it (pasted into a
//! cropped one).
//!
//! A picture that is no JPEG but was one is looked at on the grid of that compression too: what was
//! pasted or painted after decoding lacks it.
//!
//! # Why it works
//! What a last compression adds to a coefficient of another grid is a small error of many parts, at
//! most a third of a step; an earlier step that is not much finer outlasts it.
//!
//! # When it does not apply
//! - Where the last compression is so strong that the steps of no table would outlast it.
//! - Where too few blocks have detail and no clipped samples.
//!
//! Nothing is found where the earlier compression was finer than the last, on grids that lie 0 or
//! 4 px off the last one along both axes (three of 63: the last compression leaves periods of its own
//! there), after scaling, and for earlier tables far from those listed. A trace of the *whole* picture
//! means that it was cropped and saved again, not that it was forged.
//!
//! # Differences from the papers
//! Bianchi and Piva's periodicity maps judge the whole picture by its DC coefficients, and their
//! localisation is given the grid and estimates each step by itself. Here ten frequencies are tied by
//! a table, so that regions can be searched; the null is what the [mirror images](scan) of a grid
//! reach in the same picture; a law of phases replaces that of the coefficients.
//!
//! # Constants and their source
//! Beside each. Chosen on 84 pictures made for the purpose (see `training/TRAINING.md`): photographs
//! compressed at quality 50 to 95, cut or pasted off the grid and saved at 75 to 99 or without loss.
//! The gate and those of [`regions`] were set with the authentic pictures of the model card in view, so
//! that none of 723 has a region: what is measured on those is a little hopeful.
//!
//! # References
//! Bianchi and Piva, "Detection of nonaligned double JPEG compression based on integer periodicity
//! maps", IEEE TIFS 7(2), 2012. Bianchi and Piva, "Image forgery localization via block-grained
//! analysis of JPEG artifacts", IEEE TIFS 7(3), 2012.

use std::cmp::Ordering;

use assay_plugin_api::prelude::*;

mod disturbance;
mod phases;
mod regions;
mod scan;
mod tables;
mod transform;

use crate::trace::{Cells, Region, Trace};
use disturbance::ROUNDING_SIGMA;
use phases::Blocks;
use regions::Parted;
pub use scan::Grid;
use scan::{Scan, Winner};
use tables::Tables;
use transform::Pixels;

/// Deviations by which a grid must exceed the null. Authentic pictures of the web that were not
/// cropped reach 5.
const STANDING_OUT: f32 = 7.0;
/// Deviations of the whole picture from which one that is no JPEG was one.
const WAS_JPEG: f32 = 10.0;
/// Usable blocks of each grid below which nothing is looked for.
const FEWEST_BLOCKS: usize = 80;
/// Rounds in which concentrations are measured and blocks weighed by them.
const ROUNDS: usize = 3;
/// Share of blocks with the trace is held off 0 and 1 by as much.
const LEAST_SHARE: f32 = 0.01;

/// An earlier compression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Earlier {
    /// The grid of its blocks.
    pub grid: Grid,
    /// Its first steps in zigzag order, or those of the listed table that come nearest.
    pub steps: [u16; tables::FREQUENCIES],
    /// By how many deviations it exceeds the null.
    pub deviations: f32,
    /// Most of the picture went through it.
    pub of_most: bool,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct OffGrid {
    /// The earlier compressions: of a picture that was a JPEG once that one first, then the one on
    /// another grid that stands out most.
    pub earlier: Vec<Earlier>,
    /// The file is a JPEG, of which the last compression is not among the earlier ones.
    pub is_jpeg: bool,
    /// Where a part differs from the rest.
    pub trace: Trace,
}

/// Looks for parts that do not share an earlier compression with the rest.
///
/// # Errors
/// `NotApplicable` with the reason; `Cancelled`.
pub fn measure(evidence: &Evidence<'_>) -> Result<Trace, NoScore> {
    examine(evidence).map(|found| found.trace)
}

/// As [`measure`], with what is known of the earlier compressions.
///
/// # Errors
/// `NotApplicable` with the reason; `Cancelled`.
pub fn examine(evidence: &Evidence<'_>) -> Result<OffGrid, NoScore> {
    let pixels = Pixels::of(evidence)?;
    let last = evidence.jpeg_luma_dqt().ok();
    let tables = Tables::new(last.map_or(ROUNDING_SIGMA, disturbance::usual));
    if !tables.speak() {
        return Err(NoScore::not_applicable(
            "The last compression is so strong that no earlier one on another grid would be left.",
        ));
    }
    let scan = Scan::of(evidence, &pixels, &tables)?;
    if scan.blocks_of_a_grid() < FEWEST_BLOCKS {
        return Err(NoScore::not_applicable(format!(
            "{} blocks have detail and no clipped samples; the test for an earlier compression on \
             another grid needs {FEWEST_BLOCKS}.",
            scan.blocks_of_a_grid()
        )));
    }
    let main = scan.main().filter(|main| last.is_none() && main.deviations >= WAS_JPEG);
    let file = last.map(|_| Grid { x: 0, y: 0 });
    let other = scan.winner(evidence, file.or(main.map(|main| main.grid)))?;
    let other = other.filter(|other| other.deviations >= STANDING_OUT);
    let columns = pixels.columns;
    let mut found = OffGrid {
        earlier: Vec::new(),
        is_jpeg: last.is_some(),
        trace: Trace {
            cells: Cells { columns, log_odds: vec![0.0; columns * pixels.rows()] },
            regions: Vec::new(),
        },
    };
    for winner in [main, other].into_iter().flatten() {
        let disturbance = match last {
            Some(steps) => disturbance::largest(winner.grid, steps),
            None => [ROUNDING_SIGMA; tables::FREQUENCIES],
        };
        let blocks = Blocks::of(evidence, &pixels, &winner, &disturbance)?;
        found.take(&winner, parted(evidence, columns, &blocks)?);
    }
    Ok(found)
}

/// Parts a picture by what its blocks say of one earlier compression.
fn parted(evidence: &Evidence<'_>, columns: usize, blocks: &Blocks) -> Result<Parted, NoScore> {
    let of_block = |&inside: &bool| if inside { 1.0 } else { 0.0 };
    let mut weights: Vec<f32> = blocks.standing_out.iter().map(of_block).collect();
    let mut share = weights.iter().sum::<f32>() / weights.len().max(1) as f32;
    let mut round = 1;
    loop {
        let said = blocks.said(&weights);
        let log_odds = regions::log_odds(evidence, columns, &said)?;
        if round == ROUNDS {
            return regions::part(columns, &said, log_odds);
        }
        share = share.clamp(LEAST_SHARE, 1.0 - LEAST_SHARE);
        let before = (share / (1.0 - share)).ln();
        let (mut with, mut all) = (0.0, 0.0);
        for ((weight, odds), said) in weights.iter_mut().zip(log_odds).zip(&said) {
            *weight = 1.0 / (1.0 + (-odds - before).exp());
            let informed = said.map_or(0.0, |said| said.with);
            with += *weight * informed;
            all += informed;
        }
        if all > 0.0 {
            share = with / all;
        }
        round += 1;
    }
}

impl OffGrid {
    /// The compression on another grid than the last one's that most of a JPEG went through.
    #[must_use]
    pub fn cropped(&self) -> Option<Earlier> {
        self.earlier.iter().copied().find(|earlier| self.is_jpeg && earlier.of_most)
    }

    /// Adds what is known of one earlier compression.
    fn take(&mut self, winner: &Winner, parted: Parted) {
        self.earlier.push(Earlier {
            grid: winner.grid,
            steps: tables::steps(winner.table),
            deviations: winner.deviations,
            of_most: !parted.foreign_has_trace,
        });
        let cells = &mut self.trace.cells.log_odds;
        for (cell, odds) in cells.iter_mut().zip(&parted.log_odds) {
            *cell = if *cell == 0.0 { *odds } else { cell.max(*odds) };
        }
        for region in parted.regions {
            if !self.trace.regions.iter().any(|known| is_mostly_in(&region, known)) {
                self.trace.regions.push(region);
            }
        }
        let by_nfa = |a: &Region, b: &Region| a.log10_nfa.total_cmp(&b.log10_nfa);
        self.trace.regions.sort_by(by_nfa);
    }
}

/// Whether half of the cells of a region, or more, are those of another one. Both ascend.
fn is_mostly_in(region: &Region, other: &Region) -> bool {
    let mut rest = other.cells.as_slice();
    let mut shared = 0;
    for cell in &region.cells {
        while let Some((first, behind)) = rest.split_first() {
            match first.cmp(cell) {
                Ordering::Less => rest = behind,
                Ordering::Equal => {
                    shared += 1;
                    rest = behind;
                }
                Ordering::Greater => break,
            }
        }
    }
    2 * shared >= region.cells.len()
}
