// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a bin is compared with: the natural spectrum around it.
//!
//! # What it tests
//! Nothing by itself. It gives the level and the spread of the mean log spectrum around a bin, the tail
//! of the law that a bin of that surroundings follows, and the level around a bin in one tile.
//!
//! # Why it works
//! Natural spectra are smooth over a few bins. The mean of the logarithms of `n` exponential powers has
//! variance `pi^2 / 6 n`, and its exponential nearly the gamma law whose logarithm has that variance
//! (trigamma of the shape). Where surroundings spread more than that, the shape is the one that their
//! own spread asks for, so that uneven places make the test less sensitive and not wrong.
//!
//! # When it does not apply
//! Straight edges along the axes raise whole rows and columns: the level is the largest of the ring's
//! and of those of the segments of the bin's row and column.
//!
//! # Constants and their source
//! Ring: odd offsets along both axes within [`REACH`] bins, beyond the main lobe of the Hann window
//! (two bins); on a lattice of every fourth bin none of them lies on it. Segments: odd offsets from 3
//! to 11.
//!
//! # References
//! Abramowitz, Stegun, "Handbook of Mathematical Functions", 6.4.12 (trigamma); Wilson, Hilferty, "The
//! distribution of chi-square", PNAS 1931 (median of the gamma law); Rousseeuw, Croux, "Alternatives to
//! the median absolute deviation", JASA 1993.

use assay_signal::stats::nfa::log10_gamma_tail;
use assay_signal::stats::robust::{mad_sigma, median};

use crate::spectra::Spectra;

/// Radius of the ring, bins.
const REACH: isize = 7;
/// Offsets along a row or a column, to both sides.
const SEGMENT: [isize; 5] = [3, 5, 7, 9, 11];
/// Correlated bins that count as one under a Hann window along both axes: the squared equivalent
/// noise bandwidth [Harris 1978, table 1: 1.5 bins].
const BINS_AS_ONE: f64 = 2.25;

/// The natural level around a bin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Background {
    /// Level, ln of power.
    pub ln: f32,
    /// Standard deviation of the surroundings, ln of power.
    pub spread: f32,
}

impl Background {
    /// How far a bin of the level `ln` stands out, in standard deviations.
    #[must_use]
    pub fn deviations(&self, ln: f32) -> f32 {
        (ln - self.ln) / self.spread
    }

    /// Returns `log10 P[a bin of these surroundings is at least at ln]`.
    #[must_use]
    pub fn log10_tail(&self, ln: f32) -> f64 {
        // 1 / k + 1 / 2 k^2 = spread^2
        let variance = f64::from(self.spread).powi(2).max(f64::MIN_POSITIVE);
        let shape = (1.0 + (1.0 + 2.0 * variance).sqrt()) / (2.0 * variance);
        let median = (1.0 - 1.0 / (9.0 * shape)).powi(3);
        log10_gamma_tail(shape, shape * median * f64::from(ln - self.ln).exp())
    }
}

/// The offsets of the ring, `(rows, columns)`.
#[must_use]
pub fn ring() -> Vec<(isize, isize)> {
    let odd = || (-REACH..=REACH).step_by(2);
    let within = |&(v, u): &(isize, isize)| {
        let squared = v * v + u * u;
        squared > 2 && squared <= REACH * REACH + 1
    };
    odd().flat_map(|v| odd().map(move |u| (v, u))).filter(within).collect()
}

/// Independent bins of the ring.
#[must_use]
pub fn ring_bins() -> f64 {
    ring().len() as f64 / BINS_AS_ONE
}

/// Spread of the mean of the logarithms of `tiles` powers, of which `inflation` count as one.
#[must_use]
pub fn least_spread(tiles: usize, inflation: f64) -> f32 {
    (std::f64::consts::PI / 6.0_f64.sqrt() * (inflation / tiles.max(1) as f64).sqrt()) as f32
}

/// The level of the ring around row `v`, column `u` of the mean log spectrum; its spread is at least
/// `least`.
#[must_use]
pub fn of_ring(
    spectra: &Spectra,
    ring: &[(isize, isize)],
    v: isize,
    u: isize,
    least: f32,
) -> Background {
    let mut values: Vec<f32> = ring.iter().map(|&(dv, du)| spectra.at(v + dv, u + du)).collect();
    let ln = median(&mut values).unwrap_or(0.0);
    let spread = mad_sigma(&mut values).unwrap_or(0.0).max(least);
    Background { ln, spread }
}

/// The level around row `v`, column `u` of the mean log spectrum: the largest of ring, row and column.
#[must_use]
pub fn around(
    spectra: &Spectra,
    ring: &[(isize, isize)],
    v: isize,
    u: isize,
    least: f32,
) -> Background {
    let Background { ln, spread } = of_ring(spectra, ring, v, u, least);
    let both = || SEGMENT.iter().flat_map(|&i| [-i, i]);
    let mut row: Vec<f32> = both().map(|du| spectra.at(v, u + du)).collect();
    let mut column: Vec<f32> = both().map(|dv| spectra.at(v + dv, u)).collect();
    let segments = [median(&mut row), median(&mut column)];
    Background { ln: segments.into_iter().flatten().fold(ln, f32::max), spread }
}

/// Mean power around row `v`, column `u` in one tile: the largest of ring, row and column.
#[must_use]
pub fn in_tile(spectra: &Spectra, ring: &[(isize, isize)], tile: usize, v: isize, u: isize) -> f32 {
    let of_ring: f32 = ring.iter().map(|&(dv, du)| spectra.power(tile, v + dv, u + du)).sum();
    let both = || SEGMENT.iter().flat_map(|&i| [-i, i]);
    let row: f32 = both().map(|du| spectra.power(tile, v, u + du)).sum();
    let column: f32 = both().map(|dv| spectra.power(tile, v + dv, u)).sum();
    let segment = row.max(column) / (2 * SEGMENT.len()) as f32;
    segment.max(of_ring / ring.len() as f32)
}
