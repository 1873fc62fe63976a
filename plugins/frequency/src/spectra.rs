// SPDX-License-Identifier: MIT OR Apache-2.0
//! What every cue reads: spectra of the residual of tiles that are spread over the picture.
//!
//! # What it tests
//! Nothing by itself. It keeps each tile's power spectrum, their mean logarithm, and each tile's
//! amplitudes at the lattices' frequencies.
//!
//! # Why it works
//! The residual (a pixel minus its 5x5 binomial mean, clipped so that edges do not outweigh fine
//! periodic traces) takes the picture's 1/f content away. The mean of logarithms keeps one place with
//! strong periodic content from outweighing the rest.
//!
//! # When it does not apply
//! Below 128 px on a side, and where every tile is digitally flat.
//!
//! # Constants and their source
//! Beside each constant; those without a paper were fixed before any measurement.
//!
//! # References
//! Welch, "The use of fast Fourier transform for the estimation of power spectra", 1967; Bracewell,
//! "The Fourier Transform and its Applications", 1986 (windows and their correlation).

use assay_plugin_api::prelude::*;
use assay_signal::color::samples_from_u8;
use assay_signal::residual::binomial_5;
use assay_signal::spectrum::{hann, PowerSpectrum};
use assay_signal::Samples;

use crate::lattice::{self, Point};
use crate::tiles::{self, Tiles, LARGE_PX, SMALL_PX};

/// Residuals are clipped to this many 8-bit levels.
const MOST_RESIDUAL: f32 = 20.0;
/// Added to powers, for each pixel of a tile: rounding to 8 bits (variance 1/12) under the window's
/// energy, (3/8)^2 of the pixels.
const POWER_FLOOR: f32 = 0.1406 / 12.0;
/// Powers that are multiplied before their logarithm is taken: 16 of at most 1e12 stay below 1e300.
const PRODUCT: usize = 16;

/// A complex amplitude: real and imaginary part.
pub type Amplitude = [f32; 2];

/// The spectra of a picture. A spectrum is its half of `side` rows and `side / 2 + 1` columns.
#[derive(Clone, Debug)]
pub struct Spectra {
    /// Side of the tiles, px.
    pub side: usize,
    /// Corners of the tiles that are not flat, `(x, y)`.
    pub corners: Vec<(usize, usize)>,
    /// Mean over tiles of `ln power`, shape `(side, side / 2 + 1)`.
    pub log_power: Samples,
    /// The frequencies of the lattices.
    pub points: Vec<Point>,
    /// For each tile, its amplitude at each of `points`, with phases from the picture's corner.
    pub amplitudes: Vec<Vec<Amplitude>>,
    /// Power of each tile at row `v` and column `u`, at `u * side + v`.
    powers: Vec<Vec<f32>>,
}

impl Spectra {
    /// Tiles looked at.
    #[must_use]
    pub fn tiles(&self) -> usize {
        self.corners.len()
    }

    /// Columns of the half spectrum.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.side / 2 + 1
    }

    /// Mean log power at row `v`, column `u`; any indices, continued by the spectrum's symmetries.
    #[must_use]
    pub fn at(&self, v: isize, u: isize) -> f32 {
        self.log_power[self.folded(v, u)]
    }

    /// Power of a tile at row `v`, column `u`; any indices, continued by the spectrum's symmetries.
    #[must_use]
    pub fn power(&self, tile: usize, v: isize, u: isize) -> f32 {
        let [v, u] = self.folded(v, u);
        self.powers[tile][u * self.side + v]
    }

    /// How many times the variance of a mean over tiles exceeds that over independent ones, for
    /// amplitudes and for powers: neighbours share pixels.
    #[must_use]
    pub fn inflation(&self) -> [f64; 2] {
        let window = hann(self.side);
        let energy: f32 = window.iter().map(|w| w * w).sum();
        let shared = |lag: usize| -> f64 {
            let products = window.iter().zip(window.get(lag..).unwrap_or_default());
            f64::from(products.map(|(a, b)| a * b).sum::<f32>() / energy)
        };
        let lags: Vec<f64> = (0..self.side).map(shared).collect();
        let along = |a: usize, b: usize| lags.get(a.abs_diff(b)).copied().unwrap_or(0.0);
        let mut sums = [0.0; 2];
        for &(x, y) in &self.corners {
            for &(other_x, other_y) in &self.corners {
                let correlation = along(x, other_x) * along(y, other_y);
                sums[0] += correlation;
                sums[1] += correlation * correlation;
            }
        }
        sums.map(|sum| sum / self.tiles().max(1) as f64)
    }

    fn folded(&self, v: isize, u: isize) -> [usize; 2] {
        let side = self.side as isize;
        let u = u.rem_euclid(side);
        let (v, u) = if u > side / 2 { (-v, side - u) } else { (v, u) };
        [v.rem_euclid(side) as usize, u as usize]
    }
}

/// Plans for both sizes of tiles; a clone has buffers of its own.
#[derive(Clone, Debug)]
pub struct Analyser {
    small: PowerSpectrum,
    large: PowerSpectrum,
}

impl Default for Analyser {
    fn default() -> Self {
        let plan = |side| PowerSpectrum::windowed(side, side);
        Self { small: plan(SMALL_PX), large: plan(LARGE_PX) }
    }
}

impl Analyser {
    /// Transforms a picture.
    ///
    /// # Errors
    /// `NotApplicable` when a side is below 128 px or every tile is digitally flat; `Cancelled`.
    pub fn measure(&mut self, evidence: &Evidence<'_>) -> Result<Spectra, NoScore> {
        let luma = evidence.luma()?;
        let Some(Tiles { side, corners }) = tiles::choose(luma) else {
            let shorter = luma.width().min(luma.height());
            return Err(NoScore::not_applicable(format!(
                "The picture is {shorter} px on its shorter side; the frequency test needs \
                 {SMALL_PX} px."
            )));
        };
        let plan = if side == LARGE_PX { &mut self.large } else { &mut self.small };
        let mut spectra = Spectra {
            side,
            corners: Vec::with_capacity(corners.len()),
            log_power: Samples::zeros((side, side / 2 + 1)),
            points: lattice::points(side),
            amplitudes: Vec::with_capacity(corners.len()),
            powers: Vec::with_capacity(corners.len()),
        };
        for (x, y) in corners {
            evidence.check_cancelled()?;
            let from = &luma.samples()[y * luma.row_stride() + x..];
            let tile = samples_from_u8(from, side, side, luma.row_stride());
            add(plan, &tile, (x, y), &mut spectra);
        }
        if spectra.corners.is_empty() {
            return Err(NoScore::not_applicable("The picture is flat: it has no spectrum."));
        }
        average(&mut spectra);
        Ok(spectra)
    }
}

/// Adds one tile, unless it is flat.
fn add(plan: &mut PowerSpectrum, tile: &Samples, corner: (usize, usize), spectra: &mut Spectra) {
    let mut residual = binomial_5(tile);
    residual.mapv_inplace(|r| r.clamp(-MOST_RESIDUAL, MOST_RESIDUAL));
    let energy: f32 = residual.iter().map(|r| r * r).sum();
    if energy < 1.0 {
        return;
    }
    let side = spectra.side;
    let floor = POWER_FLOOR * (side * side) as f32;
    let bins = plan.bins(residual.view());
    let amplitude = |point: &Point| {
        let value = bins[point.u * side + point.v.rem_euclid(side as isize) as usize];
        lattice::moved([value.re, value.im], point, corner, side)
    };
    spectra.amplitudes.push(spectra.points.iter().map(amplitude).collect());
    spectra.powers.push(bins.iter().map(|bin| bin.norm_sqr() + floor).collect());
    spectra.corners.push(corner);
}

/// Fills the mean of `ln power`. Products of several tiles' powers spare most of the logarithms.
fn average(spectra: &mut Spectra) {
    let side = spectra.side;
    let mut sums = vec![0.0_f64; side * (side / 2 + 1)];
    for tiles in spectra.powers.chunks(PRODUCT) {
        let mut products = vec![1.0_f64; sums.len()];
        for powers in tiles {
            products.iter_mut().zip(powers).for_each(|(p, &power)| *p *= f64::from(power));
        }
        sums.iter_mut().zip(products).for_each(|(sum, product)| *sum += product.ln());
    }
    let tiles = spectra.tiles() as f64;
    for ((v, u), mean) in spectra.log_power.indexed_iter_mut() {
        *mean = (sums[u * side + v] / tiles) as f32;
    }
}
