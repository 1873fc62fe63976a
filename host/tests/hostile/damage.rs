// SPDX-License-Identifier: MIT OR Apache-2.0
//! Plain files of every format, cut and with bits turned.
//!
//! The long run is `cargo test -p assay --release --test hostile -- --ignored`.

use assay::image::decode::decode;
use assay::image::DecodeLimits;
use assay_conformance::synth::codec::{self, Components, Jpeg};
use assay_conformance::synth::{Picture, Random};

/// Variants of each file in every run of the suite.
const FEW: u64 = 300;
/// Variants of each file in the long run.
const MANY: u64 = 100_000;

/// Small enough for a decoder to take microseconds.
const LIMITS: DecodeLimits = DecodeLimits {
    max_file_bytes: 1 << 20,
    max_pixels: 1 << 18,
    min_side: 1,
    max_memory_bytes: 64 << 20,
};

fn files() -> Vec<(&'static str, Vec<u8>)> {
    let picture = Picture::from_fn(40, 36, |x, y| [(6 * x) as u8, (7 * y) as u8, (x * y) as u8]);
    let jpeg = Jpeg::quality(80);
    vec![
        ("JPEG", jpeg.clone().encode(&picture).unwrap()),
        ("progressive JPEG", jpeg.clone().progressive().encode(&picture).unwrap()),
        ("JPEG of inks", jpeg.components(Components::Ycck).encode(&picture).unwrap()),
        ("PNG", codec::png(&picture, &[("Software", "synth")]).unwrap()),
        ("WebP", codec::webp(&picture).unwrap()),
        ("BMP", codec::bmp(&picture).unwrap()),
        ("TIFF", codec::tiff(&picture).unwrap()),
        ("HEIC", include_bytes!("../../../conformance-tests/data/ramp.heic").to_vec()),
    ]
}

/// Decodes a damaged file; it must be a picture of consistent size or an error that says something.
fn check(name: &str, bytes: &[u8]) {
    match decode(bytes, &LIMITS) {
        Ok(picture) => {
            let pixels = u64::from(picture.width) * u64::from(picture.height);
            assert!(pixels <= LIMITS.max_pixels, "{name}");
            assert_eq!(picture.rgb.len() as u64, pixels * 3, "{name}");
        }
        Err(error) => {
            let text = error.to_string();
            assert!(!text.is_empty() && !text.contains("its decoder fails"), "{name}: {text}");
        }
    }
}

/// Turns one to eight bits, near each other in every second variant.
fn turned(whole: &[u8], seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut bytes = whole.to_vec();
    let bits = bytes.len() * 8;
    let first = random.below(bits);
    for _ in 0..=random.below(8) {
        let far = if seed.is_multiple_of(2) { random.below(bits) } else { random.below(256) };
        let at = (first + far) % bits;
        bytes[at / 8] ^= 1 << (at % 8);
    }
    bytes
}

fn turn_bits(count: u64) {
    for (name, whole) in files() {
        for seed in 0..count {
            check(&format!("{name}, seed {seed}"), &turned(&whole, seed));
        }
    }
}

#[test]
fn a_file_cut_at_every_hundredth_of_its_length_is_answered() {
    for (name, whole) in files() {
        for hundredth in 0..100 {
            check(&format!("{name} cut at {hundredth} %"), &whole[..whole.len() * hundredth / 100]);
        }
    }
}

#[test]
fn a_file_with_bits_turned_is_answered() {
    turn_bits(FEW);
}

#[test]
#[ignore = "a hundred thousand variants of each format take minutes"]
fn a_file_with_bits_turned_is_answered_a_hundred_thousand_times() {
    turn_bits(MANY);
}
