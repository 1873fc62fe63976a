// SPDX-License-Identifier: MIT OR Apache-2.0
//! How the noise depends on brightness.
//!
//! # What it tests
//! Whether the noise variance in flat areas follows brightness along one line.
//!
//! # Why it works
//! A sensor's noise is Poisson-Gaussian: in linear light `variance = a * brightness + b`. A tone
//! curve bends the line (with gamma `g` shot noise becomes `sigma ~ value^(1 - g / 2)`, about
//! constant at 2.2), but one curve still holds for the whole picture. The cue fits
//! `ln sigma = slope * brightness + offset` over flat blocks by least squares, and tells how well it
//! holds (correlation) and how sure the sign is (t statistic).
//!
//! # When it does not apply
//! A picture of one brightness has no slope: [`Intensity::spread`] tells. After in-camera denoising
//! and JPEG the slope has either sign.
//!
//! # Constants and their source
//! [`LEAST_SPREAD`]: a tenth of the range, below which a slope says nothing.
//!
//! # References
//! Foi, Trimeche, Katkovnik, Egiazarian, "Practical Poissonian-Gaussian noise modeling and fitting
//! for single-image raw-data", IEEE TIP 2008.

use crate::blocks::Block;
use crate::level::SIGMA_FLOOR;

/// Standard deviation of flat blocks' brightness (share of full scale) below which there is no
/// slope.
pub const LEAST_SPREAD: f64 = 0.1;

/// The line through `ln sigma` over brightness.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Intensity {
    /// Change of `ln sigma` from black to white.
    pub slope: f64,
    /// `ln sigma` at black.
    pub offset: f64,
    /// Correlation of `ln sigma` with brightness.
    pub correlation: f64,
    /// Slope over its standard error; 0 where the brightness hardly varies.
    pub t_statistic: f64,
    /// Standard deviation of the blocks' brightness, share of full scale.
    pub spread: f64,
}

impl Intensity {
    /// `ln sigma` expected at a brightness of `0..=255`.
    #[must_use]
    pub fn expected(&self, mean: f32) -> f64 {
        self.offset + self.slope * f64::from(mean) / 255.0
    }
}

/// Fits flat blocks. Where the brightness hardly varies the line is level, at the mean.
#[must_use]
pub fn measure(flat: &[&Block]) -> Intensity {
    let points = flat
        .iter()
        .map(|block| (f64::from(block.mean) / 255.0, f64::from(block.sigma + SIGMA_FLOOR).ln()));
    let n = flat.len() as f64;
    if flat.len() < 3 {
        return Intensity::default();
    }
    let (sum_x, sum_y) = points.clone().fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
    let (mean_x, mean_y) = (sum_x / n, sum_y / n);
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in points {
        xx += (x - mean_x) * (x - mean_x);
        xy += (x - mean_x) * (y - mean_y);
        yy += (y - mean_y) * (y - mean_y);
    }
    let spread = (xx / n).sqrt();
    if spread < LEAST_SPREAD || yy <= f64::EPSILON {
        return Intensity { offset: mean_y, spread, ..Intensity::default() };
    }
    let slope = xy / xx;
    let error = ((yy - slope * xy).max(0.0) / (n - 2.0) / xx).sqrt();
    Intensity {
        slope,
        offset: mean_y - slope * mean_x,
        correlation: (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0),
        t_statistic: slope / error.max(1e-6),
        spread,
    }
}
