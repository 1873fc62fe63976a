// SPDX-License-Identifier: MIT OR Apache-2.0
//! Peaks of the averaged spectrum at any frequency, with their number of false alarms.
//!
//! # What it tests
//! Whether some frequency stands out of the natural spectrum around it ([`crate::background`]), on the
//! average and in more tiles than chance allows.
//!
//! # Why it works
//! Each test has a null of its own: the mean of logarithms over tiles follows a gamma law of the
//! surroundings' spread, and the number of tiles that vote for a bin is binomial, because the ratio of
//! a bin to the mean of `m` others exceeds `t` with probability `(1 + t / m)^-m`. A peak has the larger
//! of both NFAs, `tests` being the bins (times the probabilities at which tiles vote).
//!
//! # When it does not apply
//! A peak says "periodic", not "generated": screens, weaves, prints and resized pictures have them too.
//! What becomes of a peak is said by [`crate::judgement`].
//!
//! # Constants and their source
//! [`FIRST_DEVIATIONS`]: a first look that no peak with an NFA below 1 misses (of 33,000 bins, the tail
//! at 3 deviations has 45 by chance). [`MOST_LOG10_NFA`]: one false peak in 100 pictures.
//!
//! # References
//! Smith, Serra, "PARSHL", ICMC 1987 (interpolated peaks); Desolneux, Moisan, Morel, "From Gestalt
//! Theory to Image Analysis", 2008, ch. 3 (NFA, votes).

use assay_signal::spectrum::frequency;
use assay_signal::stats::nfa::log10_binomial_tail;

use crate::background::{self, ring_bins, Background};
use crate::codec_grid::response;
use crate::lattice::{Direction, LONGEST_NAMED_PX, PERIODS_PX, SHORTEST_RADIUS};
use crate::spectra::Spectra;

/// Deviations from the background of a first look.
const FIRST_DEVIATIONS: f32 = 3.0;
/// log10 of the number of false alarms of the average below which a bin is a peak.
const MOST_LOG10_NFA: f64 = -2.0;
/// Bins between the places where the background of the first look is taken.
pub const COARSE_STEP: usize = 4;
/// Probabilities at which tiles vote.
pub const VOTE_PROBABILITIES: [f64; 3] = [1.0 / 4.0, 1.0 / 16.0, 1.0 / 64.0];
/// Bins around a lattice's frequencies that belong to it: the error of the interpolated frequency.
const LATTICE_REACH: f64 = 0.25;
/// Bins around a block grid's frequencies that belong to them: the main lobe of the Hann window.
const GRID_REACH: f64 = 1.6;
/// Most peaks kept.
pub const MOST_PEAKS: usize = 64;

/// One peak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// Cycles per px along x, `0..=0.5`.
    pub frequency_x: f64,
    /// Cycles per px along y, `-0.5..=0.5`.
    pub frequency_y: f64,
    /// log10 of the number of false alarms on the average over tiles.
    pub log10_nfa_mean: f64,
    /// log10 of the number of false alarms of the tiles' votes.
    pub log10_nfa_votes: f64,
    /// Share of tiles that vote at 1/4.
    pub share: f64,
    /// Amplitude in the luma, 8-bit levels, in the mean over tiles of its logarithm.
    pub amplitude: f64,
    /// Side of the tiles, px.
    pub side: usize,
}

impl Peak {
    /// log10 of the number of false alarms: the larger of both.
    #[must_use]
    pub fn log10_nfa(&self) -> f64 {
        self.log10_nfa_mean.max(self.log10_nfa_votes)
    }

    /// The shortest period of whose lattice the peak is part, px; `None` off all of them.
    #[must_use]
    pub fn lattice_px(&self) -> Option<usize> {
        let named = PERIODS_PX.into_iter().filter(|&period| period <= LONGEST_NAMED_PX);
        named.into_iter().find(|&period| self.bins_off(period as f64) <= LATTICE_REACH)
    }

    /// Whether the peak is on the lattice of the longest period looked for.
    #[must_use]
    pub fn on_finest_lattice(&self) -> bool {
        PERIODS_PX.last().is_some_and(|&period| self.bins_off(period as f64) <= LATTICE_REACH)
    }

    /// Wavelength, px.
    #[must_use]
    pub fn wavelength_px(&self) -> f64 {
        1.0 / self.frequency_x.hypot(self.frequency_y).max(f64::MIN_POSITIVE)
    }

    /// The period of the lattice that the peak is part of, else its wavelength, px.
    #[must_use]
    pub fn period_px(&self) -> f64 {
        self.lattice_px().map_or_else(|| self.wavelength_px(), |period| period as f64)
    }

    /// Along which way it repeats.
    #[must_use]
    pub fn direction(&self) -> Direction {
        Direction::of(self.frequency_x, self.frequency_y)
    }

    /// Whether the peak lies where a codec with blocks of `block_px` has its own.
    #[must_use]
    pub fn on_block_grid(&self, block_px: u32) -> bool {
        self.bins_off(f64::from(block_px)) <= GRID_REACH
    }

    /// Bins from the nearest multiple of `1 / period`, along the axis where they are more.
    fn bins_off(&self, period: f64) -> f64 {
        let off = |f: f64| ((f * period) - (f * period).round()).abs() / period * self.side as f64;
        off(self.frequency_x).max(off(self.frequency_y))
    }
}

/// The background of the whole spectrum, taken at every fourth bin.
#[derive(Clone, Debug)]
pub struct Coarse {
    columns: usize,
    cells: Vec<Background>,
}

impl Coarse {
    /// Takes the background.
    #[must_use]
    pub fn of(spectra: &Spectra) -> Self {
        let ring = background::ring();
        let [_, inflation] = spectra.inflation();
        let least = background::least_spread(spectra.tiles(), inflation);
        let columns = spectra.columns().div_ceil(COARSE_STEP);
        let places = (0..spectra.side).step_by(COARSE_STEP).flat_map(|v| {
            (0..columns).map(move |column| (v as isize, (column * COARSE_STEP) as isize))
        });
        let cells = places.map(|(v, u)| background::of_ring(spectra, &ring, v, u, least)).collect();
        Self { columns, cells }
    }

    /// The background nearest to row `v`, column `u` of the half spectrum.
    #[must_use]
    pub fn at(&self, v: usize, u: usize) -> Background {
        let rows = self.cells.len() / self.columns.max(1);
        let row = (v + COARSE_STEP / 2) / COARSE_STEP % rows.max(1);
        let column = ((u + COARSE_STEP / 2) / COARSE_STEP).min(self.columns.saturating_sub(1));
        self.cells
            .get(row * self.columns + column)
            .copied()
            .unwrap_or(Background { ln: 0.0, spread: 1.0 })
    }
}

/// Returns the peaks whose mean over tiles is below [`MOST_LOG10_NFA`], most significant first, one for each
/// group of adjacent bins, at most [`MOST_PEAKS`].
#[must_use]
pub fn find(spectra: &Spectra, coarse: &Coarse) -> Vec<Peak> {
    let (side, columns) = (spectra.side, spectra.columns());
    let ring = background::ring();
    let [_, inflation] = spectra.inflation();
    let least = background::least_spread(spectra.tiles(), inflation);
    let tests = ((side * columns) as f64).log10();
    let mut found: Vec<(usize, usize, f64)> = Vec::new();
    for ((v, u), &ln) in spectra.log_power.indexed_iter() {
        let is_twice = (u == 0 || u + 1 == columns) && v > side / 2;
        let [x, y] = [u, v].map(|bin| f64::from(frequency(bin, side)));
        if is_twice
            || x.hypot(y) < SHORTEST_RADIUS
            || coarse.at(v, u).deviations(ln) < FIRST_DEVIATIONS
        {
            continue;
        }
        let exact = background::around(spectra, &ring, v as isize, u as isize, least);
        let log10_nfa = tests + exact.log10_tail(ln);
        if log10_nfa < MOST_LOG10_NFA {
            found.push((v, u, log10_nfa));
        }
    }
    let height = |v: usize, u: usize| spectra.log_power[[v, u]];
    found.sort_by(|a, b| a.2.total_cmp(&b.2).then(height(b.0, b.1).total_cmp(&height(a.0, a.1))));
    let mut kept: Vec<(usize, usize, f64)> = Vec::new();
    for (v, u, log10_nfa) in found {
        if kept.iter().all(|&(w, t, _)| !adjacent((v, u), (w, t), side)) {
            kept.push((v, u, log10_nfa));
        }
        if kept.len() == MOST_PEAKS {
            break;
        }
    }
    kept.into_iter().map(|(v, u, log10_nfa)| at_bin(spectra, &ring, (v, u), log10_nfa)).collect()
}

/// Whether two bins are at most two apart, the plane's symmetry `P(-v, -u) = P(v, u)` included.
fn adjacent((v, u): (usize, usize), (w, t): (usize, usize), side: usize) -> bool {
    let apart = |a: usize, b: usize| a.abs_diff(b).min(side - a.abs_diff(b));
    let mirrored = ((side - w) % side, (side - t) % side);
    [(w, t), mirrored].iter().any(|&(w, t)| apart(v, w) <= 2 && apart(u, t) <= 2)
}

/// The peak at row `v`, column `u` whose mean over tiles has the log10 NFA `mean`: its votes, and its
/// frequency between bins.
#[must_use]
pub fn at_bin(
    spectra: &Spectra,
    ring: &[(isize, isize)],
    (v, u): (usize, usize),
    mean: f64,
) -> Peak {
    let side = spectra.side;
    let (row, column) = (v as isize, u as isize);
    let m = ring_bins();
    let tail = |tile: usize| {
        let around = f64::from(background::in_tile(spectra, ring, tile, row, column));
        let power = f64::from(spectra.power(tile, row, column));
        (1.0 + power / around.max(f64::MIN_POSITIVE) / m).powf(-m)
    };
    let tails: Vec<f64> = (0..spectra.tiles()).map(tail).collect();
    let votes = VOTE_PROBABILITIES.map(|p| tails.iter().filter(|&&tail| tail <= p).count() as u64);
    let tests = ((side * spectra.columns() * votes.len()) as f64).log10();
    let n = spectra.tiles() as u64;
    let of_votes = votes.iter().zip(VOTE_PROBABILITIES).map(|(&k, p)| log10_binomial_tail(n, k, p));
    let [frequency_x, frequency_y] = interpolated(spectra, v, u);
    // A wave of amplitude A has the squared amplitude (A side^2 / 8)^2 under Hann windows.
    let amplitude = f64::from(spectra.at(row, column) / 2.0).exp() * 8.0
        / (side * side) as f64
        / response(frequency_x, frequency_y).max(f64::MIN_POSITIVE);
    Peak {
        frequency_x,
        frequency_y,
        log10_nfa_mean: mean,
        log10_nfa_votes: tests + of_votes.fold(0.0, f64::min),
        share: votes[0] as f64 / n.max(1) as f64,
        amplitude,
        side,
    }
}

/// The frequency between bins, by a parabola through the mean log power
/// [Smith, Serra 1987: exact for a Gaussian lobe, a few hundredths of a bin for Hann].
fn interpolated(spectra: &Spectra, v: usize, u: usize) -> [f64; 2] {
    let side = spectra.side;
    let at = |dv: isize, du: isize| f64::from(spectra.at(v as isize + dv, u as isize + du));
    let vertex = |before: f64, centre: f64, after: f64| {
        let curvature = before - 2.0 * centre + after;
        if curvature < -f64::EPSILON {
            (0.5 * (before - after) / curvature).clamp(-0.5, 0.5) / side as f64
        } else {
            0.0
        }
    };
    let [x, y] = [u, v].map(|bin| f64::from(frequency(bin, side)));
    let centre = at(0, 0);
    let x = x + vertex(at(0, -1), centre, at(0, 1));
    let y = y + vertex(at(-1, 0), centre, at(1, 0));
    [x.clamp(0.0, 0.5), y.clamp(-0.5, 0.5)]
}
