// SPDX-License-Identifier: MIT OR Apache-2.0
//! What every cue reads: power spectra of the residual of tiles that are spread over the picture.
//!
//! # What it tests
//! Nothing by itself. It keeps the mean log power spectrum, and for each bin in how many tiles it
//! stands out of its surroundings.
//!
//! # Why it works
//! The residual (a pixel minus its 5x5 binomial mean, clipped so that edges do not outweigh fine
//! periodic traces) takes the picture's 1/f content away. Where a spectrum is locally smooth, its
//! bins are independent exponential variables of nearly one mean, and the ratio of a bin to the mean
//! of `m` others exceeds `t` with probability `(1 + t / m)^-m`, exactly. So each tile votes for the
//! bins that exceed the `t` of some probability `p`, and the number of votes is binomial under the
//! null. One place with strong periodic content gives one vote, however strong it is.
//!
//! # When it does not apply
//! Below 128 px on a side. Straight edges along the axes raise whole rows and columns of the
//! spectrum: a bin must therefore also stand out of the segments of its row and of its column. This
//! second condition only takes votes away, so the null's probabilities stay upper bounds.
//!
//! # Constants and their source
//! Beside each constant; those without a paper were fixed before any measurement.
//!
//! # References
//! Desolneux, Moisan, Morel, "From Gestalt Theory to Image Analysis", 2008 (a-contrario votes);
//! Welch, "The use of fast Fourier transform for the estimation of power spectra", 1967.

use assay_plugin_api::prelude::*;
use assay_signal::color::samples_from_u8;
use assay_signal::residual::binomial_5;
use assay_signal::spectrum::{spread_tiles, PowerSpectrum};
use assay_signal::Samples;

/// Side of a tile, px: a period of 64 px still has two bins.
pub const TILE_PX: usize = 128;
/// Least distance of tiles, px: at a quarter of overlap Hann-windowed tiles are independent
/// [Welch 1967, §4].
const STEP_PX: usize = 96;
/// Most tiles looked at: 0.6 MP, the share of a large picture that fits the time budget.
const MOST_TILES: usize = 36;
/// Residuals are clipped to this many 8-bit levels.
const MOST_RESIDUAL: f32 = 20.0;
/// Added to powers before the logarithm: rounding to 8 bits (variance 1/12) under the window's
/// energy, (3/8)^2 of the pixels.
const POWER_FLOOR: f32 = (TILE_PX * TILE_PX) as f32 * 0.1406 / 12.0;
/// Probabilities at which tiles vote.
pub const VOTE_PROBABILITIES: [f64; 3] = [1.0 / 4.0, 1.0 / 16.0, 1.0 / 64.0];
/// Correlated bins that count as one under a Hann window along both axes: the squared equivalent
/// noise bandwidth [Harris 1978, table 1: 1.5 bins].
const BINS_AS_ONE: f32 = 2.25;
/// Bins on either side that the surroundings reach.
const REACH: usize = 3;
/// Bins of a row or column segment: offsets 2..=5 on both sides.
const SEGMENT: std::ops::RangeInclusive<usize> = 2..=5;
/// Padding around the half spectrum, bins: the reach of a segment.
const PADDING: usize = 5;

/// Columns of the half spectrum.
pub const COLUMNS: usize = TILE_PX / 2 + 1;
/// Rows of the spectrum.
pub const ROWS: usize = TILE_PX;

/// The spectra of a picture.
#[derive(Clone, Debug)]
pub struct Spectra {
    /// Mean over tiles of `ln power`, shape `(ROWS, COLUMNS)`.
    pub log_power: Samples,
    /// For each bin in row-major order, tiles that vote at each of [`VOTE_PROBABILITIES`].
    pub votes: Vec<[u16; VOTE_PROBABILITIES.len()]>,
    /// Tiles looked at that are not flat.
    pub tiles: usize,
}

impl Spectra {
    /// Mean log power at row `v`, column `u`; any indices, continued by the spectrum's symmetries.
    #[must_use]
    pub fn at(&self, v: isize, u: isize) -> f32 {
        let (rows, period) = (ROWS as isize, TILE_PX as isize);
        let u = u.rem_euclid(period);
        let (v, u) = if u >= COLUMNS as isize { (-v, period - u) } else { (v, u) };
        self.log_power[[v.rem_euclid(rows) as usize, u as usize]]
    }
}

/// A picture's tiles, transformed one after the other with buffers that are reused.
#[derive(Clone, Debug)]
pub struct Analyser {
    plan: PowerSpectrum,
    padded: Padded,
}

impl Default for Analyser {
    fn default() -> Self {
        Self { plan: PowerSpectrum::windowed(TILE_PX, TILE_PX), padded: Padded::default() }
    }
}

impl Analyser {
    /// Transforms a picture.
    ///
    /// # Errors
    /// `NotApplicable` when a side is below 128 px or every tile is digitally flat; `Cancelled`.
    pub fn measure(&mut self, evidence: &Evidence<'_>) -> Result<Spectra, NoScore> {
        let luma = evidence.luma()?;
        let shorter = luma.width().min(luma.height());
        if shorter < TILE_PX {
            return Err(NoScore::not_applicable(format!(
                "The picture is {shorter} px on its shorter side; the frequency test needs \
                 {TILE_PX} px."
            )));
        }
        let mut spectra = Spectra {
            log_power: Samples::zeros((ROWS, COLUMNS)),
            votes: vec![[0; VOTE_PROBABILITIES.len()]; ROWS * COLUMNS],
            tiles: 0,
        };
        for (x, y) in spread_tiles(luma.width(), luma.height(), TILE_PX, STEP_PX, MOST_TILES) {
            evidence.check_cancelled()?;
            let from = &luma.samples()[y * luma.row_stride() + x..];
            let tile = samples_from_u8(from, TILE_PX, TILE_PX, luma.row_stride());
            self.add(&tile, &mut spectra);
        }
        if spectra.tiles == 0 {
            return Err(NoScore::not_applicable("The picture is flat: it has no spectrum."));
        }
        spectra.log_power /= spectra.tiles as f32;
        Ok(spectra)
    }

    /// Adds one tile, unless it is flat.
    fn add(&mut self, tile: &Samples, spectra: &mut Spectra) {
        let mut residual = binomial_5(tile);
        residual.mapv_inplace(|r| r.clamp(-MOST_RESIDUAL, MOST_RESIDUAL));
        let energy: f32 = residual.iter().map(|r| r * r).sum();
        if energy < 1.0 {
            return;
        }
        let (plan, padded, log_power) = (&mut self.plan, &mut self.padded, &mut spectra.log_power);
        plan.for_each_bin(residual.view(), |v, u, power| {
            let power = power + POWER_FLOOR;
            padded.set(v, u, power);
            log_power[[v, u]] += power.ln();
        });
        padded.wrap();
        padded.vote(&mut spectra.votes);
        spectra.tiles += 1;
    }
}

/// A half spectrum with a margin that continues it by its symmetries.
#[derive(Clone, Debug)]
struct Padded {
    values: Vec<f32>,
    /// Least ratio to the mean around for a vote.
    around_thresholds: [f32; VOTE_PROBABILITIES.len()],
    /// Least ratio to the mean of a segment.
    segment_thresholds: [f32; VOTE_PROBABILITIES.len()],
}

const PADDED_COLUMNS: usize = COLUMNS + 2 * PADDING;
const PADDED_ROWS: usize = ROWS + 2 * PADDING;

impl Default for Padded {
    fn default() -> Self {
        let around = (2 * REACH + 1).pow(2) - 9;
        let m = around as f32 / BINS_AS_ONE;
        Self {
            values: vec![0.0; PADDED_COLUMNS * PADDED_ROWS],
            around_thresholds: VOTE_PROBABILITIES.map(|p| m * ((p as f32).powf(-1.0 / m) - 1.0)),
            segment_thresholds: VOTE_PROBABILITIES.map(|p| -(p as f32).ln()),
        }
    }
}

impl Padded {
    fn set(&mut self, v: usize, u: usize, power: f32) {
        self.values[(v + PADDING) * PADDED_COLUMNS + u + PADDING] = power;
    }

    /// Fills the margin: `P(-v, -u) = P(v, u)`, and rows repeat after `ROWS`.
    fn wrap(&mut self) {
        for v in 0..ROWS {
            let (row, mirrored) = (v + PADDING, (ROWS - v) % ROWS + PADDING);
            for i in 1..=PADDING {
                let (left, right) = (PADDING - i, PADDING + COLUMNS - 1 + i);
                self.values[row * PADDED_COLUMNS + left] =
                    self.values[mirrored * PADDED_COLUMNS + PADDING + i];
                self.values[row * PADDED_COLUMNS + right] =
                    self.values[mirrored * PADDED_COLUMNS + PADDING + COLUMNS - 1 - i];
            }
        }
        for i in 0..PADDING {
            let row = |v: usize| v * PADDED_COLUMNS..(v + 1) * PADDED_COLUMNS;
            self.values.copy_within(row(ROWS + i), row(i).start);
            self.values.copy_within(row(PADDING + i), row(PADDING + ROWS + i).start);
        }
    }

    fn row(&self, v: usize) -> &[f32] {
        &self.values[v * PADDED_COLUMNS..][..PADDED_COLUMNS]
    }

    fn vote(&self, votes: &mut [[u16; VOTE_PROBABILITIES.len()]]) {
        let around_bins = ((2 * REACH + 1).pow(2) - 9) as f32;
        let segment_bins = (2 * SEGMENT.count()) as f32;
        let (mut wide, mut narrow) = ([0.0_f32; PADDED_COLUMNS], [0.0_f32; PADDED_COLUMNS]);
        let mut column = [0.0_f32; PADDED_COLUMNS];
        for (v, votes) in votes.chunks_exact_mut(COLUMNS).enumerate() {
            let centre = v + PADDING;
            sum_rows(&mut wide, (centre - REACH..=centre + REACH).map(|row| self.row(row)));
            sum_rows(&mut narrow, (centre - 1..=centre + 1).map(|row| self.row(row)));
            let offsets = SEGMENT.flat_map(|i| [centre - i, centre + i]);
            sum_rows(&mut column, offsets.map(|row| self.row(row)));
            let row = self.row(centre);
            for (u, votes) in votes.iter_mut().enumerate() {
                let at = u + PADDING;
                let whole: f32 = wide[at - REACH..=at + REACH].iter().sum();
                let inner: f32 = narrow[at - 1..=at + 1].iter().sum();
                let beside: f32 =
                    row[at - PADDING..at - 1].iter().chain(&row[at + 2..=at + PADDING]).sum();
                let around = (whole - inner) / around_bins;
                let segment = beside.max(column[at]) / segment_bins;
                for (i, vote) in votes.iter_mut().enumerate() {
                    let least = (around * self.around_thresholds[i])
                        .max(segment * self.segment_thresholds[i]);
                    *vote += u16::from(row[at] > least);
                }
            }
        }
    }
}

fn sum_rows<'a>(sums: &mut [f32; PADDED_COLUMNS], rows: impl Iterator<Item = &'a [f32]>) {
    sums.fill(0.0);
    for row in rows {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
}
