// SPDX-License-Identifier: MIT OR Apache-2.0
//! PNG: colour types, depths, palettes, interlacing, animation; written chunk by chunk.

use std::io::Write as _;

use assay::image::Format;
use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

use crate::support::{assert_close, decoded, ramp, HEIGHT, WIDTH};

const GREY: u8 = 0;
const RGB: u8 = 2;
const PALETTE: u8 = 3;
const GREY_ALPHA: u8 = 4;
const RGBA: u8 = 6;

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(name);
    crc.update(data);
    let length = (data.len() as u32).to_be_bytes();
    [&length[..], name, data, &crc.sum().to_be_bytes()].concat()
}

fn header(depth: u8, color: u8, interlaced: bool) -> Vec<u8> {
    let size = [WIDTH.to_be_bytes(), HEIGHT.to_be_bytes()].concat();
    chunk(b"IHDR", &[&size[..], &[depth, color, 0, 0, u8::from(interlaced)]].concat())
}

fn compressed(rows: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(rows).unwrap();
    encoder.finish().unwrap()
}

/// A file whose pixel `(x, y)` is the bytes of `pixel`; `between` are chunks before the data.
fn png(
    depth: u8,
    color: u8,
    between: &[u8],
    interlaced: bool,
    pixel: impl Fn(u32, u32) -> Vec<u8>,
) -> Vec<u8> {
    // Adam7: first column and row of each pass, and the steps.
    let passes: &[[u32; 4]] = if interlaced {
        &[
            [0, 0, 8, 8],
            [4, 0, 8, 8],
            [0, 4, 4, 8],
            [2, 0, 4, 4],
            [0, 2, 2, 4],
            [1, 0, 2, 2],
            [0, 1, 1, 2],
        ]
    } else {
        &[[0, 0, 1, 1]]
    };
    let mut rows = Vec::new();
    for &[left, top, across, down] in passes {
        for y in (top..HEIGHT).step_by(down as usize) {
            rows.push(0);
            rows.extend((left..WIDTH).step_by(across as usize).flat_map(|x| pixel(x, y)));
        }
    }
    let data = chunk(b"IDAT", &compressed(&rows));
    let start = b"\x89PNG\r\n\x1a\n";
    [&start[..], &header(depth, color, interlaced), between, &data, &chunk(b"IEND", &[])].concat()
}

fn wide(samples: &[u8]) -> Vec<u8> {
    // 16 bits: v * 257 is v exactly.
    samples.iter().flat_map(|&v| [v, v]).collect()
}

#[test]
fn every_colour_type_and_depth_gives_its_pixels() {
    let grey = |x: u32, y: u32| [ramp(x, y)[2]; 3];
    let alpha = |x: u32, y: u32| [&ramp(x, y)[..], &[x as u8]].concat();
    for interlaced in [false, true] {
        let of = |depth, color, pixel: &dyn Fn(u32, u32) -> Vec<u8>| {
            decoded(&png(depth, color, &[], interlaced, pixel))
        };
        assert_close(&of(8, GREY, &|x, y| vec![ramp(x, y)[2]]), grey, 0.0);
        assert_close(&of(16, GREY, &|x, y| wide(&ramp(x, y)[2..])), grey, 0.0);
        assert_close(&of(8, GREY_ALPHA, &|x, y| vec![ramp(x, y)[2], 7]), grey, 0.0);
        assert_close(&of(8, RGB, &|x, y| ramp(x, y).to_vec()), ramp, 0.0);
        assert_close(&of(16, RGB, &|x, y| wide(&ramp(x, y))), ramp, 0.0);
        // Alpha is left out, not blended with anything.
        let found = of(8, RGBA, &alpha);
        assert_close(&found, ramp, 0.0);
        assert!(found.has_alpha && found.channels == 4);
        let found = of(16, RGBA, &|x, y| wide(&alpha(x, y)));
        assert_close(&found, ramp, 0.0);
        assert_eq!(found.bit_depth, 16);
    }
}

#[test]
fn palettes_and_their_transparency_are_looked_up() {
    let colors: Vec<u8> = (0..=255).flat_map(|i| [i, 255 - i, i / 2]).collect();
    let between = [chunk(b"PLTE", &colors), chunk(b"tRNS", &[0, 128])].concat();
    let found = decoded(&png(8, PALETTE, &between, false, |x, y| vec![(x + y) as u8]));
    assert_eq!(found.format, Format::Png);
    assert_close(&found, |x, y| [(x + y) as u8, 255 - (x + y) as u8, (x + y) as u8 / 2], 0.0);
}

#[test]
fn an_animation_gives_its_first_frame() {
    let control = chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let frame = |number: u32| {
        let size =
            [number.to_be_bytes(), WIDTH.to_be_bytes(), HEIGHT.to_be_bytes(), [0; 4], [0; 4]];
        chunk(b"fcTL", &[&size.concat()[..], &[0, 1, 0, 10, 0, 0]].concat())
    };
    let first = [control, frame(0)].concat();
    let mut bytes = png(8, RGB, &first, false, |x, y| ramp(x, y).to_vec());
    let end = bytes.split_off(bytes.len() - 12);
    let black = vec![0; (HEIGHT * (3 * WIDTH + 1)) as usize];
    let second = [&2_u32.to_be_bytes()[..], &compressed(&black)].concat();
    let bytes = [bytes, frame(1), chunk(b"fdAT", &second), end].concat();
    assert_close(&decoded(&bytes), ramp, 0.0);
}
