// SPDX-License-Identifier: MIT OR Apache-2.0
//! How likely each block is one that went through the earlier compression.
//!
//! *The law.* The phase of a coefficient between two multiples of its step is even if there was no
//! such compression. If there was, it is a normal law around 0, wrapped; its concentration is the mean
//! cosine, measured for each frequency and each class of equally busy blocks, because a last
//! compression disturbs busy blocks more. Where few blocks tell, the concentration is the least that
//! the [disturbance](super::disturbance) leaves: a block that is busier than those that have the
//! trace may have lost some of it, but no more.

use assay_plugin_api::prelude::*;

use super::scan::Winner;
use super::tables::{concentration, steps, FREQUENCIES};
use super::transform::Pixels;
use crate::trace::CELL_PX;

/// Classes of blocks by how busy they are, equal in number.
const CLASSES: usize = 4;
/// Phases that are told apart.
const PHASES: usize = 64;
/// A coefficient that says nothing.
const SILENT: u8 = PHASES as u8;
/// Coefficients of the least concentration that are added to each class.
const ADDED: f64 = 20.0;
/// Highest concentration: coefficients are binned and samples are whole numbers.
const MOST_CONCENTRATED: f64 = 0.97;
/// Share of coefficients that follow no law: bounds what one can say.
const OUTLIERS: f64 = 0.03;

/// What a block says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Said {
    /// For the earlier compression, nats.
    pub(super) nats: f32,
    /// What it would say on average if it was there.
    pub(super) with: f32,
    /// What it would say, negated, if it was not.
    pub(super) without: f32,
}

/// The blocks of one grid, one for each cell.
pub(super) struct Blocks {
    /// Phases and class of each block that can be used.
    blocks: Vec<Option<([u8; FREQUENCIES], u8)>>,
    /// Which begin in the part that stands out.
    pub(super) standing_out: Vec<bool>,
    /// The least concentration of each coefficient.
    least: [f64; FREQUENCIES],
}

/// Log likelihood ratios of one frequency and class.
struct Ratios {
    by_phase: [f32; PHASES],
    with: f32,
    without: f32,
}

impl Blocks {
    /// The blocks of the winner's grid.
    ///
    /// # Errors
    /// `Cancelled`.
    pub(super) fn of(
        evidence: &Evidence<'_>,
        pixels: &Pixels<'_>,
        winner: &Winner,
        disturbance: &[f64; FREQUENCIES],
    ) -> Result<Self, NoScore> {
        let columns = pixels.columns;
        let rows = pixels.rows();
        let steps = steps(winner.table);
        // The block that covers most of the cell.
        let first = |cell: usize, offset: usize| match offset < CELL_PX / 2 {
            true => Some(cell * CELL_PX + offset),
            false => (cell * CELL_PX + offset).checked_sub(CELL_PX),
        };
        let mut blocks = Vec::with_capacity(columns * rows);
        let mut standing_out = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            evidence.check_cancelled()?;
            for column in 0..columns {
                let place = first(column, winner.grid.x).zip(first(row, winner.grid.y));
                standing_out.push(place.is_some_and(|(x, y)| winner.covers(x, y)));
                blocks.push(place.and_then(|(x, y)| {
                    let group = pixels.group(x, y);
                    let usable = group.detailed[0] && pixels.is_unclipped(x, y);
                    let values = group.coefficients.map(|of_shifts| of_shifts[0]);
                    usable.then(|| (phases(&values, &steps), activity(&values)))
                }));
            }
        }
        let least = std::array::from_fn(|k| concentration(steps[k], disturbance[k]));
        Ok(Self { blocks: classified(&blocks), standing_out, least })
    }

    /// What each block says if each is counted with a weight in `0..=1` as one that went through the
    /// earlier compression.
    pub(super) fn said(&self, weights: &[f32]) -> Vec<Option<Said>> {
        let mut sums = [[(0.0_f64, 0.0_f64); CLASSES]; FREQUENCIES];
        let cosines: [f64; PHASES] = std::array::from_fn(|phase| angle(phase).cos());
        for (block, &weight) in self.blocks.iter().zip(weights) {
            let Some((phases, class)) = block else { continue };
            for (sums, &phase) in sums.iter_mut().zip(phases) {
                let Some(cosine) = cosines.get(usize::from(phase)) else { continue };
                if let Some((cosine_sum, sum)) = sums.get_mut(usize::from(*class)) {
                    *cosine_sum += f64::from(weight) * cosine;
                    *sum += f64::from(weight);
                }
            }
        }
        let ratios: [[Ratios; CLASSES]; FREQUENCIES] = std::array::from_fn(|k| {
            sums[k].map(|(cosine, sum)| {
                let mean = (cosine + ADDED * self.least[k]) / (sum + ADDED);
                Ratios::of(mean.clamp(0.0, MOST_CONCENTRATED))
            })
        });
        let of_block = |(phases, class): &([u8; FREQUENCIES], u8)| {
            let mut said = Said::default();
            for (of_classes, &phase) in ratios.iter().zip(phases) {
                let Some(ratios) = of_classes.get(usize::from(*class)) else { continue };
                let Some(&nats) = ratios.by_phase.get(usize::from(phase)) else { continue };
                said.nats += nats;
                said.with += ratios.with;
                said.without += ratios.without;
            }
            said
        };
        self.blocks.iter().map(|block| block.as_ref().map(of_block)).collect()
    }
}

impl Ratios {
    /// Those of a law of this concentration.
    fn of(concentration: f64) -> Self {
        let density = |phase: usize| {
            let terms = (1..=12).map(|m| {
                let m = f64::from(m);
                2.0 * concentration.powf(m * m) * (m * angle(phase)).cos()
            });
            OUTLIERS + (1.0 - OUTLIERS) * (1.0 + terms.sum::<f64>()).max(0.0)
        };
        let densities: [f64; PHASES] = std::array::from_fn(density);
        let mean = |weight: &dyn Fn(f64) -> f64| {
            densities.iter().map(|&density| weight(density) * density.ln()).sum::<f64>()
                / PHASES as f64
        };
        Self {
            by_phase: densities.map(|density| density.ln() as f32),
            with: mean(&|density| density) as f32,
            without: -mean(&|_| 1.0) as f32,
        }
    }
}

/// The angle in the middle of a phase.
fn angle(phase: usize) -> f64 {
    std::f64::consts::TAU * (phase as f64 + 0.5) / PHASES as f64
}

/// The phase of each coefficient between two multiples of its step.
fn phases(values: &[f32; FREQUENCIES], steps: &[u16; FREQUENCIES]) -> [u8; FREQUENCIES] {
    std::array::from_fn(|k| {
        let (value, step) = (values[k].abs(), f32::from(steps[k]));
        if steps[k] < 2 || (k > 0 && value < 0.5 * step) {
            return SILENT;
        }
        ((value / step).fract() * PHASES as f32) as u8 % SILENT
    })
}

/// How busy a block is.
fn activity(values: &[f32; FREQUENCIES]) -> f32 {
    values.iter().skip(1).map(|value| value.abs()).sum()
}

/// A block's phases and how busy it is.
type Measured = ([u8; FREQUENCIES], f32);

fn classified(blocks: &[Option<Measured>]) -> Vec<Option<([u8; FREQUENCIES], u8)>> {
    let mut sorted: Vec<f32> = blocks.iter().flatten().map(|&(_, busy)| busy).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let edges: [f32; CLASSES - 1] = std::array::from_fn(|edge| {
        sorted.get((edge + 1) * sorted.len() / CLASSES).copied().unwrap_or(f32::INFINITY)
    });
    let class = |busy: f32| edges.iter().filter(|&&edge| busy >= edge).count() as u8;
    blocks.iter().map(|block| block.map(|(phases, busy)| (phases, class(busy)))).collect()
}
