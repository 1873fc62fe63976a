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
//! `b` is the median of the picture's own windows of like texture and brightness: a denoiser leaves
//! less of the pattern under texture, compression less of it where all is smooth, a tone curve less of
//! it where all is dark. Windows also differ by a share of `e`, which is measured on the picture. A
//! window is as large as it must be for a typical expectation of six deviations; a part is reported
//! when it is wide enough to be more than the edge of a window.
//!
//! # When it does not apply
//! Where the picture's windows of like kind hardly show the fingerprint, and where the residual is
//! much weaker than elsewhere, because compression has taken it and the pattern with it, nothing is
//! said. What is foreign must be less than half of its kind, and at least about as large as a window.
//! A region that was blurred or recompressed on the same grid can look replaced.
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
use crate::stats::robust::{median, quantile};
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
/// Most classes of residual strength, and within each most classes of brightness.
const CLASSES: [usize; 2] = [4, 3];
/// Windows side by side that a class has at least: something foreign must stay below half of them.
const WINDOWS_PER_CLASS: usize = 8;
/// Share of the median window's residual from which a window is judged: below it compression or a
/// denoiser has left nothing.
const LEAST_RESIDUAL: f64 = 0.25;
/// Least side of a reported part, as a share of the window's: what is foreign and as large as a window
/// makes a part of two thirds of it, the chance of neighbouring windows a small one.
const LEAST_PART: f64 = 0.25;
/// Expected number of windows of an untouched picture below which a window is reported.
const FALSE_ALARMS: f64 = 0.01;
/// Standard deviation of a normal law over the lower quartile of its absolute deviations:
/// `1 / Phi^-1(5/8)`.
const SIGMA_PER_QUARTER: f64 = 3.138;
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

    /// Mean square of the residual.
    fn strength(&self) -> f64 {
        self.residual / self.pixels.max(1.0)
    }

    /// Mean squared weight of the pattern's pixels.
    fn brightness(&self) -> f64 {
        self.visible / self.pattern.max(f64::MIN_POSITIVE)
    }
}

/// A window's correlation and what was expected of it, in standard deviations.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    correlation: f64,
    expected: f64,
}

impl Seen {
    fn is_judged(&self) -> bool {
        self.expected >= LEAST_EXPECTED
    }
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Presence {
    /// Probability that a cell lacks the fingerprint, `0..=1`, around the parts that do; 0 elsewhere.
    /// Shape `(rows, columns)` of cells of [`CELL_PX`].
    pub heat: Array2<f32>,
    /// Connected cells whose lack is significant, wide enough to be no chance; in cells.
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
    let typical = median_of(windows.iter().map(Sums::strength))?;
    let factors = Factors::of(&windows, side)?;
    let seen = windows.map(|window| {
        let deviation = window.deviation();
        if deviation <= 0.0 || window.strength() < LEAST_RESIDUAL * typical {
            return Seen::default();
        }
        let expected = factors.at(window) * window.visible / deviation;
        Seen { correlation: window.product / deviation, expected }
    });
    let judged: Vec<Seen> = seen.iter().filter(|seen| seen.is_judged()).copied().collect();
    // The share of its expectation by which an untouched window is away from it, chance included. Many
    // windows may overlap something foreign, so the quarter that is nearest tells it.
    let shares = judged.iter().map(|seen| (seen.correlation - seen.expected).abs() / seen.expected);
    let mut shares: Vec<f32> = shares.map(|share| share as f32).collect();
    let share = f64::from(quantile(&mut shares, 0.25)?) * SIGMA_PER_QUARTER;
    let spread = |seen: &Seen| 1.0_f64.max(share * seen.expected);
    // Windows that overlap are not independent; those side by side are.
    let tries = (judged.len() as f64 / (side * side) as f64).max(1.0);
    let is_lacking = |seen: &Seen| {
        let distance = (seen.expected - seen.correlation) / spread(seen);
        seen.is_judged()
            && seen.correlation < PRESENT_SHARE * seen.expected
            && tries.log10() + log10_normal_tail(distance.max(0.0).powi(2)) < FALSE_ALARMS.log10()
    };
    let mut heat = seen.map(|seen| {
        if !seen.is_judged() {
            return 0.0;
        }
        let support = seen.expected * (0.5 * seen.expected - seen.correlation);
        let logit = support / spread(seen).powi(2) + (PRIOR / (1.0 - PRIOR)).ln();
        (1.0 / (1.0 + (-logit).exp())) as f32
    });
    let least = (LEAST_PART * side as f64).ceil() as usize;
    let mut lacking = connected_components(&seen.map(is_lacking)).list;
    lacking.retain(|part| part.width.min(part.height) >= least && part.size >= least * least);
    // A window reaches half its side beyond the cell that it judges.
    let reach = side / 2;
    let is_near =
        |at: usize, first: usize, count: usize| at + reach >= first && at < first + count + reach;
    for ((row, column), heat) in heat.indexed_iter_mut() {
        let belongs = |part: &Component| {
            is_near(row, part.y, part.height) && is_near(column, part.x, part.width)
        };
        if !lacking.iter().any(belongs) {
            *heat = 0.0;
        }
    }
    let judged = judged.len() as f64 / seen.len() as f64;
    Some(Presence { lacking, heat, window_px: side * CELL_PX, judged })
}

/// The median of numbers; `None` without any.
fn median_of(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let mut numbers: Vec<f32> = numbers.map(|number| number as f32).collect();
    median(&mut numbers).map(f64::from)
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

/// How strongly the fingerprint shows, by texture and brightness.
struct Factors(Vec<TextureClass>);

/// Windows of like residual strength, which is texture and noise.
struct TextureClass {
    /// Most strength of the class.
    limit: f64,
    /// The most brightness of each of its classes, and its factor.
    factors: Vec<(f64, f64)>,
}

impl Factors {
    /// The median factor of the windows of each class; `None` without a window that can show anything.
    fn of(windows: &Array2<Sums>, side: usize) -> Option<Self> {
        let visible = windows.iter().filter(|w| w.visible > 0.0 && w.residual > 0.0);
        let mut all: Vec<&Sums> = visible.collect();
        all.sort_by(|a, b| a.strength().total_cmp(&b.strength()));
        let apart = all.len() / (side * side) / WINDOWS_PER_CLASS;
        let textures = apart.clamp(1, CLASSES[0]);
        let brightnesses = (apart / textures).clamp(1, CLASSES[1]);
        let size = all.len().div_ceil(textures).max(1);
        let classes = all.chunks_mut(size).map(|class| {
            let limit = class.last().map_or(0.0, |window| window.strength());
            class.sort_by(|a, b| a.brightness().total_cmp(&b.brightness()));
            let parts = class.chunks(class.len().div_ceil(brightnesses).max(1));
            let factors = parts.filter_map(|part| {
                let factor = median_of(part.iter().map(|w| w.product / w.visible))?;
                part.last().map(|window| (window.brightness(), factor.max(0.0)))
            });
            TextureClass { limit, factors: factors.collect() }
        });
        let classes: Vec<_> = classes.collect();
        (!classes.is_empty()).then_some(Self(classes))
    }

    fn at(&self, window: &Sums) -> f64 {
        let class = self.0.iter().find(|class| window.strength() <= class.limit);
        let Some(class) = class.or(self.0.last()) else { return 0.0 };
        let part = class.factors.iter().find(|(limit, _)| window.brightness() <= *limit);
        part.or(class.factors.last()).map_or(0.0, |(_, factor)| *factor)
    }
}
