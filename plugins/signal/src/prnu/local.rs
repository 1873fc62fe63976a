// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where a picture lacks the fingerprint of the camera that took the rest of it.
//!
//! # What it tests
//! For windows all over a picture that carries a known fingerprint: is it there as strongly as in the
//! picture's other windows?
//!
//! # Why it works
//! In a window the sum `Y K` of the weighted residual and the fingerprint is `b I^2 K^2` where the
//! pattern is and 0 where something else was put, with standard deviation `sqrt(K^2 Y^2)`. In units
//! of that deviation a window's correlation `z` is near its expectation `e` or near 0. The factor
//! `b` is the median of the picture's own windows of like texture, because a denoiser leaves less of
//! the pattern under texture; a window smoother than others has at least their factor. The window
//! is as large as it must be for an expectation of six deviations.
//!
//! # When it does not apply
//! Dark, saturated and strongly textured places do not show the fingerprint anyway: there `e` is
//! small and nothing is said. What is foreign must be less than half of the picture, and at least
//! about as large as a window. A region that was blurred or recompressed on the same grid can look
//! replaced.
//!
//! # Constants and their source
//! Beside each; set before any measurement.
//!
//! # References
//! Chen, Fridrich, Goljan, Lukáš, IEEE TIFS 2008, section V (block-wise correlation against what a
//! predictor expects); Chierchia, Poggi, Sansone, Verdoliva, IEEE TIFS 2014.

use ndarray::Array2;

use super::significance::log10_normal_tail;
use crate::morphology::{connected_components, Component};
use crate::stats::robust::{median, SIGMA_PER_MAD};
use crate::Samples;

/// Side of a cell, px: two JPEG blocks.
pub const CELL_PX: usize = 16;
/// Deviations that a typical window shall have.
const WANTED_DEVIATIONS: f64 = 6.0;
/// Sides of a window, cells: 64 px, as small as the regions of interest; 384 px.
const WINDOW_CELLS: std::ops::RangeInclusive<usize> = 4..=24;
/// Expected deviations from which a window is judged.
const LEAST_EXPECTED: f64 = 4.0;
/// Share of the expected correlation from which the fingerprint counts as there, if weakened.
const PRESENT_SHARE: f64 = 1.0 / 3.0;
/// Classes of texture, each with a factor of its own.
const CLASSES: usize = 4;
/// Expected number of windows of an untouched picture below which a window is reported.
const FALSE_ALARMS: f64 = 0.01;
/// Share of windows that are foreign before anything is seen, for the heat.
const PRIOR: f64 = 0.01;

/// Sums over a cell or a window.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    product: f64,
    pattern: f64,
    residual: f64,
    visible: f64,
    pixels: f64,
}

impl Sums {
    fn plus(self, other: Self, sign: f64) -> Self {
        Self {
            product: self.product + sign * other.product,
            pattern: self.pattern + sign * other.pattern,
            residual: self.residual + sign * other.residual,
            visible: self.visible + sign * other.visible,
            pixels: self.pixels + sign * other.pixels,
        }
    }

    /// The deviation of `product` without the fingerprint; 0 for an empty window.
    fn deviation(&self) -> f64 {
        (self.pattern * self.residual / self.pixels.max(1.0)).max(0.0).sqrt()
    }

    /// The strength of the residual for what of the pattern can be visible.
    fn texture(&self) -> f64 {
        self.residual / self.visible.max(f64::MIN_POSITIVE)
    }
}

/// A window's correlation and what was expected of it, in standard deviations.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    correlation: f64,
    expected: f64,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Presence {
    /// Probability that a cell lacks the fingerprint, `0..=1`, 0 where it could not be seen; shape
    /// `(rows, columns)` of cells of [`CELL_PX`].
    pub heat: Array2<f32>,
    /// Connected cells whose lack is significant, in cells.
    pub lacking: Vec<Component>,
    /// Side of the windows, px.
    pub window_px: usize,
    /// Share of the cells whose fingerprint could be seen.
    pub judged: f64,
}

/// Examines a picture that carries a fingerprint: its weighted and cleaned residual, the fingerprint
/// on its grid, its pixels' weights. `pce` is that of the whole. `None` when shapes differ, the picture
/// is smaller than a few windows, or no window can show the fingerprint.
#[must_use]
pub fn presence(
    residual: &Samples,
    fingerprint: &Samples,
    weights: &Samples,
    pce: f64,
) -> Option<Presence> {
    if residual.dim() != fingerprint.dim() || residual.dim() != weights.dim() || pce <= 0.0 {
        return None;
    }
    let (height, width) = residual.dim();
    let (rows, columns) = (height / CELL_PX, width / CELL_PX);
    let wanted = WANTED_DEVIATIONS * (residual.len() as f64 / pce).sqrt() / CELL_PX as f64;
    let side = (wanted.ceil() as usize).clamp(*WINDOW_CELLS.start(), *WINDOW_CELLS.end());
    if 2 * side > rows.min(columns) {
        return None;
    }
    let cells = Array2::from_shape_fn((rows, columns), |(row, column)| {
        cell(residual, fingerprint, weights, row * CELL_PX, column * CELL_PX)
    });
    let windows = windows(&cells, side);
    let factors = factors(&windows)?;
    let seen = windows.map(|window| {
        let deviation = window.deviation();
        if deviation <= 0.0 {
            return Seen::default();
        }
        let expected = factors.of(window.texture()) * window.visible / deviation;
        Seen { correlation: window.product / deviation, expected }
    });
    let is_judged = |seen: &&Seen| seen.expected >= LEAST_EXPECTED;
    let judged: Vec<Seen> = seen.iter().filter(is_judged).copied().collect();
    let mut distances: Vec<f32> =
        judged.iter().map(|seen| (seen.correlation - seen.expected).abs() as f32).collect();
    let spread = f64::from(median(&mut distances)?) * f64::from(SIGMA_PER_MAD);
    let spread = spread.max(1.0);
    // Windows that overlap are not independent; those side by side are.
    let tries = (judged.len() as f64 / (side * side) as f64).max(1.0);
    let is_lacking = |seen: &Seen| {
        let distance = (seen.expected - seen.correlation) / spread;
        seen.expected >= LEAST_EXPECTED
            && seen.correlation < PRESENT_SHARE * seen.expected
            && tries.log10() + log10_normal_tail(distance.max(0.0).powi(2)) < FALSE_ALARMS.log10()
    };
    let heat = seen.map(|seen| {
        if seen.expected < LEAST_EXPECTED {
            return 0.0;
        }
        let Seen { correlation, expected } = *seen;
        let support = expected * (0.5 * expected - correlation) / (spread * spread);
        let logit = support + (PRIOR / (1.0 - PRIOR)).ln();
        (1.0 / (1.0 + (-logit).exp())) as f32
    });
    Some(Presence {
        lacking: connected_components(&seen.map(is_lacking)).list,
        heat,
        window_px: side * CELL_PX,
        judged: judged.len() as f64 / seen.len() as f64,
    })
}

fn cell(residual: &Samples, fingerprint: &Samples, weights: &Samples, y: usize, x: usize) -> Sums {
    let mut sums = Sums { pixels: (CELL_PX * CELL_PX) as f64, ..Sums::default() };
    let range = ndarray::s![y..y + CELL_PX, x..x + CELL_PX];
    let planes = [residual, fingerprint, weights].map(|plane| plane.slice(range));
    let [residual, fingerprint, weights] = &planes;
    for ((&residual, &pattern), &weight) in residual.iter().zip(fingerprint).zip(weights) {
        let [residual, pattern, weight] = [residual, pattern, weight].map(f64::from);
        let squared = pattern * pattern;
        sums.product += residual * pattern;
        sums.pattern += squared;
        sums.residual += residual * residual;
        sums.visible += weight * weight * squared;
    }
    sums
}

/// The window of `side` x `side` cells around each cell, smaller at the border.
fn windows(cells: &Array2<Sums>, side: usize) -> Array2<Sums> {
    let (rows, columns) = cells.dim();
    let mut totals = Array2::from_elem((rows + 1, columns + 1), Sums::default());
    for ((row, column), &cell) in cells.indexed_iter() {
        let above = totals[[row, column + 1]].plus(totals[[row, column]], -1.0);
        totals[[row + 1, column + 1]] = cell.plus(totals[[row + 1, column]], 1.0).plus(above, 1.0);
    }
    let ends = |at: usize, length: usize| {
        (at.saturating_sub(side / 2), (at + side.div_ceil(2)).min(length))
    };
    Array2::from_shape_fn((rows, columns), |(row, column)| {
        let ((top, bottom), (left, right)) = (ends(row, rows), ends(column, columns));
        let lower = totals[[bottom, right]].plus(totals[[bottom, left]], -1.0);
        lower.plus(totals[[top, right]].plus(totals[[top, left]], -1.0), -1.0)
    })
}

/// How strongly the fingerprint shows, by texture.
struct Factors {
    /// Texture up to which each class goes, and its factor.
    classes: Vec<(f64, f64)>,
}

impl Factors {
    fn of(&self, texture: f64) -> f64 {
        let class = self.classes.iter().find(|(limit, _)| texture <= *limit);
        class.or(self.classes.last()).map_or(0.0, |(_, factor)| *factor)
    }
}

/// The median factor of each class of texture, never above that of a smoother class; `None` without a
/// window that can show anything.
fn factors(windows: &Array2<Sums>) -> Option<Factors> {
    let visible = windows.iter().filter(|window| window.visible > 0.0 && window.residual > 0.0);
    let mut sorted: Vec<&Sums> = visible.collect();
    sorted.sort_by(|a, b| a.texture().total_cmp(&b.texture()));
    if sorted.is_empty() {
        return None;
    }
    let mut classes: Vec<(f64, f64)> = sorted
        .chunks(sorted.len().div_ceil(CLASSES))
        .filter_map(|class| {
            let mut ratios: Vec<f32> =
                class.iter().map(|window| (window.product / window.visible) as f32).collect();
            let factor = f64::from(median(&mut ratios)?).max(0.0);
            class.last().map(|window| (window.texture(), factor))
        })
        .collect();
    let mut most = 0.0_f64;
    for (_, factor) in classes.iter_mut().rev() {
        most = most.max(*factor);
        *factor = most;
    }
    Some(Factors { classes })
}
