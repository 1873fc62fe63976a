// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pictures whose pixels are known, and how far a decoded one is from them.

use assay::image::decode::{decode, Decoded};
use assay::image::DecodeLimits;

/// Columns and rows of the ramp, px; neither is a multiple of 8.
pub(crate) const WIDTH: u32 = 123;
pub(crate) const HEIGHT: u32 = 109;

/// Red grows to the right, green downwards, blue along both.
pub(crate) fn ramp(x: u32, y: u32) -> [u8; 3] {
    [(2 * x) as u8, (2 * y) as u8, (x + y) as u8]
}

/// The ramp's samples.
pub(crate) fn ramp_rgb() -> Vec<u8> {
    (0..HEIGHT).flat_map(|y| (0..WIDTH).flat_map(move |x| ramp(x, y))).collect()
}

pub(crate) fn decoded(bytes: &[u8]) -> Decoded {
    decode(bytes, &DecodeLimits::default()).unwrap()
}

/// Checks size and pixels against an expected picture; `most` is the largest mean difference.
pub(crate) fn assert_close(found: &Decoded, expected: impl Fn(u32, u32) -> [u8; 3], most: f64) {
    assert_eq!((found.width, found.height), (WIDTH, HEIGHT));
    assert_eq!(found.rgb.len() as u32, WIDTH * HEIGHT * 3);
    let mut sum = 0.0;
    for (i, pixel) in found.rgb.as_chunks::<3>().0.iter().enumerate() {
        let expected = expected(i as u32 % WIDTH, i as u32 / WIDTH);
        sum += pixel.iter().zip(expected).map(|(a, b)| f64::from(a.abs_diff(b))).sum::<f64>();
    }
    let mean = sum / found.rgb.len() as f64;
    assert!(mean <= most, "mean difference {mean}, at most {most} is expected");
}
