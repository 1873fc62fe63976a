// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the surroundings of a point look like, whatever their rotation and scale: histograms of
//! gradients [Lowe 2004, §5 and §6], and the same seen in a mirror.

use std::f32::consts::TAU;
use std::sync::LazyLock;

use super::gradient::{polar, Line, SAMPLES};
use super::plane::Plane;

/// Parts of the window along each side.
const PARTS: usize = 4;
/// Directions that a part tells apart.
const BINS: usize = 8;
/// Numbers of a descriptor.
pub(super) const LENGTH: usize = PARTS * PARTS * BINS;
/// Length of a descriptor, so that products of two fit 32 bits.
pub(super) const NORM: f32 = 4096.0;
/// Largest share of one number in the length [Lowe 2004, §6.1].
const LARGEST_SHARE: f32 = 0.2;
/// Distance of two samples of the window in units of the point's scale: parts of 3 scales
/// [as in the reference implementations], 4 samples each.
const SPACING: f32 = 0.75;
/// The same for the window that gives the direction: it reaches 3 deviations of a Gaussian of 1.5
/// scales [Lowe 2004, §5].
const DIRECTION_SPACING: f32 = 9.0 / SAMPLES as f32;
/// Directions of that histogram [Lowe 2004, §5].
const DIRECTION_BINS: usize = 36;
/// Share of the highest peak from which another is a direction too [Lowe 2004, §5].
const SECOND_PEAK: f32 = 0.8;
/// Most directions of a point.
const MOST_DIRECTIONS: usize = 2;

/// Histograms of the gradients, of length [`NORM`]; index `(across * 4 + along) * 8 + direction`,
/// `along` and `direction` relative to the point's own direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Descriptor(pub(super) [i16; LENGTH]);

/// Offset of sample `i` from the middle of the window, in samples.
fn offset(i: usize) -> f32 {
    i as f32 + 0.5 - SAMPLES as f32 / 2.0
}

/// A value for each sample of the window, row by row.
type Window = [Line; SAMPLES];

/// A Gaussian over the window, whose deviation is `share` of half its side.
fn gaussian(share: f32) -> Window {
    let deviation = share * SAMPLES as f32 / 2.0;
    let weight = |i: usize, j: usize| {
        (-(offset(i).powi(2) + offset(j).powi(2)) / (2.0 * deviation * deviation)).exp()
    };
    std::array::from_fn(|i| std::array::from_fn(|j| weight(i, j)))
}

static OF_DIRECTION: LazyLock<Window> = LazyLock::new(|| gaussian(1.0 / 3.0));
static OF_DESCRIPTOR: LazyLock<Window> = LazyLock::new(|| gaussian(1.0));

/// For each sample along a side, the parts that it counts for, and how much for each.
static SHARES: LazyLock<[[(usize, f32); 2]; SAMPLES]> =
    LazyLock::new(|| std::array::from_fn(shares));

/// The main directions of the gradients around a point, radians, at least one.
pub(super) fn directions(plane: &Plane, [x, y]: [f32; 2], sigma: f32) -> Vec<f32> {
    let mut histogram = [0.0_f32; DIRECTION_BINS];
    let step = sigma * DIRECTION_SPACING;
    let xs = std::array::from_fn(|j| x + step * offset(j));
    for (i, weights) in OF_DIRECTION.iter().enumerate() {
        let ys = [y + step * offset(i); SAMPLES];
        let (sizes, angles) = polar(plane, &xs, &ys);
        let turns = angles.map(|angle| angle / TAU * DIRECTION_BINS as f32);
        for ((turn, size), weight) in turns.iter().zip(sizes).zip(weights) {
            // Turns lie within half a circle either way.
            let bin = (turn + DIRECTION_BINS as f32 + 0.5) as usize % DIRECTION_BINS;
            histogram[bin] += size * weight;
        }
    }
    let near = |bins: &[f32; DIRECTION_BINS], bin: usize| {
        let (before, after) = (bin + DIRECTION_BINS - 1, bin + 1);
        (bins[before % DIRECTION_BINS], bins[bin], bins[after % DIRECTION_BINS])
    };
    for _ in 0..3 {
        let before = histogram;
        for (bin, value) in histogram.iter_mut().enumerate() {
            let (a, b, c) = near(&before, bin);
            *value = (a + b + c) / 3.0;
        }
    }
    let highest = histogram.iter().copied().fold(0.0, f32::max);
    let mut peaks: Vec<(f32, f32)> = (0..DIRECTION_BINS)
        .filter_map(|bin| {
            let (before, value, after) = near(&histogram, bin);
            let is_peak = value > before && value >= after && value >= SECOND_PEAK * highest;
            let shift = 0.5 * (before - after) / (before + after - 2.0 * value);
            is_peak.then(|| (value, (bin as f32 + shift) * TAU / DIRECTION_BINS as f32))
        })
        .collect();
    peaks.sort_by(|a, b| b.0.total_cmp(&a.0));
    peaks.truncate(MOST_DIRECTIONS);
    peaks.into_iter().map(|(_, angle)| angle).collect()
}

impl Descriptor {
    /// Describes the surroundings of a point at a scale, seen along a direction.
    pub(super) fn of(plane: &Plane, [x, y]: [f32; 2], sigma: f32, angle: f32) -> Self {
        let mut histograms = [[[0.0_f32; BINS]; PARTS]; PARTS];
        let (sin, cos) = angle.sin_cos();
        let step = sigma * SPACING;
        for (i, (weights, shares)) in OF_DESCRIPTOR.iter().zip(SHARES.iter()).enumerate() {
            let across = step * offset(i);
            let along: Line = std::array::from_fn(|j| step * offset(j));
            let xs = along.map(|along| x + cos * along - sin * across);
            let ys = along.map(|along| y + sin * along + cos * across);
            let (sizes, angles) = polar(plane, &xs, &ys);
            let mut of_row = [[0.0_f32; BINS]; PARTS];
            let samples = sizes.iter().zip(weights).zip(angles);
            for (((size, weight), turned), shares) in samples.zip(SHARES.iter()) {
                let turned = (turned - angle) / TAU * BINS as f32;
                let bin = turned.floor();
                let of_next = size * weight * (turned - bin);
                let of_bin = size * weight - of_next;
                // It is at most two circles below 0.
                let bin = (bin + 2.0 * BINS as f32) as usize;
                for &(column, share) in shares {
                    of_row[column][bin % BINS] += share * of_bin;
                    of_row[column][(bin + 1) % BINS] += share * of_next;
                }
            }
            for &(row, share) in shares {
                let sums = histograms[row].as_flattened_mut().iter_mut();
                sums.zip(of_row.as_flattened()).for_each(|(sum, value)| *sum += share * value);
            }
        }
        let histograms = histograms.as_flattened_mut().as_flattened_mut();
        let length = |values: &[f32]| values.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-6);
        let cut = LARGEST_SHARE * length(histograms);
        histograms.iter_mut().for_each(|value| *value = value.min(cut));
        let scale = NORM / length(histograms);
        let mut numbers = [0; LENGTH];
        for (number, value) in numbers.iter_mut().zip(histograms) {
            *number = (*value * scale).round() as i16;
        }
        Self(numbers)
    }

    /// The descriptor of the same surroundings in a mirror, whose direction is mirrored too.
    pub(super) fn mirrored(&self) -> Self {
        Self(std::array::from_fn(|index| {
            let (part, bin) = (index / BINS, index % BINS);
            let (row, column) = (PARTS - 1 - part / PARTS, part % PARTS);
            self.0[(row * PARTS + column) * BINS + (BINS - bin) % BINS]
        }))
    }
}

/// The parts that sample `i` counts for, and how much for each: the nearer more.
fn shares(i: usize) -> [(usize, f32); 2] {
    let place = (i as f32 + 0.5) * PARTS as f32 / SAMPLES as f32 - 0.5;
    let share = |part: f32| {
        let inside = part >= 0.0 && part < PARTS as f32;
        let nearness = if inside { 1.0 - (part - place).abs() } else { 0.0 };
        (part.clamp(0.0, PARTS as f32 - 1.0) as usize, nearness)
    };
    [share(place.floor()), share(place.floor() + 1.0)]
}
