// SPDX-License-Identifier: MIT OR Apache-2.0
//! Noise that is wider than a pixel: blotches of brightness and of colour.
//!
//! # What it tests
//! How much noise flat areas keep when 2x2 and 4x4 px are averaged, in luma and in the red colour
//! difference.
//!
//! # Why it works
//! Averaging 4x4 independent samples leaves a quarter of their deviation, and what a denoiser takes
//! away is mostly fine. So what is left at 4 px is the sensor's where denoising, the filter of a
//! portrait mode and JPEG have taken the rest: a phone's flat areas are smooth but blotchy, alike all
//! over the picture. Colour is coded coarsely by JPEG and by every camera's denoiser, so that its
//! noise at 4 px survives 4:2:0; photographs are calmer there than what decoders paint. Red told the
//! classes better than blue did on held-out pictures.
//!
//! # When it does not apply
//! Coarse noise is nearer to content than fine noise is: woven and mottled surfaces have it too, and
//! it outlives the low-pass of the model card's control.
//! Grey pictures have no colour noise, whatever made them.
//!
//! # Constants and their source
//! [`BLOTCHY`], [`SMOOTH_SIGMA`], [`ONE_LAW`]: the middle half of the camera originals that the model
//! was fitted on lies between 0.27 and 0.46; white noise has `-ln 2` = -0.69.
//!
//! # References
//! Liu, Szeliski, Kang, Zitnick, Freeman, IEEE TPAMI 2008 (noise after demosaicing is correlated);
//! Abdelhamed, Lin, Brown, "A high-quality denoising dataset for smartphone cameras", CVPR 2018.

use assay_signal::residual::high_pass;
use assay_signal::stats::robust::median;
use assay_signal::Samples;

use crate::blocks::{Block, BLOCK_PX, CHANNELS, RESIDUAL_GAIN};
use crate::curve::Fit;
use crate::level::{Level, SIGMA_FLOOR};

/// Range of `ln` of the deviation at 2 px over that at 1 px which denoised sensor noise has.
const BLOTCHY: std::ops::RangeInclusive<f32> = 0.15..=0.6;
/// Deviation at 1 px, 8-bit levels, up to which an area looks smooth.
const SMOOTH_SIGMA: f32 = 1.5;
/// Share of flat blocks on the noise curve from which one process made their noise.
const ONE_LAW: f64 = 0.4;

/// Variances of a block after averaging.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Variances {
    /// Luma, 2x2 px averaged, squared 8-bit levels.
    pub luma_2: f32,
    /// Luma, 4x4 px averaged.
    pub luma_4: f32,
    /// Red colour difference (Cr), 4x4 px averaged.
    pub red_4: f32,
}

/// The cue.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Coarse {
    /// Median `ln` of luma's deviation at 2 px over that at 1 px; -0.69 for white noise.
    pub blotches: f32,
    /// Median `ln` of luma's deviation at 4 px over that at 2 px.
    pub widening: f32,
    /// Median `ln` of the red colour difference's deviation at 4 px, 8-bit levels.
    pub red: f32,
}

impl Coarse {
    /// Whether the flat areas look like one sensor's noise after denoising: smooth, blotchy, of one
    /// law.
    #[must_use]
    pub fn denoised(&self, level: &Level, fit: &Fit) -> bool {
        level.sigma <= SMOOTH_SIGMA && BLOTCHY.contains(&self.blotches) && fit.on_curve >= ONE_LAW
    }
}

/// Measures flat blocks; zeros without any.
#[must_use]
pub fn measure(flat: &[&Block]) -> Coarse {
    let ln = |variance: f32| (variance.max(0.0).sqrt() + SIGMA_FLOOR).ln();
    let middle = |value: &dyn Fn(&Block) -> f32| {
        median(&mut flat.iter().map(|block| value(block)).collect::<Vec<_>>()).unwrap_or(0.0)
    };
    Coarse {
        blotches: middle(&|b| ln(b.coarse.luma_2) - ln(b.sigma * b.sigma)),
        widening: middle(&|b| ln(b.coarse.luma_4) - ln(b.coarse.luma_2)),
        red: middle(&|b| ln(b.coarse.red_4)),
    }
}

/// Measures the blocks of a square tile in raster order, from its luma and its red, green and blue.
#[must_use]
pub fn of_tile(luma: &Samples, channels: &[Samples; CHANNELS]) -> Vec<Variances> {
    let luma_2 = averaged(luma);
    let luma_4 = averaged(&luma_2);
    let [red, green, blue] = channels.each_ref().map(|channel| averaged(&averaged(channel)));
    // BT.601; see `assay_signal::color`.
    let red_difference = (&red - &(0.299 * &red + 0.587 * &green + 0.114 * &blue)) / 1.402;
    let luma_4 = variances(&luma_4, BLOCK_PX / 4);
    let red_4 = variances(&red_difference, BLOCK_PX / 4);
    let all = variances(&luma_2, BLOCK_PX / 2).into_iter().zip(luma_4).zip(red_4);
    all.map(|((luma_2, luma_4), red_4)| Variances { luma_2, luma_4, red_4 }).collect()
}

/// Means of 2x2 samples.
fn averaged(plane: &Samples) -> Samples {
    let (height, width) = plane.dim();
    Samples::from_shape_fn((height / 2, width / 2), |(y, x)| {
        let pair = |row: usize| plane[[row, 2 * x]] + plane[[row, 2 * x + 1]];
        0.25 * (pair(2 * y) + pair(2 * y + 1))
    })
}

/// Variance by the residual in each `side` x `side` block of a plane, in raster order.
fn variances(plane: &Samples, side: usize) -> Vec<f32> {
    let residual = high_pass(plane);
    let blocks = residual.exact_chunks((side, side));
    let gain = RESIDUAL_GAIN * (side * side) as f32;
    blocks.into_iter().map(|block| block.iter().map(|r| r * r).sum::<f32>() / gain).collect()
}
