// SPDX-License-Identifier: MIT OR Apache-2.0
//! WebP and BMP.

use assay::image::Format;
use assay_conformance::synth::codec;
use assay_conformance::synth::Picture;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder as _};

use crate::support::{assert_close, decoded, ramp, HEIGHT, WIDTH};

fn picture() -> Picture {
    Picture::from_fn(WIDTH as usize, HEIGHT as usize, |x, y| ramp(x as u32, y as u32))
}

#[test]
fn bmp_rows_are_turned_the_right_way_up() {
    let found = decoded(&codec::bmp(&picture()).unwrap());
    assert_eq!(found.format, Format::Bmp);
    assert_close(&found, ramp, 0.0);
}

#[test]
fn exif_of_webp_is_read_with_and_without_the_identifier_of_jpeg() {
    // One directory with one field: orientation 6.
    let block = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    for identifier in [b"".as_slice(), b"Exif\0\0"] {
        let mut bytes = Vec::new();
        let mut encoder = WebPEncoder::new_lossless(&mut bytes);
        encoder.set_exif_metadata([identifier, block].concat()).unwrap();
        let levels = vec![90; (WIDTH * HEIGHT * 3) as usize];
        encoder.write_image(&levels, WIDTH, HEIGHT, ExtendedColorType::Rgb8).unwrap();
        let found = decoded(&bytes);
        assert_eq!(found.metadata.exif.as_deref(), Some(block.as_slice()));
        assert_eq!(found.orientation, 6);
    }
}

#[test]
fn lossless_webp_is_exact_and_its_alpha_left_out() {
    let found = decoded(&codec::webp(&picture()).unwrap());
    assert_eq!(found.format, Format::Webp);
    assert_close(&found, ramp, 0.0);

    let pixels = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
    let rgba: Vec<u8> =
        pixels.flat_map(|(x, y)| [&ramp(x, y)[..], &[1 + (x % 255) as u8]].concat()).collect();
    let mut bytes = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut bytes);
    encoder.write_image(&rgba, WIDTH, HEIGHT, ExtendedColorType::Rgba8).unwrap();
    let found = decoded(&bytes);
    assert!(found.has_alpha);
    assert_close(&found, ramp, 0.0);
}
