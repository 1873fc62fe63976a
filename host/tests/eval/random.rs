// SPDX-License-Identifier: MIT OR Apache-2.0
//! Repeatable numbers: published values, ranges, moments.

use assay::eval::random::Random;

/// First values of SplitMix64 for seed 0, as its authors' C code prints them.
#[test]
fn sequence_is_that_of_splitmix64() {
    let mut random = Random::new(0);
    let first = [random.bits(), random.bits(), random.bits()];
    assert_eq!(first, [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f]);
}

/// FNV-1a, 64 bits, of "a".
#[test]
fn text_gives_its_fnv_seed() {
    let mut expected = Random::new(0xaf63_dc4c_8601_ec8c);
    assert_eq!(Random::of_text("a").bits(), expected.bits());
}

#[test]
fn numbers_keep_their_ranges_and_moments() {
    let mut random = Random::new(7);
    let n = 20_000;
    let normal: Vec<f64> = (0..n).map(|_| random.normal()).collect();
    let mean = normal.iter().sum::<f64>() / f64::from(n);
    let variance = normal.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / f64::from(n);
    assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    let mut seen = [0; 3];
    (0..3000).for_each(|_| seen[random.below(3)] += 1);
    assert!(seen.iter().all(|&count| (850..1150).contains(&count)), "{seen:?}");
    assert!((0..1000).all(|_| (0.5..0.9).contains(&random.within(0.5, 0.9))));
    assert_eq!(random.below(0), 0);
}
