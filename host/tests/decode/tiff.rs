// SPDX-License-Identifier: MIT OR Apache-2.0
//! TIFF: strips and tiles, compressions, depths, inks.

use std::io::Cursor;

use assay::image::Format;
use jpeg_encoder::{ColorType, Encoder};
use tiff::encoder::colortype::{Gray16, Gray8, CMYK8, RGB16, RGB8};
use tiff::encoder::{compression::DeflateLevel, Compression, Predictor, TiffEncoder};

use crate::support::{assert_close, decoded, ramp, ramp_rgb, HEIGHT, WIDTH};

fn encoder(bytes: &mut Vec<u8>) -> TiffEncoder<Cursor<&mut Vec<u8>>> {
    TiffEncoder::new(Cursor::new(bytes)).unwrap()
}

#[test]
fn strips_of_every_compression_are_exact() {
    let compressions = [
        Compression::Uncompressed,
        Compression::Lzw,
        Compression::Deflate(DeflateLevel::Balanced),
        Compression::Packbits,
    ];
    for compression in compressions {
        for predictor in [Predictor::None, Predictor::Horizontal] {
            let mut bytes = Vec::new();
            let mut encoder = encoder(&mut bytes).with_compression(compression);
            if compression != Compression::Packbits && compression != Compression::Uncompressed {
                encoder = encoder.with_predictor(predictor);
            }
            let mut image = encoder.new_image::<RGB8>(WIDTH, HEIGHT).unwrap();
            image.rows_per_strip(10).unwrap();
            image.write_data(&ramp_rgb()).unwrap();
            let found = decoded(&bytes);
            assert_eq!(found.format, Format::Tiff);
            assert_close(&found, ramp, 0.0);
        }
    }
}

#[test]
fn sixteen_bits_grey_and_inks_follow_the_rules_for_samples() {
    let wide: Vec<u16> = ramp_rgb().iter().map(|&v| u16::from(v) * 257).collect();
    let mut bytes = Vec::new();
    encoder(&mut bytes).write_image::<RGB16>(WIDTH, HEIGHT, &wide).unwrap();
    let found = decoded(&bytes);
    assert_eq!(found.bit_depth, 16);
    assert_close(&found, ramp, 0.0);

    let grey: Vec<u8> = ramp_rgb().as_chunks::<3>().0.iter().map(|pixel| pixel[2]).collect();
    let of_grey = |x: u32, y: u32| [ramp(x, y)[2]; 3];
    let mut bytes = Vec::new();
    encoder(&mut bytes).write_image::<Gray8>(WIDTH, HEIGHT, &grey).unwrap();
    assert_close(&decoded(&bytes), of_grey, 0.0);
    let mut bytes = Vec::new();
    let wide: Vec<u16> = grey.iter().map(|&v| u16::from(v) * 257).collect();
    encoder(&mut bytes).write_image::<Gray16>(WIDTH, HEIGHT, &wide).unwrap();
    assert_close(&decoded(&bytes), of_grey, 0.0);

    let inks: Vec<u8> =
        ramp_rgb().as_chunks::<3>().0.iter().flat_map(|[c, m, y]| [*c, *m, *y, 0]).collect();
    let mut bytes = Vec::new();
    encoder(&mut bytes).write_image::<CMYK8>(WIDTH, HEIGHT, &inks).unwrap();
    assert_close(&decoded(&bytes), |x, y| ramp(x, y).map(|ink| 255 - ink), 0.0);
}

/// A little-endian file with one directory of these entries `(tag, values)`, values of 32 bits, and
/// data at offset 8.
fn file(data: &[u8], entries: &[(u16, Vec<u32>)]) -> Vec<u8> {
    let directory = 8 + data.len().next_multiple_of(2);
    let mut rest = directory + 2 + 12 * entries.len() + 4;
    let mut bytes = [b"II*\0", &(directory as u32).to_le_bytes()[..], data].concat();
    bytes.resize(directory, 0);
    bytes.extend((entries.len() as u16).to_le_bytes());
    let mut outside = Vec::new();
    for (tag, values) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(4_u16.to_le_bytes());
        bytes.extend((values.len() as u32).to_le_bytes());
        let written: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        if values.len() == 1 {
            bytes.extend(written);
        } else {
            bytes.extend((rest as u32).to_le_bytes());
            rest += written.len();
            outside.extend(written);
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(outside);
    bytes
}

const TILE: u32 = 48;

/// A tiled file: `tile` codes the pixels of the tile at a column and row of tiles.
fn tiled(compression: u32, photometric: u32, tile: impl Fn(u32, u32) -> Vec<u8>) -> Vec<u8> {
    let (across, down) = (WIDTH.div_ceil(TILE), HEIGHT.div_ceil(TILE));
    let tiles: Vec<Vec<u8>> = (0..down)
        .flat_map(|row| (0..across).map(move |column| (column, row)))
        .map(|(c, r)| tile(c, r))
        .collect();
    let mut offset = 8;
    let offsets: Vec<u32> =
        tiles.iter().map(|tile| (offset, offset += tile.len() as u32).0).collect();
    let lengths: Vec<u32> = tiles.iter().map(|tile| tile.len() as u32).collect();
    let entries = [
        (256, vec![WIDTH]),
        (257, vec![HEIGHT]),
        (258, vec![8, 8, 8]),
        (259, vec![compression]),
        (262, vec![photometric]),
        (277, vec![3]),
        (322, vec![TILE]),
        (323, vec![TILE]),
        (324, offsets),
        (325, lengths),
    ];
    file(&tiles.concat(), &entries)
}

/// The pixels of a tile, those outside the picture as the nearest inside.
fn tile_rgb(column: u32, row: u32) -> Vec<u8> {
    let inside = |at: u32, most: u32| at.min(most - 1);
    let rows = row * TILE..(row + 1) * TILE;
    let columns = move || column * TILE..(column + 1) * TILE;
    rows.flat_map(|y| columns().flat_map(move |x| ramp(inside(x, WIDTH), inside(y, HEIGHT))))
        .collect()
}

#[test]
fn tiles_are_put_together_and_cut_at_the_edge() {
    assert_close(&decoded(&tiled(1, 2, tile_rgb)), ramp, 0.0);
}

#[test]
fn tiles_may_be_jpegs() {
    let jpeg = |column, row| {
        let mut bytes = Vec::new();
        let encoder = Encoder::new(&mut bytes, 97);
        encoder.encode(&tile_rgb(column, row), TILE as u16, TILE as u16, ColorType::Rgb).unwrap();
        bytes
    };
    const YCBCR: u32 = 6;
    assert_close(&decoded(&tiled(7, YCBCR, jpeg)), ramp, 2.5);
}
