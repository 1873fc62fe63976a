// SPDX-License-Identifier: MIT OR Apache-2.0
//! How the residual of flat areas is correlated between neighbours and between channels.
//!
//! # What it tests
//! Flatness of the noise spectrum and independence of the colour channels' noise.
//!
//! # Why it works
//! Each photosite has its own noise. Demosaicing, denoising and JPEG correlate it over a pixel or
//! two, in the same way everywhere; decoders correlate it by their own kernels and usually paint
//! nearly grey grain, so that the channels agree much more than a Bayer sensor's do.
//! For white noise the four-neighbour residual has lag correlations -0.4, 0.1, 0.05 (axis,
//! diagonal, two along an axis).
//!
//! # When it does not apply
//! Chroma subsampling (4:2:0) leaves the channels' fine residual nearly equal, whatever the origin;
//! grey pictures have three equal channels: then the channel values say nothing and are left at
//! their neutral value.
//!
//! # Constants and their source
//! [`GREY_CORRELATION`]: rounding alone keeps coloured pictures below it.
//!
//! # References
//! Popescu, Farid, "Exposing digital forgeries in color filter array interpolated images", IEEE TSP
//! 2005; McCloskey, Albright, "Detecting GAN-generated imagery using saturation cues", ICIP 2019
//! (channels of generators).

use crate::blocks::Block;

/// Correlation above which the channels are copies of each other.
const GREY_CORRELATION: f32 = 0.9995;

/// Correlations in flat areas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    /// Lag one along an axis, both directions averaged.
    pub axis: f32,
    /// Lag one along both axes.
    pub diagonal: f32,
    /// Lag two along an axis.
    pub two: f32,
    /// Between the channels; `None` for a grey picture.
    pub colour: Option<Colour>,
}

/// Relations of the colour channels' residuals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colour {
    /// Correlation of red and green.
    pub red_green: f32,
    /// Correlation of green and blue.
    pub green_blue: f32,
    /// `ln` of the variance of red over green.
    pub red_ratio: f32,
    /// `ln` of the variance of blue over green.
    pub blue_ratio: f32,
}

/// Measures flat blocks. Each block is weighted by the inverse of its own variance, so that a few
/// strong ones do not decide.
#[must_use]
pub fn measure(flat: &[&Block]) -> Correlation {
    let (mut lags, mut channels) = ([0.0_f32; 4], [0.0_f32; 6]);
    for block in flat {
        // Rounding noise alone has 256 / 12 of it.
        let weight = 1.0 / (block.lags[0] + 20.0);
        lags.iter_mut().zip(block.lags).for_each(|(sum, lag)| *sum += weight * lag);
        channels.iter_mut().zip(block.channels).for_each(|(sum, c)| *sum += weight * c);
    }
    let power = lags[0].max(1e-6);
    let [red, green, blue, red_green, green_blue, _] = channels;
    let coefficient = |product: f32, a: f32, b: f32| product / (a * b).sqrt().max(1e-6);
    let (rg, gb) = (coefficient(red_green, red, green), coefficient(green_blue, green, blue));
    let ratio = |a: f32, b: f32| ((a + 1e-3) / (b + 1e-3)).ln();
    let colour = (rg.min(gb) < GREY_CORRELATION).then(|| Colour {
        red_green: rg,
        green_blue: gb,
        red_ratio: ratio(red, green),
        blue_ratio: ratio(blue, green),
    });
    Correlation { axis: lags[1] / power, diagonal: lags[2] / power, two: lags[3] / power, colour }
}
