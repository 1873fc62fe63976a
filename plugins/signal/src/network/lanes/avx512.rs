// SPDX-License-Identifier: MIT OR Apache-2.0
//! For x86-64 processors with AVX-512 and its instructions for neural networks: one register of
//! sixteen sums. The compiler may add two products to a sum in one instruction or in two.

#![allow(unsafe_code)] // calls of instructions that the processor is known to have

use std::arch::x86_64::*;

use super::{Ending, Lanes, WeightPairs, ORDER, WIDTH};

/// Proof that the processor has AVX2 and AVX-512 F, BW, VL and VNNI.
#[derive(Clone, Copy, Debug)]
pub(in crate::network) struct Avx512(());

impl Avx512 {
    pub(super) fn detect() -> Option<Self> {
        use std::arch::is_x86_feature_detected;
        let has_all = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vnni");
        has_all.then_some(Self(()))
    }
}

/// Where the numbers of a pair lie in two vectors of sixteen, the second behind the first.
const PAIRS: [[i16; 2]; WIDTH] = {
    let mut places = [[0; 2]; WIDTH];
    let mut lane = 0;
    while lane < WIDTH {
        let channel = ORDER[lane] as i16;
        // The second vector is another register, which bit 5 of the place names.
        places[lane] = [channel, channel + 32];
        lane += 1;
    }
    places
};

// SAFETY, of every block below: an `Avx512` exists only where the processor has all that the
// instructions ask for; loads and stores are unaligned and as long as the arrays that they are given.
impl Lanes for Avx512 {
    type Sums = __m512i;
    type Pairs = __m512i;

    #[inline(always)]
    fn start(self, biases: &[i32; WIDTH]) -> Self::Sums {
        unsafe { _mm512_loadu_si512(biases.as_ptr().cast()) }
    }

    #[inline(always)]
    fn interleaved(self, first: &[i16; WIDTH], second: &[i16; WIDTH]) -> Self::Pairs {
        unsafe {
            let first = _mm512_castsi256_si512(_mm256_loadu_si256(first.as_ptr().cast()));
            let second = _mm512_castsi256_si512(_mm256_loadu_si256(second.as_ptr().cast()));
            let places = _mm512_loadu_si512(PAIRS.as_ptr().cast());
            _mm512_permutex2var_epi16(first, places, second)
        }
    }

    #[inline(always)]
    fn repeated(self, [first, second]: [i16; 2]) -> Self::Pairs {
        let bits = u32::from(first as u16) | u32::from(second as u16) << 16;
        unsafe { _mm512_set1_epi32(bits as i32) }
    }

    #[inline(always)]
    fn weights(self, weights: &WeightPairs) -> Self::Pairs {
        unsafe { _mm512_loadu_si512(weights.as_ptr().cast()) }
    }

    #[inline(always)]
    fn add(self, sums: Self::Sums, values: Self::Pairs, weights: Self::Pairs) -> Self::Sums {
        unsafe { _mm512_dpwssd_epi32(sums, values, weights) }
    }

    #[inline(always)]
    fn end(self, sums: Self::Sums, Ending { factors, limits }: Ending<'_>) -> [i16; WIDTH] {
        let mut outputs = [0; WIDTH];
        unsafe {
            let factors = _mm512_loadu_ps(factors.as_ptr());
            let values = _mm512_mul_ps(_mm512_cvtepi32_ps(sums), factors);
            let values = _mm512_min_ps(values, _mm512_set1_ps(f32::from(limits[1])));
            // A number too small becomes the least of 32 bits, then of 16.
            let narrow = _mm512_cvtsepi32_epi16(_mm512_cvtps_epi32(values));
            let held = _mm256_max_epi16(narrow, _mm256_set1_epi16(limits[0]));
            // Quarters of four channels, the middle two of which `ORDER` exchanges.
            let in_order = _mm256_permute4x64_epi64::<0b11_01_10_00>(held);
            _mm256_storeu_si256(outputs.as_mut_ptr().cast(), in_order);
        }
        outputs
    }
}
