// SPDX-License-Identifier: MIT OR Apache-2.0
//! Cells and regions out of what each block says.
//!
//! *Cells.* What the blocks around a cell say, averaged by a bell of two cells' deviation (two passes
//! of a 5x5 mean).
//!
//! *Sides.* If most of the picture went through the earlier compression, what did not is foreign; else
//! what did.
//!
//! *Regions.* Connected foreign cells. If none of a region's blocks was foreign, the expectation of
//! their likelihood ratio would be 1, so by Markov's inequality it exceeds `exp(S)` with a
//! probability of at most `exp(-S)`. Regions are closed paths: a mean of cells makes outlines that turn
//! at every second cell at most, so some `2.638^(p/2)` of a length of `p` cells from each cell. Each
//! grid and table might have been the one: `NFA = grids * tables * cells * 2.638^(p/2) * exp(-t S)`.
//! The exponent `t < 1` allows for what the model of a block gets wrong.
//!
//! *Constants.* The exponent, the half of the length and the fidelities were chosen on the pictures
//! made for the purpose (see [`super`]), with the authentic pictures of the model card in view: with
//! a fidelity of 0.5 one of 723 had a region. The least information and the bound on the NFA were set
//! after one of 180 authentic pictures made for measuring had a region of 10^-3.8: the busy part of a
//! photograph that was cropped as a whole had lost the trace.

use assay_plugin_api::prelude::*;
use assay_signal::filter::{local_mean, Border};
use assay_signal::morphology::{connected_components, Mask};
use assay_signal::Samples;

use super::phases::Said;
use super::tables::TABLES;
use crate::trace::Region;

/// Radius of the mean that is applied twice, cells.
const REACH: usize = 2;
/// Log odds of a cell for each nat that its neighbourhood says on average.
const ODDS_PER_NAT: f32 = 1.5;
/// Largest log odds, either way.
const MOST_ODDS: f32 = 4.0;
/// The exponent `t` of the likelihood ratio.
const TEMPER: f64 = 0.75;
/// Most nats that one block can say.
const MOST_OF_BLOCK: f32 = 6.0;
/// Cells from one turn of an outline to the next, at least.
const TURN: f64 = 2.0;
/// Growth of the number of self-avoiding closed paths with their length [Jensen and Guttmann 1999].
const PATHS_PER_EDGE: f64 = 2.638;
/// Grids that could have been the one.
const GRIDS: f64 = 63.0;
/// Least that a block of the background says on average, nats.
const LEAST_INFORMATION: f64 = 0.1;
/// log10 NFA below which a region is significant.
const SIGNIFICANT: f64 = -4.0;
/// Share of what the law lets expect that the background and a region must say.
const LEAST_FIDELITY: (f64, f64) = (0.75, 0.5);

/// The log odds of each cell that it went through the earlier compression.
///
/// # Errors
/// `Failed` if the cells are no rectangle; `Cancelled`.
pub(super) fn log_odds(
    evidence: &Evidence<'_>,
    columns: usize,
    said: &[Option<Said>],
) -> Result<Vec<f32>, NoScore> {
    let odds = said.iter().map(|said| said.map_or(0.0, |said| ODDS_PER_NAT * bounded(said.nats)));
    let odds = Samples::from_shape_vec((said.len() / columns.max(1), columns), odds.collect())
        .map_err(|_| NoScore::failed("The blocks of the picture have no rectangular shape."))?;
    let once = local_mean(&odds, REACH, Border::Clamp);
    evidence.check_cancelled()?;
    let twice = local_mean(&once, REACH, Border::Clamp);
    Ok(twice.iter().map(|odds| odds.clamp(-MOST_ODDS, MOST_ODDS)).collect())
}

fn bounded(nats: f32) -> f32 {
    nats.clamp(-MOST_OF_BLOCK, MOST_OF_BLOCK)
}

/// What the blocks of a set of cells say together.
#[derive(Clone, Debug, Default)]
struct Found {
    cells: Vec<usize>,
    /// Those of them that can be used.
    blocks: f64,
    /// Sides of cells between inside and outside, or the border of the picture.
    edges: usize,
    nats: f64,
    bounded_nats: f64,
    with: f64,
    without: f64,
}

impl Found {
    fn add(&mut self, said: &Said) {
        self.blocks += 1.0;
        self.nats += f64::from(said.nats);
        self.bounded_nats += f64::from(bounded(said.nats));
        self.with += f64::from(said.with);
        self.without += f64::from(said.without);
    }

    /// Share of what is expected of blocks with the trace, or without it.
    fn fidelity(&self, with: bool) -> f64 {
        match with {
            true => self.nats / self.with.max(1e-9),
            false => -self.nats / self.without.max(1e-9),
        }
    }
}

/// Which side of the picture is foreign, and where.
#[derive(Clone, Debug)]
pub(super) struct Parted {
    /// What is foreign is what went through the earlier compression.
    pub(super) foreign_has_trace: bool,
    /// The significant regions, the most significant first.
    pub(super) regions: Vec<Region>,
    /// For each cell the log odds that it is foreign.
    pub(super) log_odds: Vec<f32>,
}

/// Parts a picture by the log odds of its cells that they went through the earlier compression.
///
/// # Errors
/// `Failed` if the cells are no rectangle.
pub(super) fn part(
    columns: usize,
    said: &[Option<Said>],
    mut log_odds: Vec<f32>,
) -> Result<Parted, NoScore> {
    let (mut with, mut without) = (Found::default(), Found::default());
    let (mut traced, mut all) = (0.0, 0.0);
    for (said, &odds) in said.iter().zip(&log_odds) {
        let Some(said) = said else { continue };
        let weight = f64::from(said.with);
        all += weight;
        if odds > 0.0 {
            traced += weight;
            with.add(said);
        } else {
            without.add(said);
        }
    }
    let foreign_has_trace = traced < 0.5 * all;
    let background = if foreign_has_trace { &without } else { &with };
    let fidelity = background.fidelity(!foreign_has_trace);
    if !foreign_has_trace {
        log_odds.iter_mut().for_each(|odds| *odds = -*odds);
    }
    let information = background.nats.abs() / background.blocks.max(1.0);
    let regions = match fidelity >= LEAST_FIDELITY.0 && information >= LEAST_INFORMATION {
        true => regions_of(columns, said, &log_odds, foreign_has_trace)?,
        false => Vec::new(),
    };
    Ok(Parted { foreign_has_trace, regions, log_odds })
}

fn regions_of(
    columns: usize,
    said: &[Option<Said>],
    log_odds: &[f32],
    with_trace: bool,
) -> Result<Vec<Region>, NoScore> {
    let foreign = log_odds.iter().map(|&odds| odds > 0.0);
    let shape = (log_odds.len() / columns.max(1), columns);
    let mask = Mask::from_shape_vec(shape, foreign.collect())
        .map_err(|_| NoScore::failed("The map of grids has no rectangular shape."))?;
    let components = connected_components(&mask);
    let mut found = vec![Found::default(); components.list.len()];
    for (at, (&label, said)) in components.labels.iter().zip(said).enumerate() {
        let of = (label as usize).checked_sub(1).and_then(|index| found.get_mut(index));
        let Some(found) = of else { continue };
        found.cells.push(at);
        found.edges += edges(&mask, at % columns, at / columns);
        if let Some(said) = said {
            found.add(said);
        }
    }
    let tests = (GRIDS * TABLES as f64 * log_odds.len() as f64).log10();
    let region = |found: Found| {
        let nats = if with_trace { found.bounded_nats } else { -found.bounded_nats };
        let paths = found.edges as f64 / TURN * PATHS_PER_EDGE.log10();
        let log10_nfa = tests + paths - TEMPER * nats / std::f64::consts::LN_10;
        let explained = found.fidelity(with_trace) >= LEAST_FIDELITY.1;
        let region = Region { cells: found.cells, log10_nfa, source_cells: Vec::new() };
        (log10_nfa < SIGNIFICANT && explained).then_some(region)
    };
    let mut regions: Vec<Region> = found.into_iter().filter_map(region).collect();
    regions.sort_by(|a, b| a.log10_nfa.total_cmp(&b.log10_nfa));
    Ok(regions)
}

/// Sides of a cell on which the mask ends.
fn edges(mask: &Mask, x: usize, y: usize) -> usize {
    let set = |x: Option<usize>, y: Option<usize>| {
        x.zip(y).and_then(|(x, y)| mask.get((y, x))).copied().unwrap_or(false)
    };
    let sides = [
        set(x.checked_sub(1), Some(y)),
        set(x.checked_add(1), Some(y)),
        set(Some(x), y.checked_sub(1)),
        set(Some(x), y.checked_add(1)),
    ];
    sides.iter().filter(|&&inside| !inside).count()
}
