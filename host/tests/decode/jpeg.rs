// SPDX-License-Identifier: MIT OR Apache-2.0
//! JPEG: codings, chroma subsampling, colour models, orientation.

use assay::image::evidence::ImageEvidence;
use assay::image::{DecodeLimits, Format};
use assay_conformance::synth::codec::Jpeg;
use assay_conformance::synth::{Exif, Picture};
use assay_signal::dct;
use assay_signal::jpeg::JpegFile;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::support::{assert_close, decoded, ramp, ramp_rgb, HEIGHT, WIDTH};

fn encoded(
    samples: &[u8],
    color: ColorType,
    adjust: impl Fn(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 95);
    adjust(&mut encoder);
    encoder.encode(samples, WIDTH as u16, HEIGHT as u16, color).unwrap();
    bytes
}

#[test]
fn every_subsampling_is_decoded_sequential_and_progressive() {
    use SamplingFactor::{F_1_1, F_1_2, F_2_1, F_2_2, F_4_1};
    for factor in [F_1_1, F_2_1, F_1_2, F_2_2, F_4_1] {
        for progressive in [false, true] {
            let bytes = encoded(&ramp_rgb(), ColorType::Rgb, |encoder| {
                encoder.set_sampling_factor(factor);
                encoder.set_progressive(progressive);
            });
            let found = decoded(&bytes);
            assert_eq!(found.format, Format::Jpeg);
            assert_close(&found, ramp, 2.5);
        }
    }
}

#[test]
fn grey_becomes_three_equal_channels() {
    let grey: Vec<u8> = ramp_rgb().as_chunks::<3>().0.iter().map(|pixel| pixel[2]).collect();
    let found = decoded(&encoded(&grey, ColorType::Luma, |_| {}));
    assert_eq!((found.channels, found.bit_depth), (1, 8));
    assert!(found.rgb.as_chunks::<3>().0.iter().all(|[r, g, b]| r == g && g == b));
    assert_close(&found, |x, y| [ramp(x, y)[2]; 3], 1.0);
}

#[test]
fn four_inks_are_multiplied_onto_white_paper() {
    let inks: Vec<u8> =
        ramp_rgb().as_chunks::<3>().0.iter().flat_map(|[c, m, y]| [*c, *m, *y, 40]).collect();
    let expected = |x: u32, y: u32| {
        ramp(x, y).map(|ink| ((255 - u32::from(ink)) * (255 - 40)).div_ceil(255) as u8)
    };
    for color in [ColorType::Cmyk, ColorType::CmykAsYcck] {
        let found = decoded(&encoded(&inks, color, |_| {}));
        assert_eq!(found.channels, 4);
        assert_close(&found, expected, 2.0);
    }
}

#[test]
fn orientation_is_told_and_not_applied() {
    let picture =
        Picture::from_fn(WIDTH as usize, HEIGHT as usize, |x, y| ramp(x as u32, y as u32));
    for orientation in 1..=8 {
        let exif = Exif {
            orientation: Some(orientation),
            ..Exif::of_camera("Synthetic", "S-1", "2024:05:06 07:08:09")
        };
        let found = decoded(&Jpeg::quality(95).exif(exif).encode(&picture).unwrap());
        assert_eq!(u16::from(found.orientation), orientation);
        assert!(found.metadata.exif.is_some());
        assert_close(&found, ramp, 2.5);
    }
}

#[test]
fn a_file_cut_in_its_data_shows_what_came_before() {
    let whole = encoded(&ramp_rgb(), ColorType::Rgb, |_| {});
    let found = decoded(&whole[..whole.len() * 2 / 3]);
    assert_eq!((found.width, found.height), (WIDTH, HEIGHT));
    let whole = decoded(&whole);
    let rows = (HEIGHT as usize / 4) * WIDTH as usize * 3;
    assert_eq!(found.rgb[..rows], whole.rgb[..rows]);
}

#[test]
fn coefficients_of_the_file_are_those_that_its_pixels_come_from() {
    let read = |progressive| {
        let bytes = encoded(&ramp_rgb(), ColorType::Rgb, |encoder| {
            encoder.set_sampling_factor(SamplingFactor::F_2_2);
            encoder.set_progressive(progressive);
        });
        ImageEvidence::from_bytes(bytes, &DecodeLimits::default()).unwrap()
    };
    let (image, progressive) = (read(false), read(true));
    let found = image.luma_coefficients().unwrap();
    assert_eq!(progressive.luma_coefficients().unwrap().values(), found.values());
    assert_eq!((found.block_columns, found.block_rows), (WIDTH.div_ceil(8), HEIGHT.div_ceil(8)));

    let tables = JpegFile::parse(image.encoded()).unwrap();
    let steps = tables.luma_dqt().unwrap();
    for (i, block) in found.values().as_chunks::<64>().0.iter().enumerate() {
        let (column, row) = (i as u32 % found.block_columns, i as u32 / found.block_columns);
        let samples =
            dct::inverse(&std::array::from_fn(|k| f32::from(block[k]) * f32::from(steps[k])));
        let inside = (0..64).map(|k| (8 * column + k % 8, 8 * row + k / 8));
        for (sample, (x, y)) in
            samples.iter().zip(inside).filter(|(_, (x, y))| *x < WIDTH && *y < HEIGHT)
        {
            let luma = f32::from(image.luma()[(y * WIDTH + x) as usize]);
            assert!((sample + 128.0 - luma).abs() < 3.0, "({x}, {y}): {sample} and {luma}");
        }
    }
}
