// SPDX-License-Identifier: MIT OR Apache-2.0
//! The fast DCT against the definition.

use assay_signal::dct::{forward, inverse, scaled_8, SCALE};
use proptest::prelude::*;

/// ITU-T T.81, A.3.3.
fn naive(samples: &[f32; 64]) -> [f32; 64] {
    let norm = |k: usize| if k == 0 { 0.5_f64.sqrt() } else { 1.0 };
    let wave = |n: usize, k: usize| (((2 * n + 1) * k) as f64 * std::f64::consts::PI / 16.0).cos();
    std::array::from_fn(|i| {
        let (v, u) = (i / 8, i % 8);
        let sum: f64 =
            (0..64).map(|s| f64::from(samples[s]) * wave(s % 8, u) * wave(s / 8, v)).sum();
        (0.25 * norm(u) * norm(v) * sum) as f32
    })
}

fn block() -> impl Strategy<Value = [f32; 64]> {
    prop::collection::vec(0_u8..=255, 64)
        .prop_map(|bytes| std::array::from_fn(|i| f32::from(bytes[i])))
}

#[test]
fn a_flat_block_has_only_a_dc_of_eight_times_its_value() {
    let coefficients = forward(&[100.0; 64]);
    assert!((coefficients[0] - 800.0).abs() < 1e-3);
    assert!(coefficients[1..].iter().all(|c| c.abs() < 1e-4), "{coefficients:?}");
}

#[test]
fn one_coefficient_gives_its_cosine() {
    let mut coefficients = [0.0; 64];
    coefficients[8 * 2 + 3] = 10.0;
    let samples = inverse(&coefficients);
    let wave = |n: f64, k: f64| ((2.0 * n + 1.0) * k * std::f64::consts::PI / 16.0).cos();
    for (i, sample) in samples.iter().enumerate() {
        let wanted = 2.5 * wave((i % 8) as f64, 3.0) * wave((i / 8) as f64, 2.0);
        assert!((f64::from(*sample) - wanted).abs() < 1e-5, "sample {i}: {sample} not {wanted}");
    }
}

#[test]
fn scales_are_those_of_the_definition() {
    for (k, scale) in SCALE.iter().enumerate() {
        let wanted = if k == 0 {
            8_f64.sqrt()
        } else {
            4.0 * (k as f64 * std::f64::consts::PI / 16.0).cos()
        };
        assert!((f64::from(*scale) - wanted).abs() < 1e-6, "{k}");
    }
    assert_eq!(scaled_8([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])[0], 36.0);
}

proptest! {
    #[test]
    fn the_fast_transform_equals_the_definition(block in block()) {
        for (fast, slow) in forward(&block).iter().zip(naive(&block)) {
            prop_assert!((fast - slow).abs() < 1e-3, "{} not {}", fast, slow);
        }
    }

    #[test]
    fn the_inverse_undoes_the_transform_and_energy_is_kept(block in block()) {
        let coefficients = forward(&block);
        for (back, sample) in inverse(&coefficients).iter().zip(block) {
            prop_assert!((back - sample).abs() < 1e-3);
        }
        let energy = |values: &[f32; 64]| values.iter().map(|v| f64::from(v * v)).sum::<f64>();
        prop_assert!((energy(&coefficients) / energy(&block).max(1.0) - 1.0).abs() < 1e-5
            || energy(&block) == 0.0);
    }
}
