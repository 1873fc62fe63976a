// SPDX-License-Identifier: MIT OR Apache-2.0
//! The decoder's revision is raised when its pixels change.

use assay::image::decode::REVISION;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use sha2::{Digest, Sha256};

use crate::support::{decoded, HEIGHT, WIDTH};

/// SHA-256 of the pixels of all lossy files below, in their order, at [`REVISION`].
const PIXELS: (u32, &str) = (1, "2f4524ff1081190ff0bf44c0c901967a159bba1ae52e3fa877c2840e431e9776");

/// Slopes and edges, in which every frequency of a block has a part.
fn busy(samples: u32) -> Vec<u8> {
    (0..samples)
        .map(|at| (at / 5 % 256) as u8 ^ if (at % 1009) * (at % 1009) % 97 < 40 { 60 } else { 0 })
        .collect()
}

#[test]
fn pixels_of_a_revision_stay() {
    use SamplingFactor::{F_1_1, F_2_1, F_2_2};
    let mut digest = Sha256::new();
    let colors: [(_, _, &[_]); 2] =
        [(ColorType::Rgb, 3, &[F_1_1, F_2_1, F_2_2]), (ColorType::Cmyk, 4, &[F_1_1])];
    for (color, channels, factors) in colors {
        let samples = busy(WIDTH * HEIGHT * channels);
        for &factor in factors {
            for is_progressive in [false, true] {
                let mut bytes = Vec::new();
                let mut encoder = Encoder::new(&mut bytes, 75);
                encoder.set_sampling_factor(factor);
                encoder.set_progressive(is_progressive);
                encoder.encode(&samples, WIDTH as u16, HEIGHT as u16, color).unwrap();
                digest.update(decoded(&bytes).rgb);
            }
        }
    }
    let found: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((REVISION, found.as_str()), PIXELS, "other pixels: raise REVISION, then pin them");
}
