// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lattices of up-samplers: patterns that repeat every 2, 4, … 64 px in step over the whole picture.
//!
//! # What it tests
//! At each frequency of the lattices, whether the tiles' amplitudes point the same way; then, for each
//! lattice and direction, its own frequencies together, the strongest left out. A pattern that is better in
//! step at a frequency beside the lattice's is no lattice's ([`drifts`]).
//!
//! # Why it works
//! Up-sampling by `P` repeats the spectrum around multiples of `1 / P`; what the following
//! convolutions leave of it is a fixed pattern of period `P`, in step from one end of the picture to
//! the other. With phases counted from the picture's corner, the amplitudes of `n` tiles of it add up,
//! while those of content have phases of their own: their sum, squared and over its expectation, is
//! exponential. A textile or a screen is in step over a few tiles at most, and at a frequency of its
//! own. A codec's blocks leave steps whose sign follows the local gradient, so they cancel; what is
//! left of them is what [`crate::codec_grid`] expects. A tile counts with an amplitude of at most
//! [`MOST_AMPLITUDE`], so that no single place decides.
//!
//! `NFA = tests * P`, with each frequency, lattice and direction one test. Of the lattices of 32 and 64
//! px, whose frequencies are close, only several together are one.
//!
//! # When it does not apply
//! Rescaled and strongly compressed pictures. Below four tiles little can be significant.
//!
//! # Constants and their source
//! [`PERIODS_PX`]: powers of two, the factors of common up-samplers; a lattice needs four bins a step.
//! [`DENSE_UP_TO_PX`]: finer lattices are looked at along axes and diagonals only, where up-samplers
//! leave most. [`SHORTEST_RADIUS`]: below it pictures are not smooth. Those were fixed before any
//! measurement. [`MOST_LOG10_NFA`]: one false alarm in 100 pictures, kept after a look at the pictures of the
//! model card; [`MOST_AMPLITUDE`] lets four tiles reach it.
//!
//! # References
//! Zhang, Karaman, Chang, "Detecting and simulating artifacts in GAN fake images", WIFS 2019; Mardia,
//! Jupp, "Directional Statistics", 2000, ch. 6 (test of Rayleigh); Fisher, "Statistical Methods for
//! Research Workers", 1932, §21.1 (joint tests); Desolneux, Moisan, Morel 2008, ch. 3 (NFA).

use assay_signal::stats::nfa::log10_gamma_tail;

use crate::background::{self, ring_bins};
use crate::spectra::{Amplitude, Spectra};

/// Periods of the lattices, px.
pub const PERIODS_PX: [usize; 6] = [2, 4, 8, 16, 32, 64];
/// Longest period by which a single peak is named, px: of the lattices above, one bin in sixteen or more
/// is a part, so that being on them says nothing without being in step.
pub const LONGEST_NAMED_PX: usize = 16;
/// Lattices up to this period are looked at in all directions.
const DENSE_UP_TO_PX: usize = 16;
/// Bins that a lattice's step needs.
const LEAST_STEP: usize = 4;
/// Lowest frequency tested, cycles per px.
pub const SHORTEST_RADIUS: f64 = 1.0 / 17.0;
/// log10 of the number of false alarms below which a pattern is one.
const MOST_LOG10_NFA: f64 = -2.0;
/// Frequencies looked at to each side of a lattice's, up to half a bin.
const DRIFT_STEPS: i32 = 8;
/// By how much another frequency may be better in step: half a chi-square of two degrees of freedom, beyond
/// which lies one wave in 3,000.
const MOST_DRIFT: f64 = 8.0;
/// Most that one tile's amplitude counts, in roots of the power around it.
const MOST_AMPLITUDE: f64 = 3.0;

/// Along which way a pattern repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Along x.
    Horizontal,
    /// Along y.
    Vertical,
    /// At 45 degrees.
    Diagonal,
    /// Any other.
    Oblique,
}

impl Direction {
    /// The direction of a frequency, rounded to `bins` a cycle per px.
    #[must_use]
    pub fn of(x: f64, y: f64) -> Self {
        let (x, y) = (x.abs(), y.abs());
        let near = |a: f64, b: f64| (a - b).abs() < 0.06 * x.hypot(y);
        match () {
            () if near(y, 0.0) => Self::Horizontal,
            () if near(x, 0.0) => Self::Vertical,
            () if near(x, y) => Self::Diagonal,
            () => Self::Oblique,
        }
    }

    /// The word for a sentence.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Horizontal => "horizontally",
            Self::Vertical => "vertically",
            Self::Diagonal => "diagonally",
            Self::Oblique => "at an angle",
        }
    }
}

/// One frequency of a lattice, in bins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Along y, negative for frequencies that fall.
    pub v: isize,
    /// Along x, `0..=side / 2`.
    pub u: usize,
    /// The coarsest lattice that it is on, px.
    pub period_px: usize,
}

impl Point {
    /// Cycles per px along x and y.
    #[must_use]
    pub fn frequency(&self, side: usize) -> [f64; 2] {
        [self.u as f64 / side as f64, self.v as f64 / side as f64]
    }

    /// Along which way it repeats.
    #[must_use]
    pub fn direction(&self) -> Direction {
        Direction::of(self.u as f64, self.v as f64)
    }
}

/// The frequencies that are looked at with tiles of `side` px, each once.
#[must_use]
pub fn points(side: usize) -> Vec<Point> {
    let half = (side / 2) as isize;
    let mut points = Vec::new();
    for u in 0..=half {
        for v in 1 - half..=half {
            // A column that is its own mirror image holds each frequency twice.
            let is_twice = (u == 0 || u == half) && v < 0;
            if is_twice || (u as f64).hypot(v as f64) < SHORTEST_RADIUS * side as f64 {
                continue;
            }
            let on = |&period: &usize| {
                let step = (side / period) as isize;
                side / period >= LEAST_STEP && u % step == 0 && v % step == 0
            };
            let Some(period_px) = PERIODS_PX.into_iter().find(on) else { continue };
            let point = Point { v, u: u as usize, period_px };
            let on_line = u == 0 || v == 0 || u == v.abs();
            if on_line || period_px <= DENSE_UP_TO_PX {
                points.push(point);
            }
        }
    }
    points
}

/// A tile's amplitude with its phase counted from the picture's corner instead of the tile's.
#[must_use]
pub fn moved([re, im]: Amplitude, point: &Point, (x, y): (usize, usize), side: usize) -> Amplitude {
    // In whole turns first, so that no accuracy is lost far from the corner.
    let turns = (point.u * x) as isize + point.v * y as isize;
    let turn = turns.rem_euclid(side as isize) as f64 / side as f64;
    let (sin, cos) = (-std::f64::consts::TAU * turn).sin_cos();
    let (sin, cos) = (sin as f32, cos as f32);
    [re * cos - im * sin, re * sin + im * cos]
}

/// How well a frequency is in step over the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InStep {
    /// The frequency.
    pub point: Point,
    /// `log10 P` of its tiles being as much in step without a pattern.
    pub log10_tail: f64,
    /// Mean squared amplitude over the power around, over tiles.
    pub ratio: f64,
}

/// A pattern in step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pattern {
    /// Its strongest frequency.
    pub point: Point,
    /// log10 of the number of false alarms of the frequency, or of its lattice's in its direction.
    pub log10_nfa: f64,
}

/// Measures every frequency. `expected` is what the codec's grid is expected to add to the power at
/// each point, over the power around it.
#[must_use]
pub fn measure(spectra: &Spectra, expected: &[f64]) -> Vec<InStep> {
    let ring = background::ring();
    let bins = ring_bins();
    let tiles = spectra.tiles() as f64;
    let [inflation, _] = spectra.inflation();
    let of_point = |(i, point): (usize, &Point)| {
        let allowance = 1.0 + expected.get(i).copied().unwrap_or(0.0);
        let (mut sum, mut power) = ([0.0_f64; 2], 0.0);
        for (tile, amplitudes) in spectra.amplitudes.iter().enumerate() {
            let around = background::in_tile(spectra, &ring, tile, point.v, point.u as isize);
            let [re, im] = amplitudes.get(i).copied().unwrap_or_default().map(f64::from);
            let unit = (f64::from(around) * allowance).sqrt();
            let length = re.hypot(im) / unit;
            let held = length.min(MOST_AMPLITUDE) / length.max(f64::MIN_POSITIVE) / unit;
            sum = [sum[0] + re * held, sum[1] + im * held];
            power += length * length;
        }
        let in_step = (sum[0] * sum[0] + sum[1] * sum[1]) / (tiles * inflation);
        // The ratio of an exponential to the mean of others.
        let log10_tail = -bins * (in_step / bins).ln_1p() / std::f64::consts::LN_10;
        InStep { point: *point, log10_tail, ratio: power / tiles }
    };
    spectra.points.iter().enumerate().map(of_point).collect()
}

/// Whether the tiles' phases drift over the picture: another frequency, up to half a bin away, explains the
/// tiles better than the lattice's own, by more than chance. Waves of content that come near a lattice do.
#[must_use]
pub fn drifts(spectra: &Spectra, point: &Point) -> bool {
    let Some(i) = spectra.points.iter().position(|of| of == point) else { return false };
    let ring = background::ring();
    let scaled: Vec<Amplitude> = spectra
        .amplitudes
        .iter()
        .enumerate()
        .map(|(tile, amplitudes)| {
            let around = background::in_tile(spectra, &ring, tile, point.v, point.u as isize);
            amplitudes.get(i).copied().unwrap_or_default().map(|part| part / around.sqrt())
        })
        .collect();
    let in_step = |x: f64, y: f64| {
        let tiles = scaled.iter().zip(&spectra.corners);
        let sum = tiles.fold([0.0_f64; 2], |sum, (amplitude, corner)| {
            let turn = std::f64::consts::TAU * (x * corner.0 as f64 + y * corner.1 as f64);
            let (sin, cos) = turn.sin_cos();
            let [re, im] = amplitude.map(f64::from);
            [sum[0] + re * cos + im * sin, sum[1] + im * cos - re * sin]
        });
        (sum[0] * sum[0] + sum[1] * sum[1]) / scaled.len() as f64
    };
    let steps = || -DRIFT_STEPS..=DRIFT_STEPS;
    let beside = |step: i32| f64::from(step) / f64::from(2 * DRIFT_STEPS) / spectra.side as f64;
    let best = steps()
        .flat_map(|y| steps().map(move |x| (x, y)))
        .map(|(x, y)| in_step(beside(x), beside(y)))
        .fold(0.0, f64::max);
    best - in_step(0.0, 0.0) > MOST_DRIFT
}

/// Returns the patterns below [`MOST_LOG10_NFA`], most significant first.
#[must_use]
pub fn find(found: &[InStep]) -> Vec<Pattern> {
    let directions = [Direction::Horizontal, Direction::Vertical, Direction::Diagonal];
    let families = PERIODS_PX.iter().flat_map(|&period| directions.map(|way| (period, way)));
    let families: Vec<_> = families.collect();
    let tests = ((found.len() + families.len()) as f64).log10();
    let mut patterns: Vec<Pattern> = found
        .iter()
        .filter(|of| of.point.period_px <= DENSE_UP_TO_PX)
        .map(|of| Pattern { point: of.point, log10_nfa: tests + of.log10_tail })
        .filter(|pattern| pattern.log10_nfa < MOST_LOG10_NFA)
        .collect();
    for (period, way) in families {
        let members = || {
            found.iter().filter(|of| of.point.period_px == period && of.point.direction() == way)
        };
        let Some(strongest) = members().min_by(|a, b| a.log10_tail.total_cmp(&b.log10_tail)) else {
            continue;
        };
        let others = members().count() - 1;
        let all: f64 = members().map(|of| of.log10_tail).sum();
        let sum = (strongest.log10_tail - all) * std::f64::consts::LN_10;
        let log10_nfa = tests + log10_gamma_tail(others as f64, sum);
        if others == 0 || log10_nfa >= MOST_LOG10_NFA {
            continue;
        }
        match patterns.iter_mut().find(|pattern| pattern.point == strongest.point) {
            Some(pattern) => pattern.log10_nfa = pattern.log10_nfa.min(log10_nfa),
            None => patterns.push(Pattern { point: strongest.point, log10_nfa }),
        }
    }
    patterns.sort_by(|a, b| a.log10_nfa.total_cmp(&b.log10_nfa));
    patterns
}
