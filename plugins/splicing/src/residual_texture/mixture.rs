// SPDX-License-Identifier: MIT OR Apache-2.0
//! Two Gaussians with a common covariance, fitted by expectation and maximisation.
//!
//! The smaller one is the foreign part. Overlapping blocks repeat each other, so a block weighs less
//! than one, and the covariance is drawn towards a sphere by [`PRIOR_BLOCKS`] blocks.

use assay_plugin_api::prelude::*;

use super::expectation::{Lanes, Sums};
use super::subspace::{Vector, DIMENSIONS};

/// Rounds of expectation and maximisation.
const ROUNDS: usize = 15;
/// Independent blocks that the spherical covariance counts for.
const PRIOR_BLOCKS: f64 = 20.0;
/// Independent blocks in a block's area; overlapping ones differ a little.
const BLOCKS_PER_AREA: f64 = 4.0;
/// Share of the blocks farthest from the mean that one of the fits starts from.
const FAR_SHARE: f64 = 0.15;
/// Rounds of the power method.
const POWER_ROUNDS: usize = 30;

type Matrix = [[f64; DIMENSIONS]; DIMENSIONS];

/// What was fitted.
pub(super) struct Mixture {
    /// Log likelihood ratio of foreign to own is `slope . v + offset`.
    slope: Vector,
    offset: f64,
    /// Squared Mahalanobis distance between the two means.
    pub(super) separation: f64,
    likelihood: f64,
}

impl Mixture {
    /// Log likelihood ratio of foreign to own content, natural.
    pub(super) fn log_ratio(&self, vector: &Vector) -> f64 {
        dot(&self.slope, vector) + self.offset
    }

    /// The best of the fits that start from a split along either of the two widest directions, or from
    /// the blocks farthest from the mean.
    ///
    /// `areas` is the number of blocks that would fit side by side; `None` where all blocks are alike.
    ///
    /// # Errors
    /// `Cancelled`.
    pub(super) fn fit(
        evidence: &Evidence<'_>,
        vectors: &[Vector],
        areas: f64,
    ) -> Result<Option<Self>, NoScore> {
        let count = vectors.len() as f64;
        let mean = weighted_mean(vectors.iter().map(|vector| (1.0, vector)));
        let centred: Vec<Vector> = vectors.iter().map(|vector| difference(vector, &mean)).collect();
        let mut total = [[0.0; DIMENSIONS]; DIMENSIONS];
        centred.iter().for_each(|vector| add_outer(&mut total, vector, 1.0));
        let mut scatter = total.map(|row| row.map(|value| value / count));
        let first = widest(&scatter);
        let spread = dot(&first, &product(&scatter, &first));
        add_outer(&mut scatter, &first, -spread);
        let second = widest(&scatter);
        let along = |direction: &Vector| {
            let values: Vec<f64> = centred.iter().map(|vector| dot(vector, direction)).collect();
            (best_split(&values), values)
        };
        let distances: Vec<f64> = centred.iter().map(|from| dot(from, from)).collect();
        let far = quantile(&distances, 1.0 - FAR_SHARE);
        let blocks = Blocks {
            lanes: Lanes::of(&centred),
            vectors: &centred,
            scatter: total,
            weight: (BLOCKS_PER_AREA * areas / count).min(1.0),
        };
        let mut best: Option<Self> = None;
        for (threshold, values) in [along(&first), along(&second), (far, distances)] {
            evidence.check_cancelled()?;
            let foreign = threshold.map(|threshold| above(&values, threshold));
            let found = foreign.and_then(|foreign| Self::from_split(&blocks, &foreign));
            let likelihood = |mixture: &Option<Self>| {
                mixture.as_ref().map_or(f64::NEG_INFINITY, |mixture| mixture.likelihood)
            };
            if likelihood(&found) > likelihood(&best) {
                best = found;
            }
        }
        Ok(best.map(|mut best| {
            best.offset -= dot(&best.slope, &mean);
            best
        }))
    }

    /// Fits from a first guess which blocks are foreign: 1 for those that are, 0 for others.
    fn from_split(blocks: &Blocks<'_>, foreign: &[f64]) -> Option<Self> {
        let count = blocks.vectors.len() as f64;
        let mut fitted = None;
        let mut sums = Sums::of(blocks.vectors, foreign);
        for _ in 0..ROUNDS {
            let share = sums.foreign / count;
            // The sum of all vectors is 0.
            let own = Sums { foreign: count - sums.foreign, vectors: sums.vectors.map(|v| -v) };
            let means = [own.mean(), sums.mean()];
            let inverse = blocks.pooled_inverse([&own, &sums])?;
            let step = difference(&means[1], &means[0]);
            let slope = product(&inverse, &step);
            let sum: Vector = std::array::from_fn(|i| means[0][i] + means[1][i]);
            let offset = -0.5 * dot(&slope, &sum);
            let odds = (share / (1.0 - share)).clamp(0.01, 100.0).ln();
            sums = blocks.lanes.expect(&slope, offset + odds);
            let separation = dot(&slope, &step);
            fitted = Some((means, inverse, Self { slope, offset, separation, likelihood: 0.0 }));
        }
        let (means, inverse, mut mixture) = fitted?;
        let share = sums.foreign / count;
        mixture.likelihood = likelihood(blocks.vectors, &means, &inverse, share)?;
        if share > 0.5 {
            mixture.slope = mixture.slope.map(|value| -value);
            mixture.offset = -mixture.offset;
        }
        mixture.separation.is_finite().then_some(mixture)
    }
}

/// The blocks of a picture, their mean taken off.
struct Blocks<'a> {
    vectors: &'a [Vector],
    lanes: Lanes,
    /// Sum of their outer products.
    scatter: Matrix,
    /// Independent blocks that one counts for.
    weight: f64,
}

impl Blocks<'_> {
    /// Inverse of the covariance that both groups share.
    fn pooled_inverse(&self, groups: [&Sums; 2]) -> Option<Matrix> {
        let count = self.vectors.len() as f64;
        let mut scatter = self.scatter;
        for group in groups {
            // Sum of w (v - m)(v - m)' = sum of w v v' - s m' - m s' + (sum of w) m m'.
            let (mean, sum) = (group.mean(), &group.vectors);
            for (i, row) in scatter.iter_mut().enumerate() {
                for (j, entry) in row.iter_mut().enumerate() {
                    *entry +=
                        group.foreign * mean[i] * mean[j] - sum[i] * mean[j] - mean[i] * sum[j];
                }
            }
        }
        let trace: f64 = scatter.iter().enumerate().map(|(i, row)| row[i]).sum();
        let sphere = PRIOR_BLOCKS * trace / (count * DIMENSIONS as f64);
        let blocks = count * self.weight + PRIOR_BLOCKS;
        let mut covariance = scatter.map(|row| row.map(|value| value * self.weight / blocks));
        for (i, row) in covariance.iter_mut().enumerate() {
            row[i] += sphere / blocks;
        }
        invert(&covariance).map(|(inverse, _)| inverse)
    }
}

fn above(values: &[f64], threshold: f64) -> Vec<f64> {
    values.iter().map(|&value| f64::from(u8::from(value > threshold))).collect()
}

/// `None` for no values.
fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get((share * sorted.len() as f64) as usize).copied()
}

/// Mean log likelihood of a block, without constants.
fn likelihood(
    vectors: &[Vector],
    means: &[Vector; 2],
    inverse: &Matrix,
    share: f64,
) -> Option<f64> {
    let log_shares = [1.0 - share, share].map(|share| share.max(1e-9).ln());
    let total: f64 = vectors
        .iter()
        .map(|vector| {
            let [own, foreign]: [f64; 2] = std::array::from_fn(|i| {
                let from = difference(vector, &means[i]);
                log_shares[i] - 0.5 * dot(&from, &product(inverse, &from))
            });
            own.max(foreign) + (-(own - foreign).abs()).exp().ln_1p()
        })
        .sum();
    let (_, log_determinant) = invert(inverse)?;
    Some(total / vectors.len() as f64 + 0.5 * log_determinant)
}

/// Inverse and log determinant of a positive definite matrix, by Gauss and Jordan.
fn invert(matrix: &Matrix) -> Option<(Matrix, f64)> {
    let mut left = *matrix;
    let mut right = [[0.0; DIMENSIONS]; DIMENSIONS];
    right.iter_mut().enumerate().for_each(|(i, row)| row[i] = 1.0);
    let mut log_determinant = 0.0;
    for pivot in 0..DIMENSIONS {
        let value = left[pivot][pivot];
        if !(value > 0.0 && value.is_finite()) {
            return None;
        }
        log_determinant += value.ln();
        left[pivot] = left[pivot].map(|entry| entry / value);
        right[pivot] = right[pivot].map(|entry| entry / value);
        let (top, bottom) = (left[pivot], right[pivot]);
        for row in (0..DIMENSIONS).filter(|&row| row != pivot) {
            let factor = left[row][pivot];
            for column in 0..DIMENSIONS {
                left[row][column] -= factor * top[column];
                right[row][column] -= factor * bottom[column];
            }
        }
    }
    Some((right, log_determinant))
}

/// Unit vector of the widest spread, by the power method.
fn widest(scatter: &Matrix) -> Vector {
    let mut direction = [1.0 / (DIMENSIONS as f64).sqrt(); DIMENSIONS];
    for _ in 0..POWER_ROUNDS {
        let next = product(scatter, &direction);
        let length = dot(&next, &next).sqrt();
        if length.is_nan() || length <= f64::MIN_POSITIVE {
            break;
        }
        direction = next.map(|value| value / length);
    }
    direction
}

/// Where cutting the values in two leaves the most variance between [Otsu 1979]; `None` for less
/// than two values.
fn best_split(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let count = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / count;
    let mut below = 0.0;
    let mut best = None;
    for (index, value) in sorted.iter().enumerate().take(sorted.len().saturating_sub(1)) {
        below += value - mean;
        let left = (index + 1) as f64;
        let between = below * below / (left * (count - left));
        if best.is_none_or(|(most, _)| between > most) {
            best = Some((between, *value));
        }
    }
    best.map(|(_, value)| value)
}

fn weighted_mean<'a>(vectors: impl Iterator<Item = (f64, &'a Vector)>) -> Vector {
    let (mut sum, mut total) = ([0.0; DIMENSIONS], 1e-6);
    for (weight, vector) in vectors {
        sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += weight * value);
        total += weight;
    }
    sum.map(|value| value / total)
}

fn difference(a: &Vector, b: &Vector) -> Vector {
    std::array::from_fn(|i| a[i] - b[i])
}

fn dot(a: &Vector, b: &Vector) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn product(matrix: &Matrix, vector: &Vector) -> Vector {
    std::array::from_fn(|i| dot(&matrix[i], vector))
}

fn add_outer(matrix: &mut Matrix, vector: &Vector, weight: f64) {
    for (row, a) in matrix.iter_mut().zip(vector) {
        for (entry, b) in row.iter_mut().zip(vector) {
            *entry += weight * a * b;
        }
    }
}
