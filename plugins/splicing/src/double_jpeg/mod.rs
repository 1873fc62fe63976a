// SPDX-License-Identifier: MIT OR Apache-2.0
//! Double JPEG: does a region lack the trace of the compression that the rest went through before?
//!
//! # What it tests
//! The quantised luma coefficients of the file itself. If the picture was a JPEG before, on the same
//! grid, its coefficients keep to the lattice of the first quantisation as well as to that of the
//! last. For each block the likelihood that it was compressed [twice or once](law) is compared; a
//! *foreign* region is one that was compressed once while the rest was compressed twice. The steps
//! of the first compression are [estimated](primary) from the picture.
//!
//! # Why it works
//! What is pasted comes without a compression, or with one on another grid, 63 times in 64; on the
//! grid of the last file it has none of the first lattice.
//!
//! # When it does not apply
//! - To a file that is no JPEG: it has no quantised coefficients of its own.
//! - To one in which two compressions explain the coefficients no better than one: it was compressed
//!   once, or the first compression was so much finer than the last that its lattice is lost.
//! - To one that lacks the trace in most places, or has too few blocks with detail.
//!
//! A picture that was cropped off its grid, scaled or edited as a whole between both compressions
//! counts as compressed once. Blocks with clipped samples or without detail say nothing. That a
//! picture was compressed twice is no sign of forgery: most pictures of the web were.
//!
//! # Constants and their source
//! At each constant. Those of cells, regions and [trust](fidelity) were chosen on pictures made for
//! the purpose: photographs made smaller, compressed at quality 50 to 95, with or without an ellipse
//! of another one, compressed again at 60 to 98. 28 frequencies instead of 15 and the reach of the
//! mean were compared on splices of CASIA v1 as well, and the limit of the foreign share was added
//! after one false region each on an authentic picture of CASIA v1 and a camera's progressive file:
//! what is measured on those is a little hopeful.
//!
//! # References
//! Bianchi and Piva, "Image forgery localization via block-grained analysis of JPEG artifacts", IEEE
//! TIFS 7(3), 2012. Lukas and Fridrich, "Estimation of primary quantization matrix in double
//! compressed JPEG images", DFRWS 2003. Jensen and Guttmann, "Self-avoiding polygons on the square
//! lattice", J. Phys. A 32, 1999.

use assay_plugin_api::prelude::*;

mod blocks;
mod fidelity;
mod gains;
mod law;
mod primary;
mod regions;

use crate::trace::{Cells, Trace};
use blocks::{Blocks, CLASSES, FREQUENCIES};
use fidelity::{Expected, Trust};
use law::LEVELS;
use primary::{Estimator, Primary};

/// Rounds in which the first steps are estimated and the blocks weighted by them.
const ROUNDS: usize = 3;

/// What is known of the first of two compressions.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstCompression {
    /// IJG quality `30..=99` whose luma table its steps are of, or come nearest to.
    pub quality: u8,
    /// The steps fit the IJG table of that quality; otherwise each was found by itself.
    pub is_ijg: bool,
    /// Nats by which two compressions explain the coefficients better than one, above 0.
    pub gain_nats: f64,
    /// Natural index of each frequency whose step is known, and the step.
    pub steps: Vec<(usize, u16)>,
}

/// A picture that was compressed twice.
#[derive(Clone, Debug, PartialEq)]
pub struct DoubleJpeg {
    /// The compression before the last.
    pub first: FirstCompression,
    /// The picture has its trace as strongly as the steps let expect. Otherwise the cells can be
    /// compared with each other, but none speaks for a foreign part, and there are no regions.
    pub is_clear: bool,
    /// Where its trace is missing.
    pub trace: Trace,
}

/// Looks for regions that lack the trace of an earlier compression.
///
/// # Errors
/// `NotApplicable` with the reason; `Cancelled`.
pub fn measure(evidence: &Evidence<'_>) -> Result<Trace, NoScore> {
    examine(evidence).map(|found| found.trace)
}

/// As [`measure`], with what is known of the earlier compression.
///
/// # Errors
/// `NotApplicable` with the reason; `Cancelled`.
pub fn examine(evidence: &Evidence<'_>) -> Result<DoubleJpeg, NoScore> {
    let coefficients = evidence.jpeg_luma_coefficients()?;
    let steps = evidence.jpeg_luma_dqt()?;
    let luma = evidence.luma()?;
    let (blocks, shifted) = Blocks::of(evidence, &luma, &coefficients, steps)?;
    let estimator = Estimator::new(evidence, &blocks, &shifted, steps)?;
    let thinned = blocks.thinned();
    let few = thinned.as_ref().unwrap_or(&blocks);
    // Each stands for so many.
    let scale = blocks.usable as f64 / few.usable.max(1) as f64;
    let mut twice = vec![1.0_f32; few.levels.len()];
    let mut round = 1;
    loop {
        evidence.check_cancelled()?;
        let weight = |at: usize| scale * f64::from(twice.get(at).copied().unwrap_or(1.0));
        let primary = estimator.estimate(few, weight).ok_or_else(compressed_once)?;
        if round == ROUNDS {
            let said = said_of(&blocks, &primary);
            let log_odds = regions::log_odds(evidence, blocks.columns, &said)?;
            return concluded(&blocks, &primary, &said, log_odds);
        }
        let log_odds = regions::log_odds(evidence, few.columns, &said_of(few, &primary))?;
        for (twice, odds) in twice.iter_mut().zip(log_odds) {
            *twice = 1.0 / (1.0 + odds.exp());
        }
        round += 1;
    }
}

/// Judges what was found in the last round.
fn concluded(
    blocks: &Blocks,
    primary: &Primary,
    said: &[Option<f32>],
    mut log_odds: Vec<f32>,
) -> Result<DoubleJpeg, NoScore> {
    let expected = Expected::of(primary);
    let trust = expected.trust(blocks, primary.gain, said, &log_odds);
    let first = primary.described();
    let regions = match trust {
        Trust::Clear => regions::regions_of(blocks, &expected, said, &log_odds)?,
        Trust::Faint => Vec::new(),
        Trust::Drowned => return Err(drowned(&first)),
        Trust::None => return Err(compressed_once()),
    };
    if trust == Trust::Faint {
        regions::made_faint(&mut log_odds);
    }
    let cells = Cells { columns: blocks.columns, log_odds };
    Ok(DoubleJpeg { first, is_clear: trust == Trust::Clear, trace: Trace { cells, regions } })
}

fn compressed_once() -> NoScore {
    NoScore::not_applicable(
        "Two compressions explain the coefficients no better than one: the picture was compressed \
         once, shifted or scaled in between, or so finely before that no trace is left.",
    )
}

fn drowned(first: &FirstCompression) -> NoScore {
    NoScore::not_applicable(format!(
        "A compression before the last one, of quality {} or so, would have left too little of its \
         trace: the last one was stronger.",
        first.quality
    ))
}

/// What each block says for one compression rather than two, nats.
fn said_of(blocks: &Blocks, primary: &Primary) -> Vec<Option<f32>> {
    // The lowest magnitudes, which most coefficients have, lie side by side.
    let mut ratios = [[[0.0; FREQUENCIES]; LEVELS]; CLASSES];
    for (frequency, step) in primary.steps.iter().enumerate().take(FREQUENCIES) {
        let Some(step) = step else { continue };
        for (of_class, row) in ratios.iter_mut().zip(&step.ratios) {
            for (of_level, &ratio) in of_class.iter_mut().zip(row) {
                of_level[frequency] = ratio;
            }
        }
    }
    let of_block = |(levels, class): (&[u8; FREQUENCIES], &Option<u8>)| {
        let of_class = ratios.get(usize::from((*class)?))?;
        let levels = levels.iter().enumerate();
        Some(-levels.map(|(at, &level)| of_class[usize::from(level) % LEVELS][at]).sum::<f32>())
    };
    blocks.levels.iter().zip(&blocks.classes).map(of_block).collect()
}

impl Primary {
    fn described(&self) -> FirstCompression {
        let steps = blocks::frequencies().zip(&self.steps);
        let steps = steps.filter_map(|(natural, step)| Some((natural, step.as_ref()?.first)));
        FirstCompression {
            quality: self.quality,
            is_ijg: self.is_ijg,
            gain_nats: self.gain,
            steps: steps.collect(),
        }
    }
}
