// SPDX-License-Identifier: MIT OR Apache-2.0
//! Noise that is the same in every run.

/// A number in `-1..1` that depends on its place only (splitmix64).
pub(crate) fn noise(seed: u64, x: u32, y: u32) -> f64 {
    let mut z =
        (u64::from(y) << 32 | u64::from(x)).wrapping_add(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        z = (z ^ (z >> 30)).wrapping_mul(factor);
    }
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}
