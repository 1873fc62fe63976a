// SPDX-License-Identifier: MIT OR Apache-2.0
//! Cells and regions out of what each block says.
//!
//! *Cells.* What the blocks around a cell say, averaged by a bell of two cells' deviation (two
//! passes of a 5x5 mean), turned into log odds by a line.
//!
//! *Regions.* Connected cells with odds above 1. If all blocks of a region were compressed twice,
//! the expectation of the likelihood ratio "once over twice" is 1, so by Markov's inequality the
//! probability that it exceeds `exp(S)` is at most `exp(-S)`. The regions that could be found are
//! the closed paths on the lattice of cells, of which there are about `2.638^p` of length `p` from
//! each cell: `NFA = cells * 2.638^p * exp(-t S)`. The exponent `t < 1` allows for what the model of
//! a block gets wrong.

use assay_plugin_api::prelude::*;
use assay_signal::filter::{local_mean, Border};
use assay_signal::morphology::{connected_components, Mask};
use assay_signal::Samples;

use super::blocks::Blocks;
use super::fidelity::{is_explained, Expected};
use crate::trace::Region;

/// Radius of the mean that is applied twice, cells.
const REACH: usize = 2;
/// Log odds of a cell for each nat that its neighbourhood says on average.
const ODDS_PER_NAT: f32 = 1.5;
/// Log odds of a cell whose neighbourhood says nothing although it could.
const ODDS_BEFORE: f32 = -0.75;
/// Largest log odds, either way: no map of this kind is surer.
const MOST_ODDS: f32 = 4.0;
/// The exponent `t` of the likelihood ratio.
const TEMPER: f64 = 0.5;
/// Most nats that one block can say.
const MOST_OF_BLOCK: f32 = 8.0;
/// Growth of the number of self-avoiding closed paths with their length [Jensen and Guttmann 1999].
const PATHS_PER_EDGE: f64 = 2.638;

/// The significant regions of cells with odds above 1, the most significant first.
///
/// # Errors
/// `Failed` if the cells are no rectangle.
pub(crate) fn regions_of(
    blocks: &Blocks,
    expected: &Expected,
    said: &[Option<f32>],
    log_odds: &[f32],
) -> Result<Vec<Region>, NoScore> {
    let columns = blocks.columns;
    let foreign = log_odds.iter().map(|&odds| odds > 0.0).collect();
    let mask = Mask::from_shape_vec((log_odds.len() / columns.max(1), columns), foreign)
        .map_err(|_| NoScore::failed("The map of double compression has no rectangular shape."))?;
    let components = connected_components(&mask);
    let mut found: Vec<Found> = components.list.iter().map(|_| Found::default()).collect();
    let blocks = said.iter().zip(&blocks.classes);
    for (at, (&label, (said, class))) in components.labels.iter().zip(blocks).enumerate() {
        let Some(found) = (label as usize).checked_sub(1).and_then(|i| found.get_mut(i)) else {
            continue;
        };
        found.cells.push(at);
        found.edges += edges(&mask, at % columns, at / columns);
        if let Some((said, class)) = said.zip(*class) {
            found.nats += f64::from(said);
            found.bounded_nats += f64::from(bounded(said));
            found.expected += expected.once(class);
        }
    }
    let cells = log_odds.len();
    let mut regions: Vec<Region> =
        found.into_iter().filter_map(|found| found.region(cells)).collect();
    regions.sort_by(|a, b| a.log10_nfa.total_cmp(&b.log10_nfa));
    Ok(regions)
}

/// Keeps the order of the cells and lets none of them speak for a foreign part.
pub(crate) fn made_faint(log_odds: &mut [f32]) {
    log_odds.iter_mut().for_each(|odds| *odds = (*odds - MOST_ODDS) / MOST_ODDS);
}

/// The log odds of each cell that it was compressed once, by what the blocks around it say.
///
/// # Errors
/// `Cancelled`.
pub(crate) fn log_odds(
    evidence: &Evidence<'_>,
    columns: usize,
    said: &[Option<f32>],
) -> Result<Vec<f32>, NoScore> {
    let odds = |said: f32| ODDS_BEFORE + ODDS_PER_NAT * bounded(said);
    let odds = said.iter().map(|said| said.map_or(0.0, odds)).collect();
    let odds = Samples::from_shape_vec((said.len() / columns.max(1), columns), odds)
        .map_err(|_| NoScore::failed("The blocks of the file have no rectangular shape."))?;
    let once = local_mean(&odds, REACH, Border::Clamp);
    evidence.check_cancelled()?;
    let twice = local_mean(&once, REACH, Border::Clamp);
    Ok(twice.iter().map(|odds| odds.clamp(-MOST_ODDS, MOST_ODDS)).collect())
}

fn bounded(said: f32) -> f32 {
    said.clamp(-MOST_OF_BLOCK, MOST_OF_BLOCK)
}

/// A connected set of cells while it is gathered.
#[derive(Default)]
struct Found {
    cells: Vec<usize>,
    /// Sides of cells between inside and outside, or the border of the picture.
    edges: usize,
    /// What its blocks say, and the same with what each can say bounded.
    nats: f64,
    bounded_nats: f64,
    /// What they would say on average.
    expected: f64,
}

impl Found {
    /// The region, if it is significant among those of a picture of `cells` cells and what its
    /// blocks say is explained by one compression.
    fn region(self, cells: usize) -> Option<Region> {
        let paths = (cells as f64).log10() + self.edges as f64 * PATHS_PER_EDGE.log10();
        let log10_nfa = paths - TEMPER * self.bounded_nats / std::f64::consts::LN_10;
        let region = Region { cells: self.cells, log10_nfa, source_cells: Vec::new() };
        (log10_nfa < 0.0 && is_explained(self.nats, self.expected)).then_some(region)
    }
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
