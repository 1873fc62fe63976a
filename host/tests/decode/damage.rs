// SPDX-License-Identifier: MIT OR Apache-2.0
//! Limits, damage and determinism, for every format.

use assay::image::decode::decode;
use assay::image::{DecodeError, DecodeLimits};
use assay_conformance::synth::codec::{self, Jpeg};
use assay_conformance::synth::Picture;
use proptest::prelude::*;

use crate::support::ramp;

fn picture(width: usize, height: usize) -> Picture {
    Picture::from_fn(width, height, |x, y| ramp(x as u32, y as u32))
}

/// One file of each format.
fn files(width: usize, height: usize) -> Vec<Vec<u8>> {
    let picture = picture(width, height);
    vec![
        Jpeg::quality(90).encode(&picture).unwrap(),
        Jpeg::quality(90).progressive().encode(&picture).unwrap(),
        codec::png(&picture, &[]).unwrap(),
        codec::webp(&picture).unwrap(),
        codec::bmp(&picture).unwrap(),
        codec::tiff(&picture).unwrap(),
    ]
}

fn all() -> Vec<Vec<u8>> {
    [files(123, 109), vec![include_bytes!("../../../conformance-tests/data/ramp.heic").to_vec()]]
        .concat()
}

#[test]
fn the_same_file_gives_the_same_pixels() {
    let limits = DecodeLimits::default();
    for bytes in all() {
        assert_eq!(decode(&bytes, &limits).unwrap(), decode(&bytes, &limits).unwrap());
    }
}

#[test]
fn limits_hold_for_every_format() {
    let error = |bytes: &[u8], limits: DecodeLimits| decode(bytes, &limits).unwrap_err();
    let usual = DecodeLimits::default();
    for bytes in all() {
        let few = DecodeLimits { max_pixels: 10_000, ..usual };
        assert!(matches!(error(&bytes, few), DecodeError::TooManyPixels { limit: 10_000, .. }));
        let large = DecodeLimits { min_side: 120, ..usual };
        assert!(matches!(error(&bytes, large), DecodeError::TooSmall { min_side: 120, .. }));
        let short = DecodeLimits { max_file_bytes: 100, ..usual };
        assert!(matches!(error(&bytes, short), DecodeError::FileTooLarge { .. }));
    }
    for bytes in files(99, 300) {
        assert_eq!(error(&bytes, usual).code(), "IMAGE_TOO_SMALL");
    }
    assert_eq!(error(&[], usual), DecodeError::Empty);
}

#[test]
fn a_size_in_a_header_allocates_nothing() {
    // Each states 60,000 x 60,000 px; 10.8 GB would be needed for its pixels.
    const SIDE: u32 = 60_000;
    let [low, high] = [SIDE as u8, (SIDE >> 8) as u8];
    let mut jpeg = files(123, 109).swap_remove(0);
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[high, low, high, low]);
    let mut bmp = codec::bmp(&picture(123, 109)).unwrap();
    bmp[18..26].copy_from_slice(&[SIDE.to_le_bytes(), SIDE.to_le_bytes()].concat());
    for bytes in [jpeg, bmp] {
        let error = decode(&bytes, &DecodeLimits::default()).unwrap_err();
        assert_eq!(error.code(), "FILE_SIZE_EXCEEDED", "{error}");
        assert!(error.to_string().contains("60000x60000"), "{error}");
    }
}

#[test]
fn a_file_cut_anywhere_is_an_error_or_a_picture_of_the_right_size() {
    let whole = all();
    let limits = DecodeLimits::default();
    for bytes in whole {
        for length in (0..bytes.len()).step_by(bytes.len() / 60 + 1) {
            match decode(&bytes[..length], &limits) {
                Ok(picture) => assert!(picture.width >= 123 && picture.height >= 104),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damaged_bytes_never_panic(
        file in 0_usize..7,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = all().swap_remove(file);
        for (place, value) in damage {
            let length = bytes.len();
            bytes[place.index(length)] = value;
        }
        if let Ok(picture) = decode(&bytes, &DecodeLimits::default()) {
            prop_assert_eq!(picture.rgb.len() as u64, u64::from(picture.width) * u64::from(picture.height) * 3);
        }
    }
}
