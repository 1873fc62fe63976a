// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pictures of 24x20 px in every format and coding that an encoder is at hand for.

use std::io::Cursor;

use assay_conformance::synth::codec::{self, Components, Jpeg};
use assay_conformance::synth::{Exif, Picture};
use image::codecs::{png::PngEncoder, webp::WebPEncoder};
use image::{ExtendedColorType, ImageEncoder as _};
use tiff::encoder::colortype::{Gray16, Gray8, CMYK8, RGB8};
use tiff::encoder::{compression::DeflateLevel, Compression, Predictor, TiffEncoder};

use crate::Seeds;

const WIDTH: u32 = 24;
const HEIGHT: u32 = 20;

fn picture() -> Picture {
    Picture::from_fn(WIDTH as usize, HEIGHT as usize, |x, y| {
        [(9 * x) as u8, (11 * y) as u8, (x * y) as u8]
    })
}

pub(crate) fn jpegs() -> Seeds {
    let plain = Jpeg::quality(60);
    let exif = Exif::of_camera("Maker", "M-1", "2024:05:06 07:08:09");
    let kinds = [
        ("plain", plain.clone()),
        ("full-chroma", plain.clone().subsampling(1, 1)),
        ("wide-chroma", plain.clone().subsampling(4, 1)),
        ("progressive", plain.clone().progressive()),
        ("grey", plain.clone().components(Components::Grey)),
        ("inks", plain.clone().components(Components::Cmyk)),
        ("inks-as-luma", plain.clone().components(Components::Ycck).progressive()),
        ("restarts", Jpeg { restart_interval: 1, ..plain.clone() }),
        ("blocks", plain.exif(exif).segment(2, *b"ICC_PROFILE\0\x01\x01profile").progressive()),
    ];
    kinds.map(|(name, kind)| (name, kind.encode(&picture()).unwrap())).into()
}

fn png(color: ExtendedColorType, samples: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(samples, WIDTH, HEIGHT, color).unwrap();
    bytes
}

pub(crate) fn pngs() -> Seeds {
    let samples = |channels: u32| -> Vec<u8> {
        (0..WIDTH * HEIGHT * channels).map(|at| (at * 7) as u8).collect()
    };
    let texts = [("Software", "synth"), ("parameters", "a house\nSteps: 20, Seed: 1")];
    vec![
        ("plain", codec::png(&picture(), &[]).unwrap()),
        ("texts", codec::png(&picture(), &texts).unwrap()),
        ("grey", png(ExtendedColorType::L8, &samples(1))),
        ("wide-grey", png(ExtendedColorType::L16, &samples(2))),
        ("alpha", png(ExtendedColorType::Rgba8, &samples(4))),
        ("wide-alpha", png(ExtendedColorType::La16, &samples(4))),
    ]
}

pub(crate) fn webps() -> Seeds {
    let mut alpha = Vec::new();
    let samples: Vec<u8> = (0..WIDTH * HEIGHT * 4).map(|at| (at * 3) as u8).collect();
    let encoder = WebPEncoder::new_lossless(&mut alpha);
    encoder.write_image(&samples, WIDTH, HEIGHT, ExtendedColorType::Rgba8).unwrap();
    vec![("plain", codec::webp(&picture()).unwrap()), ("alpha", alpha), ("key-frame", lossy())]
}

/// A VP8 key frame of 16x16 px whose data are a run of one byte; what they say does not matter
/// [RFC 6386, 9.1].
fn lossy() -> Vec<u8> {
    let first_part = [0x55; 40];
    // Key frame, version 0, shown, and the length of the first part.
    let tag = (first_part.len() as u32) << 5 | 0x10;
    let frame = [&tag.to_le_bytes()[..3], b"\x9d\x01\x2a\x10\0\x10\0", &first_part, &[0x33; 40]];
    let frame = frame.concat();
    let length = (frame.len() as u32).to_le_bytes();
    let body = [b"WEBPVP8 ", &length[..], &frame].concat();
    [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
}

pub(crate) fn bmps() -> Seeds {
    vec![("plain", codec::bmp(&picture()).unwrap()), ("runs", runs()), ("os2", os2())]
}

/// Eight bits a pixel with run lengths.
fn runs() -> Vec<u8> {
    let palette: Vec<u8> = (0..=255).flat_map(|level| [level, level, 255 - level, 0]).collect();
    let data: Vec<u8> = (0..HEIGHT as u8)
        .flat_map(|y| [12, y * 9, 0, 3, y, 7, 9, 0, 9, y, 0, 0])
        .chain([0, 1])
        .collect();
    bitmap(40, 8, 1, &palette, &data)
}

/// One bit a pixel with the short header.
fn os2() -> Vec<u8> {
    let data: Vec<u8> = (0..HEIGHT).flat_map(|y| [y as u8, 0xaa, 0x55, 0]).collect();
    bitmap(12, 1, 0, &[0, 0, 0, 255, 255, 255], &data)
}

fn bitmap(header: u32, bits: u16, compression: u32, palette: &[u8], data: &[u8]) -> Vec<u8> {
    let start = 14 + header + palette.len() as u32;
    let mut file = b"BM".to_vec();
    for number in [start + data.len() as u32, 0, start, header] {
        file.extend(number.to_le_bytes());
    }
    if header == 12 {
        for number in [WIDTH as u16, HEIGHT as u16, 1, bits] {
            file.extend(number.to_le_bytes());
        }
    } else {
        file.extend([WIDTH.to_le_bytes(), HEIGHT.to_le_bytes()].concat());
        file.extend([1_u16.to_le_bytes(), bits.to_le_bytes()].concat());
        for number in [compression, data.len() as u32, 2835, 2835, 0, 0] {
            file.extend(number.to_le_bytes());
        }
    }
    [&file, palette, data].concat()
}

pub(crate) fn tiffs() -> Seeds {
    let picture = picture();
    let compressed = |compression, predictor| {
        let mut bytes = Vec::new();
        let encoder = TiffEncoder::new(Cursor::new(&mut bytes)).unwrap();
        let mut encoder = encoder.with_compression(compression).with_predictor(predictor);
        let mut image = encoder.new_image::<RGB8>(WIDTH, HEIGHT).unwrap();
        image.rows_per_strip(8).unwrap();
        image.write_data(&picture.rgb).unwrap();
        bytes
    };
    let mut grey = Vec::new();
    let mut encoder = TiffEncoder::new(Cursor::new(&mut grey)).unwrap();
    encoder.write_image::<Gray8>(WIDTH, HEIGHT, &picture.luma()).unwrap();
    let mut wide = Vec::new();
    let samples: Vec<u16> = picture.luma().iter().map(|level| u16::from(*level) * 257).collect();
    let mut encoder = TiffEncoder::new_big(Cursor::new(&mut wide)).unwrap();
    encoder.write_image::<Gray16>(WIDTH, HEIGHT, &samples).unwrap();
    let mut inks = Vec::new();
    let samples: Vec<u8> = (0..WIDTH * HEIGHT * 4).map(|at| (at * 5) as u8).collect();
    let mut encoder = TiffEncoder::new(Cursor::new(&mut inks)).unwrap();
    encoder.write_image::<CMYK8>(WIDTH, HEIGHT, &samples).unwrap();
    let deflate = Compression::Deflate(DeflateLevel::Balanced);
    vec![
        ("plain", codec::tiff(&picture).unwrap()),
        ("lzw", compressed(Compression::Lzw, Predictor::Horizontal)),
        ("deflate", compressed(deflate, Predictor::Horizontal)),
        ("packbits", compressed(Compression::Packbits, Predictor::None)),
        ("grey", grey),
        ("big", wide),
        ("inks", inks),
        ("jpeg-tile", tile(7, 6, &Jpeg::quality(60).encode(&picture).unwrap())),
        ("old-jpeg", tile(6, 6, &Jpeg::quality(60).encode(&picture).unwrap())),
        ("group-4", tile(4, 0, &[0x26, 0xa1, 0xff, 0x5a, 0x93, 0x80, 0x10, 0x01])),
        ("group-3", tile(3, 0, &[0x00, 0x1a, 0x35, 0x4d, 0x00, 0x1a, 0x35, 0x4d])),
        ("subsampled", tile(1, 6, &[0x80; 6 * 12 * 10])),
        ("lab", tile(1, 8, &[0x60; 24 * 20 * 3])),
    ]
}

/// A little-endian file whose picture is one strip of these bytes.
fn tile(compression: u32, photometric: u32, data: &[u8]) -> Vec<u8> {
    let (bits, samples) = if photometric == 0 { (1, 1) } else { (8, 3) };
    let entries = [
        (256, WIDTH),
        (257, HEIGHT),
        (258, bits),
        (259, compression),
        (262, photometric),
        (273, 8),
        (277, samples),
        (278, HEIGHT),
        (279, data.len() as u32),
    ];
    let directory = 8 + data.len().next_multiple_of(2);
    let mut bytes = [b"II*\0", &(directory as u32).to_le_bytes()[..], data].concat();
    bytes.resize(directory, 0);
    bytes.extend((entries.len() as u16).to_le_bytes());
    for (tag, value) in entries {
        bytes.extend([(tag as u16).to_le_bytes(), 4_u16.to_le_bytes()].concat());
        bytes.extend([1_u32.to_le_bytes(), value.to_le_bytes()].concat());
    }
    bytes.extend([0; 4]);
    bytes
}

pub(crate) fn heics() -> Seeds {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../conformance-tests/data/");
    let read = |name: &str| std::fs::read(format!("{folder}{name}")).unwrap();
    vec![("plain", read("ramp.heic")), ("turned", read("ramp-turned.heic"))]
}
