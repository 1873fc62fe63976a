// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbers of maps and weights in 16 bits.
//!
//! A crop, whose levels come to about -1 to 1, counts in steps of 2^-13; a map that ReLU6 holds within 0
//! to 6 in steps of 2^-10; any other map in steps of 2^-8, so that it may reach from -128 to 128. (Those of
//! the shipped network reach 67 on 59 pictures.) The weights of an output count in a step of their own, the
//! smallest in which they fit 16 bits and no sum of products, in whatever order, leaves 32 bits.

/// The largest sum.
const LARGEST_SUM: f64 = i32::MAX as f64;

/// How the numbers of a map count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Count {
    /// Steps in 1.
    pub(super) steps: f32,
    /// No number is farther from 0, steps.
    largest: f32,
}

impl Count {
    /// A crop's.
    pub(super) const CROP: Self = Self { steps: 8192.0, largest: 32_768.0 };
    /// Of a map that is held within 0 to 6.
    pub(super) const HELD: Self = Self { steps: 1024.0, largest: 6.0 * 1024.0 };
    /// Of any other map.
    pub(super) const FREE: Self = Self { steps: 256.0, largest: 32_768.0 };
}

/// A number of [`Count::HELD`] in [`Count::FREE`].
pub(super) fn freed(value: i16) -> i16 {
    // A quarter, of halves the upper neighbour.
    ((i32::from(value) + 2) >> 2) as i16
}

/// One output's share of a layer, in whole numbers.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    pub(super) weights: Vec<i16>,
    /// Where a sum of products starts.
    pub(super) bias: i32,
    /// Steps of the outputs in 1 of a sum.
    pub(super) factor: f32,
}

impl Whole {
    /// From the weights and the bias of one output, and how inputs and outputs count.
    pub(super) fn of([inputs, outputs]: [Count; 2], weights: &[f32], bias: f32) -> Self {
        let (steps, largest) = (f64::from(inputs.steps), f64::from(inputs.largest));
        let bias = f64::from(bias) * steps;
        let magnitudes = || weights.iter().map(|&weight| f64::from(weight).abs());
        let most = largest * magnitudes().sum::<f64>() + bias.abs();
        // A rounded weight is at most a half too large.
        let room = LARGEST_SUM - 1.0 - largest * weights.len() as f64 / 2.0;
        let step = (most / room).max(magnitudes().fold(0.0, f64::max) / f64::from(i16::MAX));
        let step = if step > 0.0 { step } else { 1.0 };
        Self {
            weights: weights
                .iter()
                .map(|&weight| (f64::from(weight) / step).round() as i16)
                .collect(),
            bias: (bias / step).round() as i32,
            factor: (step * f64::from(outputs.steps) / steps) as f32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{freed, Count, Whole};

    /// Weights of either sign without pattern, at most `scale`.
    fn weights(count: usize, scale: f32) -> Vec<f32> {
        let hash = |at: usize| (at as u32 + 1).wrapping_mul(0x9E37_79B9) >> 8;
        (0..count).map(|at| scale * (hash(at) as f32 / 8_388_608.0 - 1.0)).collect()
    }

    #[test]
    fn no_sum_leaves_32_bits_and_weights_are_near_what_they_were() {
        for inputs in [Count::CROP, Count::HELD, Count::FREE] {
            for (count, scale, bias) in [
                (1, 1.0, 0.0),
                (9, 3.0, -200.0),
                (672, 0.5, 4.0),
                (49 * 2048, 65504.0, 1e30),
                (25, 6e-8, f32::MAX),
                (25, 6e-8, 0.0),
            ] {
                let weights = weights(count, scale);
                let whole = Whole::of([inputs, Count::FREE], &weights, bias);
                let magnitudes = whole.weights.iter().map(|&weight| i64::from(weight).abs());
                let most = inputs.largest as i64 * magnitudes.sum::<i64>();
                let bias = i64::from(whole.bias).abs();
                assert!(most + bias <= i64::from(i32::MAX), "{count} {scale}: {most} {bias}");
                // What a weight of 1 counts.
                let step = whole.factor * inputs.steps / Count::FREE.steps;
                for (&whole, &weight) in whole.weights.iter().zip(&weights) {
                    assert!((f32::from(whole) * step - weight).abs() <= 0.5001 * step);
                }
            }
        }
    }

    #[test]
    fn small_weights_use_16_bits() {
        let whole = Whole::of([Count::HELD, Count::HELD], &[0.25, -0.5, 0.125], 0.0);
        assert_eq!(whole.weights, [16384, -32767, 8192]);
    }

    #[test]
    fn an_output_without_weights_is_its_bias() {
        let of = |bias| Whole::of([Count::HELD, Count::FREE], &[0.0, 0.0], bias);
        assert_eq!((of(0.0).weights, of(0.0).bias), (vec![0, 0], 0));
        let half = of(0.5);
        assert!((half.bias as f32 * half.factor - 128.0).abs() < 1e-3);
    }

    #[test]
    fn four_steps_of_a_held_map_are_one_of_a_free_one() {
        assert_eq!([-6, -5, -2, 0, 1, 2, 6144].map(freed), [-1, -1, 0, 0, 0, 1, 1536]);
    }
}
