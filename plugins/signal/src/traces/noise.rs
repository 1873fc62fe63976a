// SPDX-License-Identifier: MIT OR Apache-2.0
//! `nl`: how the local noise is distributed over the crop.
//!
//! *What it tests.* The log standard deviation of the residual in 16x16 blocks: its percentiles
//! about the median, its spread, its correlation with brightness over all blocks and over the
//! flatter half, and how heavy the tails of the residual are in the flatter half.
//!
//! *Why it works.* A sensor's noise grows with brightness and is there in flat areas too; decoders
//! paint texture where the scene has it and leave flat areas nearly clean.
//!
//! *When it does not apply.* Denoised night shots and portrait modes look like the second case.
//!
//! *Constants and their source.* 16 px blocks: 256 samples give the standard deviation to 4 %.
//!
//! *References.* Foi et al., "Practical Poissonian-Gaussian noise modeling", IEEE TIP 17 (2008).

use super::row;
use crate::residual::binomial_5;
use crate::spectrum::correlation;
use crate::stats::robust::quantiles;
use crate::{avx2_dispatch, Samples};

/// Side of a block, px.
const BLOCK: usize = 16;
/// Pixels of border that the 5x5 residual needs.
const BORDER: usize = 2;
/// Keeps the logarithm of a flat block finite, levels.
const FLOOR: f64 = 0.05;
/// Keeps standardised residuals of a flat block finite, and the logarithm of their kurtosis.
const SMALL: f64 = 1e-3;
const PERCENTILES: [f64; 5] = [0.05, 0.25, 0.50, 0.75, 0.95];

struct Block {
    log_deviation: f32,
    luma: f32,
    /// Sum of fourth powers of the standardised residual.
    fourth: f64,
}

pub(super) fn push(plane: &Samples, luma: &Samples, values: &mut Vec<f32>) {
    let (height, width) = plane.dim();
    let residual = binomial_5(plane);
    let rows = (height - 2 * BORDER) / BLOCK;
    let columns = (width - 2 * BORDER) / BLOCK;
    let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    let blocks: Vec<Block> = places
        .map(|(row, column)| {
            let (y, x) = (BORDER + row * BLOCK, BORDER + column * BLOCK);
            block(samples(&residual, y, x), samples(luma, y, x))
        })
        .collect();
    let mut deviations: Vec<f32> = blocks.iter().map(|block| block.log_deviation).collect();
    let mean = deviations.iter().map(|&x| f64::from(x)).sum::<f64>() / deviations.len() as f64;
    let squares = deviations.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>();
    let spread = (squares / deviations.len() as f64).sqrt();
    let percentiles = quantiles(&mut deviations, PERCENTILES).unwrap_or_default();
    let middle = percentiles[2];
    let flat = || blocks.iter().filter(|block| block.log_deviation <= middle);
    let pair = |block: &Block| (block.log_deviation, block.luma);
    let (fourth, count) =
        flat().fold((0.0, 0.0), |(sum, n), block| (sum + block.fourth, n + (BLOCK * BLOCK) as f64));
    values.extend(percentiles.map(|percentile| percentile - middle));
    values.push(correlation(flat().map(pair)));
    values.push(correlation(blocks.iter().map(pair)));
    values.push(spread as f32);
    values.push((fourth / count + SMALL).ln() as f32);
}

type Lines = [[f32; BLOCK]; BLOCK];

/// The block whose top left sample is `(x, y)`.
fn samples(plane: &Samples, y: usize, x: usize) -> Lines {
    std::array::from_fn(|dy| {
        row(plane, y + dy).get(x..).and_then(|line| line.first_chunk()).copied().unwrap_or_default()
    })
}

fn block(residual: Lines, luma: Lines) -> Block {
    let count = (BLOCK * BLOCK) as f64;
    let mut moments = Moments::default();
    add_moments(&residual, &luma, &mut moments);
    let deviation = (moments.square / count).sqrt();
    Block {
        log_deviation: (deviation + FLOOR).ln() as f32,
        luma: (moments.luma / count) as f32,
        fourth: moments.fourth / (deviation + SMALL).powi(4),
    }
}

/// Sums over a block: of the luma, and of the second and fourth powers of the residual about its mean.
#[derive(Default)]
struct Moments {
    luma: f64,
    square: f64,
    fourth: f64,
}

#[inline(always)]
fn add_moments_portable(residual: &Lines, luma: &Lines, moments: &mut Moments) {
    let mean = sum(residual, |x| x) / (BLOCK * BLOCK) as f64;
    moments.luma += sum(luma, |x| x);
    moments.square += sum(residual, |x| (x - mean) * (x - mean));
    moments.fourth += sum(residual, |x| {
        let square = (x - mean) * (x - mean);
        square * square
    });
}

avx2_dispatch! {
    fn add_moments(residual: &Lines, luma: &Lines, moments: &mut Moments) = add_moments_portable
}

/// The sum of a function of the samples, column by column, so that it vectorises.
#[inline(always)]
fn sum(lines: &Lines, of: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0.0; BLOCK];
    for line in lines {
        for x in 0..BLOCK {
            sums[x] += of(f64::from(line[x]));
        }
    }
    sums.iter().sum()
}

pub(super) fn names() -> Vec<String> {
    ["p0", "p1", "p2", "p3", "p4", "cl", "ca", "sd", "kurt"].map(String::from).to_vec()
}
