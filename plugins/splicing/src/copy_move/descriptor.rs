// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the surroundings of a point look like, whatever their rotation and scale: histograms of
//! gradients [Lowe 2004, §5 and §6], and the same seen in a mirror.

use std::f32::consts::TAU;

use super::plane::Plane;

/// Samples along each side of the window.
const SAMPLES: usize = 16;
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

/// A Gaussian over the window, whose deviation is `share` of half its side.
fn weight(i: usize, j: usize, share: f32) -> f32 {
    let deviation = share * SAMPLES as f32 / 2.0;
    (-(offset(i).powi(2) + offset(j).powi(2)) / (2.0 * deviation * deviation)).exp()
}

/// The main directions of the gradients around a point, radians, at least one.
pub(super) fn directions(plane: &Plane, [x, y]: [f32; 2], sigma: f32) -> Vec<f32> {
    let mut histogram = [0.0_f32; DIRECTION_BINS];
    let step = sigma * DIRECTION_SPACING;
    for i in 0..SAMPLES {
        for j in 0..SAMPLES {
            let [dx, dy] = plane.gradient_near([x + step * offset(j), y + step * offset(i)]);
            let turn = dy.atan2(dx) / TAU * DIRECTION_BINS as f32;
            let bin = (turn.round() as isize).rem_euclid(DIRECTION_BINS as isize) as usize;
            histogram[bin] += dx.hypot(dy) * weight(i, j, 1.0 / 3.0);
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
        let mut histograms = [0.0_f32; LENGTH];
        let (sin, cos) = angle.sin_cos();
        let step = sigma * SPACING;
        for i in 0..SAMPLES {
            for j in 0..SAMPLES {
                let (along, across) = (step * offset(j), step * offset(i));
                let at = [x + cos * along - sin * across, y + sin * along + cos * across];
                let [dx, dy] = plane.gradient_near(at);
                let size = dx.hypot(dy) * weight(i, j, 1.0);
                let turned = (dy.atan2(dx) - angle).rem_euclid(TAU) / TAU * BINS as f32;
                let bin = turned.floor();
                let parts = shares(i).into_iter().flat_map(|a| shares(j).map(|b| (a, b)));
                for ((row, of_row), (column, of_column)) in parts {
                    for (bin, of_bin) in [(bin, 1.0 - (turned - bin)), (bin + 1.0, turned - bin)] {
                        let index = (row * PARTS + column) * BINS + bin as usize % BINS;
                        histograms[index] += size * of_row * of_column * of_bin;
                    }
                }
            }
        }
        let length = |values: &[f32]| values.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-6);
        let cut = LARGEST_SHARE * length(&histograms);
        histograms.iter_mut().for_each(|value| *value = value.min(cut));
        let scale = NORM / length(&histograms);
        Self(histograms.map(|value| (value * scale).round() as i16))
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
