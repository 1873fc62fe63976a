// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which blocks are foreign, given two Gaussians, and the sums that the next two are found by.

use assay_signal::avx2_dispatch;

use super::subspace::{Vector, DIMENSIONS};

/// Blocks that are worked on together.
const LANES: usize = 4;

/// One of the numbers of each block.
type Lane = [f64; LANES];

/// The vectors of blocks, number by number; vectors of 0 fill the last ones.
pub(super) struct Lanes {
    groups: Vec<[Lane; DIMENSIONS]>,
    count: usize,
}

/// Sums over the blocks of one side, each weighted by the probability that it is on it.
pub(super) struct Sums {
    /// Sum of the weights.
    pub(super) foreign: f64,
    /// Sum of the weighted vectors.
    pub(super) vectors: Vector,
}

impl Sums {
    /// Of blocks with these weights.
    pub(super) fn of(vectors: &[Vector], weights: &[f64]) -> Self {
        let mut sums = Self { foreign: 0.0, vectors: [0.0; DIMENSIONS] };
        for (vector, weight) in vectors.iter().zip(weights) {
            sums.foreign += weight;
            sums.vectors.iter_mut().zip(vector).for_each(|(sum, value)| *sum += weight * value);
        }
        sums
    }

    /// The mean of the side.
    pub(super) fn mean(&self) -> Vector {
        self.vectors.map(|sum| sum / (self.foreign + 1e-6))
    }
}

impl Lanes {
    pub(super) fn of(vectors: &[Vector]) -> Self {
        let lane = |vectors: &[Vector], i: usize| -> Lane {
            std::array::from_fn(|lane| vectors.get(lane).map_or(0.0, |vector| vector[i]))
        };
        let group = |vectors: &[Vector]| std::array::from_fn(|i| lane(vectors, i));
        Self { groups: vectors.chunks(LANES).map(group).collect(), count: vectors.len() }
    }

    /// The sums over all blocks, each weighted by the logistic function of `slope . v + offset`.
    pub(super) fn expect(&self, slope: &Vector, offset: f64) -> Sums {
        let mut totals = Totals { weights: [0.0; LANES], vectors: [[0.0; LANES]; DIMENSIONS] };
        expect(&self.groups, slope, offset, &mut totals);
        let filling = (self.groups.len() * LANES - self.count) as f64;
        let total = |lane: &Lane| lane.iter().sum::<f64>();
        Sums {
            foreign: total(&totals.weights) - filling * logistic([offset; LANES])[0],
            vectors: totals.vectors.each_ref().map(total),
        }
    }
}

struct Totals {
    weights: Lane,
    vectors: [Lane; DIMENSIONS],
}

/// `1 / (1 + exp(-x))`, `x` held within 30 either way, to some 1e-15.
#[inline(always)]
fn logistic(x: Lane) -> Lane {
    /// Added to a small number it rounds it to a whole one, which its last bits are.
    const WHOLE: f64 = 6_755_399_441_055_744.0;
    /// `ln 2` in two parts, the first short enough that products with small whole numbers are exact.
    const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    let mut shares = [0.0; LANES];
    // Indices: a closure would not be compiled for AVX2 with the rest.
    for i in 0..LANES {
        let power = -x[i].clamp(-30.0, 30.0);
        let shifted = power * std::f64::consts::LOG2_E + WHOLE;
        let whole = shifted - WHOLE;
        let rest = power - whole * LN_2[0] - whole * LN_2[1];
        let mut series = 1.0;
        for factor in [13.0, 12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0] {
            series = 1.0 + rest * series * (1.0 / factor);
        }
        let scale = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1.0_f64.to_bits()));
        shares[i] = 1.0 / (1.0 + series * scale);
    }
    shares
}

#[inline(always)]
fn expect_portable(
    groups: &[[Lane; DIMENSIONS]],
    slope: &Vector,
    offset: f64,
    totals: &mut Totals,
) {
    let (mut weights, mut vectors) = ([0.0; LANES], [[0.0; LANES]; DIMENSIONS]);
    for group in groups {
        let mut odds = [offset; LANES];
        for (lane, slope) in group.iter().zip(slope) {
            for i in 0..LANES {
                odds[i] += slope * lane[i];
            }
        }
        let weight = logistic(odds);
        for i in 0..LANES {
            weights[i] += weight[i];
        }
        for (sum, lane) in vectors.iter_mut().zip(group) {
            for i in 0..LANES {
                sum[i] += weight[i] * lane[i];
            }
        }
    }
    *totals = Totals { weights, vectors };
}

avx2_dispatch! {
    fn expect(
        groups: &[[Lane; DIMENSIONS]],
        slope: &Vector,
        offset: f64,
        totals: &mut Totals,
    ) = expect_portable
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn expected_sums_are_those_of_the_logistic_function(
            vectors in proptest::collection::vec(proptest::array::uniform8(-4.0_f64..4.0), 1..40),
            slope in proptest::array::uniform8(-3.0_f64..3.0),
            offset in -9.0_f64..9.0,
        ) {
            let weight = |vector: &Vector| {
                let odds = offset + slope.iter().zip(vector).map(|(s, v)| s * v).sum::<f64>();
                1.0 / (1.0 + (-odds.clamp(-30.0, 30.0)).exp())
            };
            let weights: Vec<f64> = vectors.iter().map(weight).collect();
            let (found, sums) = (Lanes::of(&vectors).expect(&slope, offset), Sums::of(&vectors, &weights));
            prop_assert!((found.foreign - sums.foreign).abs() < 1e-11);
            for (found, sum) in found.vectors.iter().zip(sums.vectors) {
                prop_assert!((found - sum).abs() < 1e-11);
            }
        }
    }
}
