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
use super::law::{ratio, Law, Masses, LEVELS};

/// Largest step of the first compression that is looked for.
const MOST_STEP: usize = 64;
/// How many times finer than the last step a first one may be; finer ones leave nothing behind.
const FINEST: usize = 64;
/// Shares of blocks compressed once that are tried.
const SHARES: [f64; 7] = [0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7];
/// Gain in nats below which a step is not believed.
const LEAST_GAIN: f64 = 12.0;
/// What a free step costs against one of a table, nats: `ln` of the steps to choose from, and the
/// choice of the frequency.
const COST_OF_A_STEP: f64 = 6.0;
/// IJG qualities that are tried.
const QUALITIES: std::ops::RangeInclusive<u8> = 30..=99;

/// Log ratios `ln P(x | twice) / P(x | once)` of one frequency for one first step.
pub(crate) type LogRatios = [[f32; LEVELS]; CLASSES];
/// Weighted counts of magnitudes, by class.
type Counts = [[f64; LEVELS]; CLASSES];

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
    /// Probabilities after one compression.
    single: Masses,
    /// Probability ratios for the steps `1..=MOST_STEP`.
    ratios: Vec<Masses>,
    /// Gains on the shifted grid for each step and share.
    misfit: Vec<[f64; SHARES.len()]>,
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
        blocks: &Blocks<'_>,
        shifted: &[Shifted],
        steps: &[u16; 64],
    ) -> Result<Self, NoScore> {
        let mut all = Vec::with_capacity(FREQUENCIES);
        for (index, natural) in frequencies().enumerate() {
            evidence.check_cancelled()?;
            let last = steps.get(natural).copied().unwrap_or(1).max(1);
            let law = Law::of(shifted, index, last.into());
            let single = law.single(last.into());
            let of_step = |first: usize| {
                if usize::from(last) > FINEST * first {
                    return [[1.0; LEVELS]; CLASSES];
                }
                ratio(&law.double(first as f64, last.into()), &single)
            };
            let ratios: Vec<Masses> = (1..=MOST_STEP).map(of_step).collect();
            let mut counts = [[0.0; LEVELS]; CLASSES];
            let scale = blocks.usable as f64 / shifted.len().max(1) as f64;
            for block in shifted {
                let value = block.values.get(index).copied().unwrap_or_default();
                let level = (value.abs() / f32::from(last)).round() as usize;
                add(&mut counts, block.class, level, scale);
            }
            let misfit = ratios.iter().map(|ratios| gains(&counts, ratios)).collect();
            all.push(Frequency { natural, last, single, ratios, misfit });
        }
        Ok(Self { frequencies: all })
    }

    /// The first steps, each block counted with a weight in `0..=1`; `None` where one compression
    /// explains the picture as well.
    pub(crate) fn estimate(
        &self,
        blocks: &Blocks<'_>,
        weight: impl Fn(usize) -> f64,
    ) -> Option<Primary> {
        let mut counts = vec![[[0.0; LEVELS]; CLASSES]; self.frequencies.len()];
        for (at, (block, class)) in blocks.values.iter().zip(&blocks.classes).enumerate() {
            let Some(class) = *class else { continue };
            let weight = weight(at);
            for (counts, frequency) in counts.iter_mut().zip(&self.frequencies) {
                let value = block.get(frequency.natural).copied().unwrap_or_default();
                add(counts, class, value.unsigned_abs().into(), weight);
            }
        }
        let gains: Vec<Vec<[f64; SHARES.len()]>> = (self.frequencies.iter().zip(&counts))
            .map(|(frequency, counts)| frequency.ratios.iter().map(|r| gains(counts, r)).collect())
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
    fn free_steps(&self, gains: &[Vec<[f64; SHARES.len()]>]) -> Vec<Option<(u16, f64)>> {
        let best = |(frequency, gains): (&Frequency, &Vec<[f64; SHARES.len()]>)| {
            // A first step of 1 leaves no lattice: what it gains is misfit of the law.
            let misfit = gains.first().map_or(0.0, most);
            let of_step = |(step, (gain, misfit_here)): (u16, (&[f64; SHARES.len()], &_))| {
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
    fn best_table(&self, gains: &[Vec<[f64; SHARES.len()]>]) -> Option<(u8, f64)> {
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
        let index = usize::from(first).checked_sub(1).filter(|&index| index > 0)?;
        let ratios = self.ratios.get(index)?;
        let mut means = [(0.0, 0.0); CLASSES];
        for (means, (once, ratios)) in means.iter_mut().zip(self.single.iter().zip(ratios)) {
            let pairs = || once.iter().zip(ratios);
            let twice: f64 = pairs().map(|(once, ratio)| once * ratio).sum();
            let mean: f64 = pairs().map(|(once, ratio)| once * ratio * ratio.ln()).sum();
            *means = (mean / twice, -pairs().map(|(once, ratio)| once * ratio.ln()).sum::<f64>());
        }
        let logs = ratios.map(|row| row.map(|ratio| ratio.ln() as f32));
        Some(Step { first, ratios: logs, means })
    }
}

fn add(counts: &mut Counts, class: u8, level: usize, weight: f64) {
    let of_class = counts.get_mut(usize::from(class));
    if let Some(count) = of_class.and_then(|row| row.get_mut(level.min(LEVELS - 1))) {
        *count += weight;
    }
}

/// The gain in nats of a first step, for each share of blocks compressed once.
fn gains(counts: &Counts, ratios: &Masses) -> [f64; SHARES.len()] {
    let mut gains = [0.0; SHARES.len()];
    let cells = counts.iter().flatten().zip(ratios.iter().flatten());
    for (&count, &ratio) in cells.filter(|(&count, _)| count > 0.0) {
        for (gain, share) in gains.iter_mut().zip(SHARES) {
            *gain += count * (share + (1.0 - share) * ratio).ln();
        }
    }
    gains
}

/// The largest gain, or 0 for one compression only.
fn most(gains: &[f64; SHARES.len()]) -> f64 {
    gains.iter().copied().fold(0.0, f64::max)
}
