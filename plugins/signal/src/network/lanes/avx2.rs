// SPDX-License-Identifier: MIT OR Apache-2.0
//! For x86-64 processors with AVX2: two registers of eight sums.

#![allow(unsafe_code)] // calls of instructions that the processor is known to have

use std::arch::x86_64::*;

use super::{Ending, Lanes, WeightPairs, WIDTH};

/// Proof that the processor has AVX2.
#[derive(Clone, Copy, Debug)]
pub(in crate::network) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        std::arch::is_x86_feature_detected!("avx2").then_some(Self(()))
    }
}

// SAFETY, of every block below: an `Avx2` exists only where the processor has AVX2, all that the
// instructions ask for; loads and stores are unaligned and as long as the arrays that they are given.
impl Lanes for Avx2 {
    type Sums = [__m256i; 2];
    type Pairs = [__m256i; 2];

    #[inline(always)]
    fn start(self, biases: &[i32; WIDTH]) -> Self::Sums {
        let from = biases.as_ptr().cast::<__m256i>();
        unsafe { [_mm256_loadu_si256(from), _mm256_loadu_si256(from.add(1))] }
    }

    #[inline(always)]
    fn interleaved(self, first: &[i16; WIDTH], second: &[i16; WIDTH]) -> Self::Pairs {
        unsafe {
            let first = _mm256_loadu_si256(first.as_ptr().cast());
            let second = _mm256_loadu_si256(second.as_ptr().cast());
            [_mm256_unpacklo_epi16(first, second), _mm256_unpackhi_epi16(first, second)]
        }
    }

    #[inline(always)]
    fn repeated(self, [first, second]: [i16; 2]) -> Self::Pairs {
        let bits = u32::from(first as u16) | u32::from(second as u16) << 16;
        unsafe { [_mm256_set1_epi32(bits as i32); 2] }
    }

    #[inline(always)]
    fn weights(self, weights: &WeightPairs) -> Self::Pairs {
        let from = weights.as_ptr().cast::<__m256i>();
        unsafe { [_mm256_loadu_si256(from), _mm256_loadu_si256(from.add(1))] }
    }

    #[inline(always)]
    fn add(self, sums: Self::Sums, values: Self::Pairs, weights: Self::Pairs) -> Self::Sums {
        let add = |half: usize| unsafe {
            _mm256_add_epi32(sums[half], _mm256_madd_epi16(values[half], weights[half]))
        };
        [add(0), add(1)]
    }

    #[inline(always)]
    fn end(self, sums: Self::Sums, Ending { factors, limits }: Ending<'_>) -> [i16; WIDTH] {
        let mut outputs = [0; WIDTH];
        unsafe {
            let largest = _mm256_set1_ps(f32::from(limits[1]));
            let whole = |half: usize| {
                let factors = _mm256_loadu_ps(factors.as_ptr().add(half * 8));
                let values = _mm256_mul_ps(_mm256_cvtepi32_ps(sums[half]), factors);
                // A number too small becomes the least of 32 bits, then of 16.
                _mm256_cvtps_epi32(_mm256_min_ps(values, largest))
            };
            let narrow = _mm256_packs_epi32(whole(0), whole(1));
            let held = _mm256_max_epi16(narrow, _mm256_set1_epi16(limits[0]));
            _mm256_storeu_si256(outputs.as_mut_ptr().cast(), held);
        }
        outputs
    }
}
