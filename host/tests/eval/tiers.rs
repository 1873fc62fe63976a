// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tiers: the same file gives the same degraded file, of the size and quality that the tier says.

use std::io::Cursor;

use assay::eval::tiers::{Tier, TierError};
use assay::image::evidence::ImageEvidence;
use assay::image::{DecodeLimits, Format};
use image::{ImageFormat, Rgb, RgbImage};

const DEGRADING: [Tier; 5] = [Tier::Q90, Tier::Q75, Tier::Web, Tier::Hard, Tier::Lowpass];

/// A fine pattern over a slope.
fn scene(width: u32, height: u32) -> Vec<u8> {
    let pixel = |x: u32, y: u32| Rgb([(x % 200) as u8, ((x ^ y) % 256) as u8, (y % 200) as u8]);
    let picture = RgbImage::from_fn(width, height, pixel);
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
    bytes
}

fn degraded(tier: Tier, bytes: &[u8], sha256: &str) -> Vec<u8> {
    tier.apply(bytes, sha256, &DecodeLimits::default()).unwrap()
}

fn read(bytes: Vec<u8>) -> ImageEvidence {
    ImageEvidence::from_bytes(bytes, &DecodeLimits::default()).unwrap()
}

#[test]
fn clean_is_the_file_itself() {
    let bytes = scene(120, 120);
    assert_eq!(degraded(Tier::Clean, &bytes, "ab"), bytes);
}

#[test]
fn digest_alone_decides_what_is_chosen() {
    let bytes = scene(300, 240);
    for tier in DEGRADING {
        let once = degraded(tier, &bytes, "ab");
        assert_eq!(degraded(tier, &bytes, "ab"), once, "{tier:?}");
        if tier != Tier::Web {
            assert_ne!(degraded(tier, &bytes, "cd"), once, "{tier:?}");
        }
    }
}

#[test]
fn every_tier_is_a_jpeg_of_its_quality() {
    let quality = |tier| {
        let image = read(degraded(tier, &scene(300, 240), "ab"));
        assert_eq!(image.format(), Format::Jpeg);
        assert_eq!(image.jpeg_subsampling(), Some("4:2:0"), "{tier:?}");
        image.jpeg_quality().unwrap()
    };
    assert_eq!(quality(Tier::Q90), 90);
    assert_eq!(quality(Tier::Q75), 75);
    assert_eq!(quality(Tier::Web), 80);
    assert_eq!(quality(Tier::Lowpass), 90);
    assert!((60..=80).contains(&quality(Tier::Hard)));
}

#[test]
fn sizes_are_those_that_the_tier_says() {
    let size = |tier, width, height| {
        let image = read(degraded(tier, &scene(width, height), "ab"));
        (image.width(), image.height())
    };
    let (width, height) = size(Tier::Q90, 300, 240);
    assert!((293..=300).contains(&width) && (233..=240).contains(&height));
    assert_eq!(size(Tier::Web, 2000, 500), (1600, 400));
    assert_eq!(size(Tier::Web, 800, 500), (800, 500));
    let (width, _) = size(Tier::Hard, 300, 240);
    assert!((142..=270).contains(&width));
}

#[test]
fn lowpass_keeps_the_slope_and_loses_the_pattern() {
    // Columns in turn black and white: their mean everywhere is grey.
    let stripes = RgbImage::from_fn(256, 256, |x, _| Rgb([if x % 2 == 0 { 0 } else { 255 }; 3]));
    let mut bytes = Vec::new();
    stripes.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
    let image = read(degraded(Tier::Lowpass, &bytes, "ab"));
    assert!(image.rgb().iter().all(|&sample| sample.abs_diff(127) < 6));
}

#[test]
fn damaged_file_is_an_error() {
    let damaged = b"\x89PNG\r\n\x1a\nnothing";
    let error = Tier::Q90.apply(damaged, "ab", &DecodeLimits::default()).unwrap_err();
    assert!(matches!(error, TierError::Decode(_)), "{error}");
}
