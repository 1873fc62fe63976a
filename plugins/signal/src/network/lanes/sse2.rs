// SPDX-License-Identifier: MIT OR Apache-2.0
//! For every x86-64 processor: four registers of four sums.

#![allow(unsafe_code)] // loads and stores

use std::arch::x86_64::*;

use super::{Ending, Lanes, WeightPairs, WIDTH};

/// What every x86-64 processor has.
#[derive(Clone, Copy, Debug)]
pub(in crate::network) struct Sse2;

/// Four registers of 32-bit numbers.
#[inline(always)]
fn load<T: Copy>(from: &[T; WIDTH]) -> [__m128i; 4] {
    const { assert!(size_of::<T>() == 4) };
    let from = from.as_ptr().cast::<__m128i>();
    // SAFETY: loads are unaligned and as long as the array.
    std::array::from_fn(|at| unsafe { _mm_loadu_si128(from.add(at)) })
}

/// Channels 0 to 7 and 8 to 15.
#[inline(always)]
fn halves(from: &[i16; WIDTH]) -> [__m128i; 2] {
    let from = from.as_ptr().cast::<__m128i>();
    // SAFETY: as above.
    unsafe { [_mm_loadu_si128(from), _mm_loadu_si128(from.add(1))] }
}

// SAFETY, of every block below: SSE2 is part of x86-64; loads and stores are unaligned and as long as
// the arrays that they are given.
impl Lanes for Sse2 {
    type Sums = [__m128i; 4];
    type Pairs = [__m128i; 4];

    #[inline(always)]
    fn start(self, biases: &[i32; WIDTH]) -> Self::Sums {
        load(biases)
    }

    #[inline(always)]
    fn interleaved(self, first: &[i16; WIDTH], second: &[i16; WIDTH]) -> Self::Pairs {
        let ([a, b], [c, d]) = (halves(first), halves(second));
        unsafe {
            let (early, late) = (_mm_unpacklo_epi16(a, c), _mm_unpackhi_epi16(a, c));
            [early, _mm_unpacklo_epi16(b, d), late, _mm_unpackhi_epi16(b, d)]
        }
    }

    #[inline(always)]
    fn repeated(self, [first, second]: [i16; 2]) -> Self::Pairs {
        let bits = u32::from(first as u16) | u32::from(second as u16) << 16;
        unsafe { [_mm_set1_epi32(bits as i32); 4] }
    }

    #[inline(always)]
    fn weights(self, weights: &WeightPairs) -> Self::Pairs {
        load(weights)
    }

    #[inline(always)]
    fn add(self, sums: Self::Sums, values: Self::Pairs, weights: Self::Pairs) -> Self::Sums {
        std::array::from_fn(|at| unsafe {
            _mm_add_epi32(sums[at], _mm_madd_epi16(values[at], weights[at]))
        })
    }

    #[inline(always)]
    fn end(self, sums: Self::Sums, Ending { factors, limits }: Ending<'_>) -> [i16; WIDTH] {
        let mut outputs = [0; WIDTH];
        unsafe {
            let largest = _mm_set1_ps(f32::from(limits[1]));
            let whole: [__m128i; 4] = std::array::from_fn(|at| {
                let factors = _mm_loadu_ps(factors.as_ptr().add(at * 4));
                let values = _mm_mul_ps(_mm_cvtepi32_ps(sums[at]), factors);
                // A number too small becomes the least of 32 bits, then of 16.
                _mm_cvtps_epi32(_mm_min_ps(values, largest))
            });
            let least = _mm_set1_epi16(limits[0]);
            let [early, late] = [[0, 2], [1, 3]]
                .map(|[a, b]| _mm_max_epi16(_mm_packs_epi32(whole[a], whole[b]), least));
            let to = outputs.as_mut_ptr().cast::<__m128i>();
            _mm_storeu_si128(to, early);
            _mm_storeu_si128(to.add(1), late);
        }
        outputs
    }
}
