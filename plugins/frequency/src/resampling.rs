// SPDX-License-Identifier: MIT OR Apache-2.0
//! By what factor the picture was resized, if that shows.
//!
//! # What it tests
//! Whether the mean size of second differences varies along rows and columns with one period that is
//! neither the codec's nor the sensor's.
//!
//! # Why it works
//! An interpolated sample is a weighted mean of its neighbours, with weights that repeat: where new and
//! old samples meet, it varies most. With a factor `s` the variance of second differences has the
//! frequency `1 / s`, seen folded into `0..=1/2` [Gallagher 2005]. Sums of their sizes along columns
//! and rows show it as a peak of their spectrum, against the level of the frequencies around
//! ([`crate::background`]'s law).
//!
//! # When it does not apply
//! Factors whose frequency is a multiple of 1/8 (2, 4, 4/3, 8/3, 8/5, 8/7) lie on the grid of a JPEG
//! and are not looked for. A frequency has up to three factors; the least enlargement is named first.
//! JPEG below quality 85 or so hides the trace. It says nothing of a generator and is not weighed.
//!
//! # Constants and their source
//! [`MOST_DIFFERENCE`] as the residual's; [`REACH`] bins around a peak's lobe; the others as in
//! [`crate::peaks`]; fixed before any measurement.
//!
//! # References
//! Gallagher, "Detection of linear and cubic interpolation in JPEG compressed images", CRV 2005;
//! Mahdian, Saic, "Blind authentication using periodic properties of interpolation", IEEE TIFS 2008.

use assay_plugin_api::prelude::*;
use assay_signal::spectrum::{hann, PowerSpectrum};
use assay_signal::stats::robust::{mad_sigma, median};
use assay_signal::Samples;

use crate::background::{least_spread, Background};
use crate::spectra::Spectra;

/// Second differences are clipped to this many 8-bit levels.
const MOST_DIFFERENCE: u32 = 20;
/// Bins to each side of a peak, beyond its lobe, that it is compared with.
const REACH: std::ops::RangeInclusive<isize> = 3..=14;
/// Bins around a multiple of 1/8 that belong to it.
const GRID_REACH: f64 = 2.0;
/// Longest period of a lattice whose multiples may be taken for a factor, px.
const LATTICE_PX: f64 = 16.0;
/// Steps of that lattice around its multiples that belong to it: a bin of 256.
const LATTICE_REACH: f64 = 1.0 / 16.0;
/// Lowest frequency looked at, cycles per px: below it lie factors above 6 and below 1.2.
const LOWEST: f64 = 0.16;
/// Least deviations of each axis by itself.
const LEAST_DEVIATIONS: f32 = 2.0;
/// log10 of the largest number of false alarms.
const MOST_LOG10_NFA: f64 = -2.0;

/// What the sizes of second differences tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resampling {
    /// Cycles per px.
    pub frequency: f64,
    /// log10 of the number of false alarms.
    pub log10_nfa: f64,
}

impl Resampling {
    /// Whether an up-sampler's own lattice of 16 px or less may be what is seen.
    #[must_use]
    pub fn may_be_a_lattice(&self) -> bool {
        let steps = self.frequency * LATTICE_PX;
        (steps - steps.round()).abs() <= LATTICE_REACH
    }

    /// The factors that leave this frequency: least enlargement, further enlargement, reduction.
    #[must_use]
    pub fn factors(&self) -> [f64; 3] {
        [1.0 / (1.0 - self.frequency), 1.0 / self.frequency, 1.0 / (1.0 + self.frequency)]
    }
}

/// Looks for a factor.
///
/// # Errors
/// `Cancelled`.
pub fn find(
    evidence: &Evidence<'_>,
    luma: Luma8<'_>,
    spectra: &Spectra,
) -> Result<Option<Resampling>, NoScore> {
    let side = spectra.side;
    let mut plan = PowerSpectrum::rectangular(side, 1);
    let window = hann(side);
    let mut logs = [vec![0.0_f32; side / 2 + 1], vec![0.0_f32; side / 2 + 1]];
    for &corner in &spectra.corners {
        evidence.check_cancelled()?;
        for (signal, log) in difference_sizes(luma, corner, side).iter().zip(&mut logs) {
            let mean = signal.iter().sum::<f32>() / side as f32;
            let scale = 1.0 / mean.max(1.0);
            let values = signal.iter().zip(&window).map(|(s, w)| (s - mean) * scale * w).collect();
            // One row of `side` values: the shape fits by construction.
            let row = Samples::from_shape_vec((1, side), values).unwrap_or_default();
            if row.ncols() == side {
                plan.for_each_bin(row.view(), |_, u, power| {
                    log[u] += (power + f32::EPSILON).ln() / spectra.tiles() as f32;
                });
            }
        }
    }
    Ok(strongest(&logs, side, spectra.tiles()))
}

/// Sums of the sizes of second differences along x for each column, and along y for each row.
fn difference_sizes(luma: Luma8<'_>, (x, y): (usize, usize), side: usize) -> [Vec<f32>; 2] {
    let row = |dy: usize| &luma.row(y + dy)[x..x + side];
    let mut columns = vec![0_u32; side];
    let mut rows = vec![0.0_f32; side];
    let size = |a: u8, b: u8, c: u8| {
        (i32::from(a) + i32::from(c) - 2 * i32::from(b)).unsigned_abs().min(MOST_DIFFERENCE)
    };
    for (dy, total) in rows.iter_mut().enumerate() {
        let here = row(dy);
        for (sum, three) in columns[1..].iter_mut().zip(here.windows(3)) {
            *sum += size(three[0], three[1], three[2]);
        }
        if dy > 0 && dy + 1 < side {
            let beside = row(dy - 1).iter().zip(row(dy + 1));
            let sum: u32 = here.iter().zip(beside).map(|(&b, (&a, &c))| size(a, b, c)).sum();
            *total = sum as f32;
        }
    }
    let mut columns: Vec<f32> = columns.into_iter().map(|sum| sum as f32).collect();
    // The ends have no difference: they repeat their neighbours.
    for signal in [&mut columns, &mut rows] {
        signal[0] = signal[1];
        signal[side - 1] = signal[side - 2];
    }
    [columns, rows]
}

fn strongest(logs: &[Vec<f32>; 2], side: usize, tiles: usize) -> Option<Resampling> {
    let half = (side / 2) as isize;
    let folded = |axis: usize, bin: isize| {
        let bin = bin.abs();
        let bin = if bin > half { 2 * half - bin } else { bin };
        logs[axis].get(bin as usize).copied().unwrap_or(0.0)
    };
    let around = |value: &dyn Fn(isize) -> f32, bin: isize, least: f32| {
        let mut near: Vec<f32> = REACH.flat_map(|i| [bin - i, bin + i]).map(value).collect();
        let ln = median(&mut near).unwrap_or(0.0);
        Background { ln, spread: mad_sigma(&mut near).unwrap_or(0.0).max(least) }
    };
    let both = |bin: isize| 0.5 * (folded(0, bin) + folded(1, bin));
    let tests = (half as f64).log10();
    let mut best: Option<Resampling> = None;
    for bin in (LOWEST * side as f64).ceil() as isize..half {
        let off = (bin as f64 * 8.0 / side as f64 - (bin as f64 * 8.0 / side as f64).round()).abs();
        if off * side as f64 / 8.0 <= GRID_REACH {
            continue;
        }
        let stands_out = |axis: usize| {
            let value = |bin: isize| folded(axis, bin);
            let background = around(&value, bin, least_spread(tiles, 1.0));
            background.deviations(value(bin)) >= LEAST_DEVIATIONS
        };
        let background = around(&both, bin, least_spread(2 * tiles, 1.0));
        let log10_nfa = tests + background.log10_tail(both(bin));
        let is_better = best.is_none_or(|best| log10_nfa < best.log10_nfa);
        if log10_nfa < MOST_LOG10_NFA && is_better && stands_out(0) && stands_out(1) {
            best = Some(Resampling { frequency: bin as f64 / side as f64, log10_nfa });
        }
    }
    best
}
