// SPDX-License-Identifier: MIT OR Apache-2.0
//! One loop, compiled twice: for every machine, and for machines with AVX2 or AVX2 and FMA.
//!
//! A kernel is written once as a plain, safe loop. [`avx2_dispatch!`](crate::avx2_dispatch) makes a
//! function that runs it compiled with AVX2 where the processor has it. AVX2 without FMA rounds
//! every operation as the plain code does, so both give the same bits.
//!
//! A kernel of [`fma_dispatch!`](crate::fma_dispatch) multiplies and adds with [`multiply_add`], which
//! rounds once where the processor has FMA and twice where it has not: there the bits differ, and who
//! uses it says by how much.

/// Defines `fn name(arguments)` that runs `kernel(arguments)` compiled for AVX2 where the processor
/// has it, and compiled portably elsewhere. The kernel must be `#[inline(always)]`.
#[macro_export]
macro_rules! avx2_dispatch {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?)
        = $kernel:path) => {
        $(#[$attribute])*
        $visibility fn $name($($argument: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn with_avx2($($argument: $type),*) {
                    $kernel($($argument),*);
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the body is safe code; the only requirement of the call is that the
                    // processor has AVX2, which was just tested.
                    #[allow(unsafe_code)]
                    unsafe {
                        with_avx2($($argument),*);
                    }
                    return;
                }
            }
            $kernel($($argument),*);
        }
    };
}

/// Proof that the processor has AVX2 and FMA.
#[derive(Clone, Copy, Debug)]
pub struct Fma(());

impl Fma {
    /// `None` where the processor lacks one of them or is no x86-64.
    #[must_use]
    pub fn detect() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected;
            let has_both = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            has_both.then_some(Self(()))
        }
        #[cfg(not(target_arch = "x86_64"))]
        None
    }
}

/// `a * b + c`, rounded once if `FUSED`, which is slow unless compiled for a processor with FMA.
#[inline(always)]
#[must_use]
pub fn multiply_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED {
        a.mul_add(b, c)
    } else {
        a * b + c
    }
}

/// Defines `fn name(fma: Option<Fma>, arguments)` that runs `kernel::<true>(arguments)` compiled for
/// AVX2 and FMA given the proof, and `kernel::<false>(arguments)` compiled portably without. The
/// kernel must be `#[inline(always)]`; its parameter says whether [`multiply_add`] fuses.
#[macro_export]
macro_rules! fma_dispatch {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?)
        = $kernel:ident) => {
        $(#[$attribute])*
        $visibility fn $name(fma: Option<$crate::simd::Fma>, $($argument: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn with_fma($($argument: $type),*) {
                    $kernel::<true>($($argument),*);
                }
                if fma.is_some() {
                    // SAFETY: the body is safe code; the only requirement of the call is that the
                    // processor has AVX2 and FMA, and an `Fma` exists only where it has.
                    #[allow(unsafe_code)]
                    unsafe {
                        with_fma($($argument),*);
                    }
                    return;
                }
            }
            #[cfg(not(target_arch = "x86_64"))]
            let _ = fma;
            $kernel::<false>($($argument),*);
        }
    };
}

#[cfg(test)]
mod tests {
    use super::{multiply_add, Fma};

    #[inline(always)]
    fn scale(input: &[f32], output: &mut [f32]) {
        for (input, output) in input.iter().zip(output) {
            *output = *input * 1.1 + 0.3;
        }
    }

    avx2_dispatch! { fn scale_fast(input: &[f32], output: &mut [f32]) = scale }

    #[test]
    fn both_compilations_give_the_same_bits() {
        let input: Vec<f32> = (0..1003).map(|i| (i * i % 257) as f32 / 3.0).collect();
        let (mut plain, mut fast) = (vec![0.0; 1003], vec![0.0; 1003]);
        scale(&input, &mut plain);
        scale_fast(&input, &mut fast);
        let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&plain), bits(&fast));
    }

    #[inline(always)]
    fn polynomial<const FUSED: bool>(input: &[f32], output: &mut [f32]) {
        for (&input, output) in input.iter().zip(output) {
            *output = multiply_add::<FUSED>(input, input, *output);
        }
    }

    fma_dispatch! { fn polynomial_fast(input: &[f32], output: &mut [f32]) = polynomial }

    #[test]
    fn fusing_rounds_once_and_not_fusing_twice() {
        // (1 + 2^-12)^2 - 1 = 2^-11 + 2^-24; the square alone rounds to 1 + 2^-11.
        let input = [1.0 + 2.0_f32.powi(-12); 9];
        let run = |fma| {
            let mut output = [-1.0; 9];
            polynomial_fast(fma, &input, &mut output);
            output
        };
        assert_eq!(run(None), [2.0_f32.powi(-11); 9]);
        if let Some(fma) = Fma::detect() {
            assert_eq!(run(Some(fma)), [2.0_f32.powi(-11) + 2.0_f32.powi(-24); 9]);
        }
    }
}
