// SPDX-License-Identifier: MIT OR Apache-2.0
//! The curve on which a sensor's noise lies over brightness.
//!
//! # What it tests
//! Whether one Poisson-Gaussian law explains the noise of all flat blocks: the law's gain and floor,
//! and the share of blocks that lie on it.
//!
//! # Why it works
//! Photons arrive at random and the electronics add noise of their own, so in linear light
//! `variance = gain * brightness + floor`. A tone curve with exponent `g` (`value = light^(1/g)`)
//! stretches the noise by its slope and leaves
//! `value^(2 - 2 g) * (gain * value^g + floor) / g^2`: rising for `g = 1`, falling for `g = 2.6`.
//! Gain and floor are fitted as non-negative numbers for each of some exponents, by iteratively
//! reweighted least squares of the *relative* error, since an estimated variance scatters in
//! proportion to itself; the exponent with the least scatter is kept. Blocks with clipped samples are
//! left out before ([`crate::blocks`]).
//!
//! # When it does not apply
//! Where the brightness of the flat blocks hardly varies, gain and floor cannot be told apart
//! ([`Fit::law`] is `None`); the curve then holds at that brightness only. After denoising and JPEG the numbers are those
//! of what is left, not of the sensor.
//!
//! # Constants and their source
//! Exponents from no tone curve to beyond sRGB's 2.2; [`ON_CURVE`]: the estimate from 256 px of white
//! noise scatters by about 6 %, so four deviations; the weights are Huber's [1.345 deviations, Huber
//! 1981], the rounds as many as change nothing more.
//!
//! # References
//! Foi, Trimeche, Katkovnik, Egiazarian, "Practical Poissonian-Gaussian noise modeling and fitting
//! for single-image raw-data", IEEE TIP 2008; Liu, Szeliski, Kang, Zitnick, Freeman, "Automatic
//! estimation and removal of noise from a single image", IEEE TPAMI 2008 (noise after a tone curve).

use assay_signal::stats::robust::median;

use crate::blocks::{Block, CHANNELS};
use crate::intensity::LEAST_SPREAD;

/// Exponents of the tone curve that are tried.
const EXPONENTS: [f64; 5] = [1.0, 1.4, 1.8, 2.2, 2.6];
/// Distance of `ln sigma` from the curve up to which a block lies on it.
const ON_CURVE: f64 = 0.25;
/// Residuals beyond so many deviations weigh less.
const HUBER: f64 = 1.345;
/// Standard deviation of a normal distribution over its median absolute deviation.
const DEVIATION_OVER_MEDIAN: f64 = 1.4826;
/// Least deviation of `ln variance` that the weights assume.
const LEAST_DEVIATION: f64 = 0.1;
/// Rounds of reweighting.
const ROUNDS: usize = 4;
/// Least variance, squared 8-bit levels: below the rounding of luma.
const LEAST_VARIANCE: f64 = 0.01;
/// Fewest blocks for a curve.
const FEWEST_POINTS: usize = 3;
/// Full scale, 8-bit levels.
const FULL_SCALE: f64 = 255.0;

/// Noise variance over brightness behind a tone curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    /// Exponent of the tone curve: value = light to the power of one over it.
    pub exponent: f64,
    /// Growth of the variance with brightness, both in linear light with full scale 1.
    pub gain: f64,
    /// Variance without light, in linear light with full scale 1.
    pub floor: f64,
}

/// A curve and how well it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// The curve.
    pub curve: Curve,
    /// Mean absolute distance of `ln sigma` from it.
    pub distance: f64,
    /// Share of the blocks that lie on it.
    pub on_curve: f64,
    /// Whether the brightness varies enough to tell gain from floor.
    pub tells_gain: bool,
}

impl Curve {
    /// Expected variance, squared 8-bit levels, at a brightness of `0..=255`.
    #[must_use]
    pub fn variance(&self, mean: f64) -> f64 {
        let [gain, floor] = basis(mean, self.exponent);
        (self.gain * gain + self.floor * floor).max(LEAST_VARIANCE)
    }
}

impl Fit {
    /// Gain and floor, where they can be told apart.
    #[must_use]
    pub fn law(&self) -> Option<&Curve> {
        self.tells_gain.then_some(&self.curve)
    }
}

/// Variance that a gain of 1, and a floor of 1, leave at a brightness.
fn basis(mean: f64, exponent: f64) -> [f64; 2] {
    let value = (mean / FULL_SCALE).max(0.01);
    let stretch = value.powf(2.0 - 2.0 * exponent) * (FULL_SCALE / exponent).powi(2);
    [stretch * value.powf(exponent), stretch]
}

/// Fits the luma of flat blocks; `None` with fewer than three.
#[must_use]
pub fn of_luma(flat: &[&Block]) -> Option<Fit> {
    let points: Vec<_> = flat
        .iter()
        .map(|block| (f64::from(block.mean), f64::from(block.sigma).powi(2).max(LEAST_VARIANCE)))
        .collect();
    EXPONENTS.iter().filter_map(|&exponent| fit(&points, exponent)).reduce(|best, next| {
        if next.distance < best.distance {
            next
        } else {
            best
        }
    })
}

/// Fits each channel of flat blocks behind one tone curve.
#[must_use]
pub fn of_channels(flat: &[&Block], exponent: f64) -> [Option<Fit>; CHANNELS] {
    std::array::from_fn(|channel| {
        let point = |block: &&Block| {
            let variance = f64::from(block.channel_variance(channel)).max(LEAST_VARIANCE);
            (f64::from(block.means[channel]), variance)
        };
        fit(&flat.iter().map(point).collect::<Vec<_>>(), exponent)
    })
}

/// Fits points of brightness, `0..=255`, and variance, squared 8-bit levels.
fn fit(points: &[(f64, f64)], exponent: f64) -> Option<Fit> {
    if points.len() < FEWEST_POINTS {
        return None;
    }
    let n = points.len() as f64;
    let mean = points.iter().map(|(x, _)| x / FULL_SCALE).sum::<f64>() / n;
    let spread = points.iter().map(|(x, _)| (x / FULL_SCALE - mean).powi(2)).sum::<f64>() / n;
    let tells_gain = spread.sqrt() >= LEAST_SPREAD;
    let bases: Vec<_> = points.iter().map(|&(x, _)| basis(x, exponent)).collect();
    let level = f64::from(median(&mut points.iter().map(|p| p.1 as f32).collect::<Vec<_>>())?);
    let mut expected = vec![level; points.len()];
    let mut curve = Curve { exponent, gain: 0.0, floor: 0.0 };
    for _ in 0..ROUNDS {
        let [gain, floor] = solve(&bases, points, &expected);
        (curve.gain, curve.floor) = (gain, floor);
        for (expected, &(x, _)) in expected.iter_mut().zip(points) {
            *expected = curve.variance(x);
        }
    }
    let distances = points.iter().zip(&expected).map(|(&(_, y), &f)| 0.5 * (y / f).ln().abs());
    let on_curve = distances.clone().filter(|&d| d < ON_CURVE).count() as f64 / n;
    Some(Fit { curve, distance: distances.sum::<f64>() / n, on_curve, tells_gain })
}

/// One round: the non-negative gain and floor with the least weighted relative error.
fn solve(bases: &[[f64; 2]], points: &[(f64, f64)], expected: &[f64]) -> [f64; 2] {
    let logs: Vec<f32> = points.iter().zip(expected).map(|(p, f)| (p.1 / f).ln() as f32).collect();
    let centre = median(&mut logs.clone()).unwrap_or(0.0);
    let mut distances: Vec<f32> = logs.iter().map(|log| (log - centre).abs()).collect();
    let deviation = DEVIATION_OVER_MEDIAN * f64::from(median(&mut distances).unwrap_or(0.0));
    let reach = HUBER * deviation.max(LEAST_DEVIATION);
    let (mut gg, mut gf, mut ff, mut gy, mut fy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (((&[g, f], &(_, y)), &expected), &log) in bases.iter().zip(points).zip(expected).zip(&logs)
    {
        let weight = (reach / f64::from(log.abs()).max(1e-9)).min(1.0) / (expected * expected);
        gg += weight * g * g;
        gf += weight * g * f;
        ff += weight * f * f;
        gy += weight * g * y;
        fy += weight * f * y;
    }
    let determinant = gg * ff - gf * gf;
    if determinant > 1e-12 * gg * ff {
        let both = [(gy * ff - fy * gf) / determinant, (fy * gg - gy * gf) / determinant];
        if both.iter().all(|&value| value >= 0.0) {
            return both;
        }
    }
    // The error of one alone falls by its squared share of the data.
    if gy * gy * ff > fy * fy * gg {
        [(gy / gg).max(0.0), 0.0]
    } else {
        [0.0, (fy / ff).max(0.0)]
    }
}
