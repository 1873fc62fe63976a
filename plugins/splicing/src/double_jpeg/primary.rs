// SPDX-License-Identifier: MIT OR Apache-2.0
//! The quantisation steps of the first compression.
//!
//! *How.* For each frequency and each step the picture is a mixture of blocks compressed once and
//! twice. The gain of a step is the logarithm of the mixture's likelihood over that of one
//! compression, at the best share; what the same step gains on the shifted grid, where there was no
//! first compression, is misfit and taken off. The steps are then chosen in one of two ways,
//! whichever explains more: each frequency by itself, or all of them by an IJG table, which lends
//! strength to frequencies that say little alone. The choice is repeated with each block weighted
//! by the probability that it was compressed twice.
//!
//! *Why so.* Bianchi and Piva fit each frequency by itself, by least squares; an IJG table has one
//! unknown instead of 28.

use assay_plugin_api::prelude::*;
use assay_signal::jpeg::quality::{ijg_table, TableKind};

use super::blocks::{frequencies, Blocks, Shifted, CLASSES, FREQUENCIES};
use super::gains::{Counts, Gains, LogTable, SHARES};
use super::law::{ratio, Law, Masses, LEVELS};

/// Largest step of the first compression that is looked for.
const MOST_STEP: usize = 64;
/// How many times finer than the last step a first one may be; finer ones leave nothing behind.
const FINEST: usize = 64;
/// Gain in nats below which a step is not believed.
const LEAST_GAIN: f64 = 12.0;
/// What a free step costs against one of a table, nats: `ln` of the steps to choose from, and the
/// choice of the frequency.
const COST_OF_A_STEP: f64 = 6.0;
/// IJG qualities that are tried.
const QUALITIES: std::ops::RangeInclusive<u8> = 30..=99;

/// Log ratios `ln P(x | twice) / P(x | once)` of one frequency for one first step.
pub(crate) type LogRatios = [[f32; LEVELS]; CLASSES];

/// A step of the first compression and what it makes of the magnitudes.
pub(crate) struct Step {
    pub(crate) first: u16,
    pub(crate) ratios: LogRatios,
    /// By class, the mean of the log ratio if compressed twice, and of its negative if once, nats.
    pub(crate) means: [(f64, f64); CLASSES],
}

/// What was found of the first compression.
pub(crate) struct Primary {
    /// For each frequency in order its step, where it says something.
    pub(crate) steps: Vec<Option<Step>>,
    /// The IJG quality that the steps are of, or come nearest to.
    pub(crate) quality: u8,
    /// The steps are those of the IJG table.
    pub(crate) is_ijg: bool,
    /// Nats by which two compressions explain the picture better than one.
    pub(crate) gain: f64,
}

/// One frequency with all the first steps that are possible.
struct Frequency {
    natural: usize,
    last: u16,
    law: Law,
    /// Probabilities after one compression.
    single: Masses,
    /// Logarithms for the steps `1..=MOST_STEP`.
    logs: LogTable,
    /// Gains on the shifted grid for each step and share.
    misfit: Vec<Gains>,
}

/// Estimates the first steps of a file.
pub(crate) struct Estimator {
    frequencies: Vec<Frequency>,
}

impl Estimator {
    /// Prepares the laws and ratios of all frequencies.
    ///
    /// # Errors
    /// `Cancelled`.
    pub(crate) fn new(
        evidence: &Evidence<'_>,
        blocks: &Blocks,
        shifted: &[Shifted],
        steps: &[u16; 64],
    ) -> Result<Self, NoScore> {
        let mut all = Vec::with_capacity(FREQUENCIES);
        let highest = blocks.highest_levels();
        for (index, natural) in frequencies().enumerate() {
            evidence.check_cancelled()?;
            let last = steps.get(natural).copied().unwrap_or(1).max(1);
            let law = Law::of(shifted, index, last.into());
            let single = law.single(last.into());
            let mut counts = [[0.0; LEVELS]; CLASSES];
            let scale = blocks.usable as f64 / shifted.len().max(1) as f64;
            for block in shifted {
                let value = block.values.get(index).copied().unwrap_or_default();
                let level = (value.abs() / f32::from(last)).round() as usize;
                add(&mut counts, block.class, level, scale);
            }
            let occurring: [usize; CLASSES] = std::array::from_fn(|class| {
                let of_shifted = counts[class].iter().rposition(|&count| count > 0.0).unwrap_or(0);
                let of_blocks = highest[class].get(index).copied().unwrap_or_default();
                of_shifted.max(of_blocks.into()) + 1
            });
            let ratios = (0..MOST_STEP).map(|index| ratios(&law, &single, index + 1, last));
            let logs = LogTable::of(ratios, &occurring);
            let misfit = logs.gains(&counts);
            all.push(Frequency { natural, last, law, single, logs, misfit });
        }
        Ok(Self { frequencies: all })
    }

    /// The first steps, each block counted with a weight; `None` where one compression
    /// explains the picture as well.
    pub(crate) fn estimate(
        &self,
        blocks: &Blocks,
        weight: impl Fn(usize) -> f64,
    ) -> Option<Primary> {
        // The lowest magnitudes, which most coefficients have, lie side by side.
        let mut by_class = [[[0.0; FREQUENCIES]; LEVELS]; CLASSES];
        for (at, (levels, class)) in blocks.levels.iter().zip(&blocks.classes).enumerate() {
            let of_class = class.and_then(|class| by_class.get_mut(usize::from(class)));
            let Some(of_class) = of_class else { continue };
            let weight = weight(at);
            for (frequency, &level) in levels.iter().enumerate() {
                of_class[usize::from(level) % LEVELS][frequency] += weight;
            }
        }
        let of_frequency = |index: usize| -> Counts {
            by_class.map(|levels| levels.map(|counts| counts.get(index).copied().unwrap_or(0.0)))
        };
        let gains: Vec<Vec<Gains>> = (self.frequencies.iter().enumerate())
            .map(|(index, frequency)| frequency.logs.gains(&of_frequency(index)))
            .collect();
        let free = self.free_steps(&gains);
        let table = self.best_table(&gains);
        let free_gain = free.iter().flatten().map(|(_, gain)| gain - COST_OF_A_STEP).sum::<f64>();
        match table {
            Some((quality, gain)) if gain >= free_gain && gain >= LEAST_GAIN => {
                let table = ijg_table(quality, TableKind::Luma);
                let step = |frequency: &Frequency| table.get(frequency.natural).copied();
                let steps = self.frequencies.iter().map(|f| f.with(step(f)?)).collect();
                Some(Primary { steps, quality, is_ijg: true, gain })
            }
            _ if free_gain >= LEAST_GAIN => {
                let steps = self.frequencies.iter().zip(&free);
                let steps = steps.map(|(frequency, free)| frequency.with(free.as_ref()?.0));
                let quality = self.nearest_quality(&free);
                Some(Primary { steps: steps.collect(), quality, is_ijg: false, gain: free_gain })
            }
            _ => None,
        }
    }

    /// For each frequency by itself the best step and its gain, if it is to be believed.
    fn free_steps(&self, gains: &[Vec<Gains>]) -> Vec<Option<(u16, f64)>> {
        let best = |(frequency, gains): (&Frequency, &Vec<Gains>)| {
            // A first step of 1 leaves no lattice: what it gains is misfit of the law.
            let misfit = gains.first().map_or(0.0, most);
            let of_step = |(step, (gain, misfit_here)): (u16, (&Gains, &_))| {
                (step, most(gain) - misfit - most(misfit_here))
            };
            let steps = (1_u16..).zip(gains.iter().zip(&frequency.misfit)).skip(1);
            let others = steps.filter(|&(step, _)| step != frequency.last).map(of_step);
            let found = others.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
            found.filter(|&(_, gain)| gain >= LEAST_GAIN)
        };
        self.frequencies.iter().zip(gains).map(best).collect()
    }

    /// The IJG quality that gains most, and its gain, with one share for all frequencies.
    fn best_table(&self, gains: &[Vec<Gains>]) -> Option<(u8, f64)> {
        let mut misfit = [0.0; SHARES.len()];
        for gains in gains.iter().filter_map(|gains| gains.first()) {
            misfit.iter_mut().zip(gains).for_each(|(sum, gain)| *sum += gain.max(0.0));
        }
        let of_quality = |quality: u8| {
            let table = ijg_table(quality, TableKind::Luma);
            let (mut gain, mut shifted) = ([0.0; SHARES.len()], [0.0; SHARES.len()]);
            let mut differs = false;
            for (frequency, gains) in self.frequencies.iter().zip(gains) {
                let first = table.get(frequency.natural).copied().unwrap_or(1);
                differs |= first != frequency.last;
                let index = usize::from(first).saturating_sub(1);
                let Some((gains, misfit)) = gains.get(index).zip(frequency.misfit.get(index))
                else {
                    continue;
                };
                if index > 0 {
                    gain.iter_mut().zip(gains).for_each(|(sum, gain)| *sum += gain);
                    shifted.iter_mut().zip(misfit).for_each(|(sum, gain)| *sum += gain);
                }
            }
            differs.then(|| (quality, most(&gain) - most(&shifted) - most(&misfit)))
        };
        QUALITIES.filter_map(of_quality).max_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
    }

    /// The quality whose table has the steps that differ least from the found ones, each weighted
    /// by its gain.
    fn nearest_quality(&self, free: &[Option<(u16, f64)>]) -> u8 {
        let distance = |quality: &u8| -> f64 {
            let table = ijg_table(*quality, TableKind::Luma);
            let found = self.frequencies.iter().zip(free);
            let of_step = found.filter_map(|(frequency, free)| {
                let (step, gain) = (*free)?;
                let ijg = f64::from(table.get(frequency.natural).copied()?);
                Some(gain * (f64::from(step) / ijg).ln().abs())
            });
            of_step.sum()
        };
        let nearest = QUALITIES.min_by(|a, b| distance(a).total_cmp(&distance(b)));
        nearest.unwrap_or(*QUALITIES.end())
    }
}

impl Frequency {
    /// The step with what it says; `None` where it says nothing.
    fn with(&self, first: u16) -> Option<Step> {
        let index =
            usize::from(first).checked_sub(1).filter(|index| (1..MOST_STEP).contains(index))?;
        let ratios = ratios(&self.law, &self.single, index + 1, self.last);
        let logs = ratios.map(|row| row.map(f64::ln));
        let mut means = [(0.0, 0.0); CLASSES];
        let classes = self.single.iter().zip(&ratios).zip(&logs);
        for (means, ((once, ratios), logs)) in means.iter_mut().zip(classes) {
            let terms = || once.iter().zip(ratios).zip(logs);
            let twice: f64 = terms().map(|((once, ratio), _)| once * ratio).sum();
            let mean: f64 = terms().map(|((once, ratio), log)| once * ratio * log).sum();
            *means = (mean / twice, -terms().map(|((once, _), log)| once * log).sum::<f64>());
        }
        let logs = logs.map(|row| row.map(|log| log as f32));
        Some(Step { first, ratios: logs, means })
    }
}

/// How much likelier each magnitude is after quantisation by `first` and by `last` than by `last` alone.
fn ratios(law: &Law, single: &Masses, first: usize, last: u16) -> Masses {
    if usize::from(last) > FINEST * first {
        return [[1.0; LEVELS]; CLASSES];
    }
    ratio(&law.double(first as f64, last.into()), single)
}

fn add(counts: &mut Counts, class: u8, level: usize, weight: f64) {
    let of_class = counts.get_mut(usize::from(class));
    if let Some(count) = of_class.and_then(|row| row.get_mut(level.min(LEVELS - 1))) {
        *count += weight;
    }
}

/// The largest gain, or 0 for one compression only.
fn most(gains: &Gains) -> f64 {
    gains.iter().copied().fold(0.0, f64::max)
}
