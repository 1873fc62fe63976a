// SPDX-License-Identifier: MIT OR Apache-2.0
//! One loop, compiled twice: for every machine, and for machines with AVX2.
//!
//! A kernel is written once as a plain, safe loop. [`avx2_dispatch!`](crate::avx2_dispatch) makes a
//! function that runs it compiled with AVX2 where the processor has it. AVX2 without FMA rounds
//! every operation as the plain code does, so both give the same bits.

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

#[cfg(test)]
mod tests {
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
}
