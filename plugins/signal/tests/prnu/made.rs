// SPDX-License-Identifier: MIT OR Apache-2.0
//! Patterns and pictures of cameras, from a seed.

use assay_signal::prnu::LumaPlane;
use assay_signal::Samples;

/// A number in `0..1` that depends on its place only (splitmix64).
pub(crate) fn uniform(seed: u64, x: usize, y: usize) -> f64 {
    let key = ((y as u64) << 32) ^ x as u64;
    let mut z = key.wrapping_add(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        z = (z ^ (z >> 30)).wrapping_mul(factor);
    }
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

pub(crate) fn gaussian(seed: u64, x: usize, y: usize) -> f64 {
    let (a, b) = (uniform(2 * seed, x, y), uniform(2 * seed + 1, x, y));
    (-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}

/// White noise of deviation 1.
pub(crate) fn noise(seed: u64, width: usize, height: usize) -> Samples {
    Samples::from_shape_fn((height, width), |(y, x)| gaussian(seed, x, y) as f32)
}

/// Luma of a picture in memory.
pub(crate) struct Luma {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) samples: Vec<u8>,
}

impl Luma {
    pub(crate) fn from_fn(
        width: usize,
        height: usize,
        sample: impl Fn(usize, usize) -> f64,
    ) -> Self {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let samples = places.map(|(x, y)| sample(x, y).round().clamp(0.0, 255.0) as u8).collect();
        Self { width, height, samples }
    }

    /// Shot `shot` of a camera whose photosites differ by 2 %: slow waves, some noise.
    pub(crate) fn shot(camera: u64, shot: u64, width: usize, height: usize) -> Self {
        Self::from_fn(width, height, |x, y| {
            let (u, v) = (x as f64 / 37.0 + shot as f64, y as f64 / 29.0);
            let light = 130.0 + 50.0 * u.sin() * v.cos() + 20.0 * (u + v).cos();
            light * (1.0 + 0.02 * gaussian(camera, x, y)) + 2.0 * gaussian(1_000 + shot, x, y)
        })
    }

    pub(crate) fn plane(&self) -> LumaPlane<'_> {
        LumaPlane::new(self.width, self.height, self.width, &self.samples).unwrap()
    }
}
