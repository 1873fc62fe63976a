// SPDX-License-Identifier: MIT OR Apache-2.0
//! Noise that depends on its place only.

/// A number in `0..1` that depends on its place only (splitmix64).
pub(crate) fn uniform(seed: u64, x: u32, y: u32) -> f64 {
    let key = (u64::from(y) << 32) | u64::from(x);
    let mut z = key.wrapping_add(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        z = (z ^ (z >> 30)).wrapping_mul(factor);
    }
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Noise of standard deviation 5.8 around grey.
pub(crate) fn noise(seed: u64, x: u32, y: u32) -> f64 {
    128.0 + 20.0 * (uniform(seed, x, y) - 0.5)
}

pub(crate) fn byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}
