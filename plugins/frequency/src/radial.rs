// SPDX-License-Identifier: MIT OR Apache-2.0
//! How the residual's spectrum falls off with frequency.
//!
//! # What it tests
//! The upper band against the fall that the middle band announces, the corners, and whether the
//! upper band favours the axes.
//!
//! # Why it works
//! Photographs fall off as `1 / f^b` until the noise floor takes over, and a demosaicing, sharpening
//! camera bends that in its own way. Decoders leave the highest band too empty (smooth
//! interpolation) or too full (checkerboard). `ln power = a - b ln f` is fitted over the middle band
//! of rings; the cue is what remains above it.
//!
//! # When it does not apply
//! Rescaled, blurred and strongly denoised photographs have emptied upper bands as well; sharpening
//! fills them. The fall also depends on content.
//!
//! # Constants and their source
//! Bands in cycles per px, fixed before any measurement.
//!
//! # References
//! van der Schaaf, van Hateren, "Modelling the power spectra of natural images", Vision Research
//! 1996; Dzanic, Shah, Witherden, "Fourier spectrum discrepancies in deep network generated
//! images", NeurIPS 2020.

use assay_signal::spectrum::{frequency, radial_mean};

use crate::spectra::Spectra;

/// Rings up to the corner's radius.
const RINGS: usize = 48;
/// Radius of the last ring's edge, cycles per px: the corner lies at 0.707.
const LIMIT: f32 = 0.72;
/// Rings for the fit.
const MIDDLE: (f32, f32) = (0.06, 0.2);
/// Radii of the upper bands.
const UPPER: [(f32, f32); 4] = [(0.2, 0.3), (0.3, 0.4), (0.4, 0.5), (0.5, 0.7)];
/// Radii where directions are compared.
const DIRECTIONS: (f32, f32) = (0.25, 0.5);

/// What the rings tell; natural logarithms of power.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Radial {
    /// Exponent `b` of the fall over the middle band, of power.
    pub fall: f64,
    /// Mean of each upper band minus the fit.
    pub excess: [f64; UPPER.len()],
    /// Mean within 15 degrees of an axis minus the mean within 15 degrees of a diagonal.
    pub axes: f64,
}

/// Measures the mean log spectrum.
#[must_use]
pub fn measure(spectra: &Spectra) -> Radial {
    let rings = radial_mean(&spectra.log_power, spectra.side, RINGS, LIMIT);
    let radius = |i: usize| (i as f32 + 0.5) / RINGS as f32 * LIMIT;
    let within = |(low, high): (f32, f32)| {
        rings
            .iter()
            .enumerate()
            .map(move |(i, &value)| (radius(i), value))
            .filter(move |&(radius, _)| radius >= low && radius < high)
    };
    let points: Vec<(f64, f64)> =
        within(MIDDLE).map(|(r, value)| (f64::from(r.ln()), f64::from(value))).collect();
    let n = points.len() as f64;
    let mean_x = points.iter().map(|p| p.0).sum::<f64>() / n;
    let mean_y = points.iter().map(|p| p.1).sum::<f64>() / n;
    let xy: f64 = points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum();
    let xx: f64 = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
    let slope = xy / xx;
    let excess = UPPER.map(|band| {
        let above = within(band)
            .map(|(r, value)| f64::from(value) - (mean_y + slope * (f64::from(r.ln()) - mean_x)));
        let (sum, count) = above.fold((0.0, 0.0), |(sum, count), a| (sum + a, count + 1.0));
        sum / count
    });
    Radial { fall: -slope, excess, axes: axes(spectra) }
}

fn axes(spectra: &Spectra) -> f64 {
    let (mut axis, mut diagonal) = ((0.0_f64, 0.0_f64), (0.0_f64, 0.0_f64));
    for ((v, u), &value) in spectra.log_power.indexed_iter() {
        let (x, y) = (u as f32 / spectra.side as f32, frequency(v, spectra.side).abs());
        let radius = x.hypot(y);
        if !(DIRECTIONS.0..DIRECTIONS.1).contains(&radius) {
            continue;
        }
        let degrees = y.atan2(x).to_degrees();
        let sector = if !(15.0..75.0).contains(&degrees) {
            &mut axis
        } else if (30.0..60.0).contains(&degrees) {
            &mut diagonal
        } else {
            continue;
        };
        sector.0 += f64::from(value);
        sector.1 += 1.0;
    }
    axis.0 / axis.1 - diagonal.0 / diagonal.1
}
