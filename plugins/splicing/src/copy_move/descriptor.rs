// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the surroundings of a point look like, whatever their rotation and scale: histograms of
//! gradients [Lowe 2004, §5 and §6], and the same seen in a mirror.

use std::f32::consts::TAU;
use std::sync::LazyLock;

use assay_signal::avx2_dispatch;

use super::field::Field;
use super::gradient::{polar, Line, SAMPLES};

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
pub(super) fn directions(plane: &Field, at: [f32; 2], sigma: f32) -> Vec<f32> {
    let mut histogram = [0.0_f32; DIRECTION_BINS];
    count_directions(plane, at, sigma * DIRECTION_SPACING, &OF_DIRECTION, &mut histogram);
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
    pub(super) fn of(plane: &Field, at: [f32; 2], sigma: f32, angle: f32) -> Self {
        let mut numbers = [0; LENGTH];
        describe(plane, at, sigma * SPACING, angle, &mut numbers);
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

#[inline(always)]
fn count_directions_portable(
    plane: &Field,
    [x, y]: [f32; 2],
    step: f32,
    weights: &Window,
    histogram: &mut [f32; DIRECTION_BINS],
) {
    let mut xs = [0.0; SAMPLES];
    for (j, x_of_sample) in xs.iter_mut().enumerate() {
        *x_of_sample = x + step * offset(j);
    }
    for (i, weights) in weights.iter().enumerate() {
        let ys = [y + step * offset(i); SAMPLES];
        let (sizes, angles) = polar(plane, &xs, &ys);
        let (mut bins, mut counts) = ([0_i32; SAMPLES], [0.0; SAMPLES]);
        for j in 0..SAMPLES {
            let turn = angles[j] / TAU * DIRECTION_BINS as f32;
            // Turns lie within half a circle either way.
            bins[j] = (turn + DIRECTION_BINS as f32 + 0.5) as i32;
            counts[j] = sizes[j] * weights[j];
        }
        for (bin, count) in bins.into_iter().zip(counts) {
            histogram[bin as usize % DIRECTION_BINS] += count;
        }
    }
}

#[inline(always)]
fn describe_portable(
    plane: &Field,
    [x, y]: [f32; 2],
    step: f32,
    angle: f32,
    numbers: &mut [i16; LENGTH],
) {
    let mut histograms = [[[0.0_f32; BINS]; PARTS]; PARTS];
    let (sin, cos) = angle.sin_cos();
    for (i, (weights, shares)) in OF_DESCRIPTOR.iter().zip(SHARES.iter()).enumerate() {
        let across = step * offset(i);
        let (mut xs, mut ys) = ([0.0; SAMPLES], [0.0; SAMPLES]);
        for j in 0..SAMPLES {
            let along = step * offset(j);
            xs[j] = x + cos * along - sin * across;
            ys[j] = y + sin * along + cos * across;
        }
        let (sizes, angles) = polar(plane, &xs, &ys);
        let mut bins = [0_i32; SAMPLES];
        let (mut of_bin, mut of_next) = ([0.0; SAMPLES], [0.0; SAMPLES]);
        for j in 0..SAMPLES {
            let turned = (angles[j] - angle) / TAU * BINS as f32;
            let bin = turned.floor();
            let size = sizes[j] * weights[j];
            of_next[j] = size * (turned - bin);
            of_bin[j] = size - of_next[j];
            // It is at most two circles below 0.
            bins[j] = (bin + 2.0 * BINS as f32) as i32;
        }
        let mut of_row = [[0.0_f32; BINS]; PARTS];
        for (((bin, of_bin), of_next), shares) in
            bins.into_iter().zip(of_bin).zip(of_next).zip(SHARES.iter())
        {
            let bin = bin as usize;
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
    for (number, value) in numbers.iter_mut().zip(histograms) {
        *number = (*value * scale).round() as i16;
    }
}

avx2_dispatch! {
    /// Adds the gradients of a window, whose samples lie a step apart, to their directions.
    fn count_directions(
        plane: &Field,
        at: [f32; 2],
        step: f32,
        weights: &Window,
        histogram: &mut [f32; DIRECTION_BINS],
    ) = count_directions_portable
}
avx2_dispatch! {
    /// Writes the histograms of a window, whose samples lie a step apart along a direction.
    fn describe(
        plane: &Field,
        at: [f32; 2],
        step: f32,
        angle: f32,
        numbers: &mut [i16; LENGTH],
    ) = describe_portable
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
