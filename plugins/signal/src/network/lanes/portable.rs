// SPDX-License-Identifier: MIT OR Apache-2.0
//! For every processor: plain loops, of which the compiler makes what vectors there are.

use super::{held, ordered, Ending, Lanes, WeightPairs, ORDER, WIDTH};

/// No instructions beyond those that the program was compiled for.
#[derive(Clone, Copy, Debug)]
pub(in crate::network) struct Portable;

impl Lanes for Portable {
    type Sums = [i32; WIDTH];
    type Pairs = WeightPairs;

    #[inline(always)]
    fn start(self, biases: &[i32; WIDTH]) -> Self::Sums {
        *biases
    }

    #[inline(always)]
    fn interleaved(self, first: &[i16; WIDTH], second: &[i16; WIDTH]) -> Self::Pairs {
        ORDER.map(|channel| [first[channel], second[channel]])
    }

    #[inline(always)]
    fn repeated(self, pair: [i16; 2]) -> Self::Pairs {
        [pair; WIDTH]
    }

    #[inline(always)]
    fn weights(self, weights: &WeightPairs) -> Self::Pairs {
        *weights
    }

    #[inline(always)]
    fn add(self, mut sums: Self::Sums, values: Self::Pairs, weights: Self::Pairs) -> Self::Sums {
        for lane in 0..WIDTH {
            let product = |at: usize| i32::from(values[lane][at]) * i32::from(weights[lane][at]);
            sums[lane] += product(0) + product(1);
        }
        sums
    }

    #[inline(always)]
    fn end(self, sums: Self::Sums, ending: Ending<'_>) -> [i16; WIDTH] {
        let mut outputs = [0; WIDTH];
        for lane in 0..WIDTH {
            outputs[lane] = held(sums[lane], ending.factors[lane], ending.limits);
        }
        // The order is its own inverse.
        ordered(outputs)
    }
}
