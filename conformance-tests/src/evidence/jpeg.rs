// SPDX-License-Identifier: MIT OR Apache-2.0
//! The evidence of a JPEG file made here: tables and facts from the file, coefficients computed
//! from its pixels.

use std::f32::consts::PI;

use assay_plugin_api::evidence::keys;
use assay_plugin_api::report::Value;

use super::{Blocks, Given};
use crate::synth::codec::{decode, CodecError, Jpeg};
use crate::synth::{Camera, Exif, Picture, Scene};

/// Natural (row-major) position of each entry of a table in the file's zigzag order
/// [ITU-T T.81, figure 5].
const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Define-quantisation-table marker and start of scan [ITU-T T.81, table B.1].
const DQT: u8 = 0xdb;
const SOS: u8 = 0xda;

/// The evidence of a photo of 384x288 px, saved once at quality 90 with a camera's EXIF.
///
/// # Errors
/// When the file cannot be made.
pub fn of_photo(seed: u64) -> Result<Given, CodecError> {
    let exif = Exif::of_camera("Synthetic", "S-1", "2024:05:06 07:08:09");
    of_picture(&photo(seed, 384, 288), &Jpeg::quality(90).exif(exif))
}

/// A photo of the synthetic camera.
#[must_use]
pub fn photo(seed: u64, width: usize, height: usize) -> Picture {
    Camera::with_body(1).shoot(&Scene::new(seed).light(width, height), seed)
}

/// The evidence of `picture` saved by `jpeg`.
///
/// # Errors
/// When the file cannot be made.
pub fn of_picture(picture: &Picture, jpeg: &Jpeg) -> Result<Given, CodecError> {
    let file = jpeg.encode(picture)?;
    let stored = decode(&file)?;
    let mut given = Given::of_picture(&stored);
    let tables = quantisation_tables(&file);
    let subsampling = match jpeg.subsampling {
        (1, 1) => "4:4:4",
        (2, 1) => "4:2:2",
        _ => "4:2:0",
    };
    let facts: [(_, Value); 5] = [
        (keys::FORMAT, "JPEG".into()),
        (keys::ORIENTATION, 1_i64.into()),
        (keys::JPEG_QUALITY, i64::from(jpeg.quality).into()),
        (keys::JPEG_PROGRESSIVE, jpeg.progressive.into()),
        (keys::JPEG_SUBSAMPLING, subsampling.into()),
    ];
    given.facts.extend(facts);
    if let Some(luma) = tables.first() {
        given.coefficients.insert(keys::JPEG_LUMA, coefficients(&stored, luma));
    }
    for (key, table) in [keys::JPEG_DQT_LUMA, keys::JPEG_DQT_CHROMA].into_iter().zip(tables) {
        given.tables.insert(key, table);
    }
    if let Some(exif) = &jpeg.exif {
        given.blobs.insert(keys::EXIF, exif.tiff());
    }
    given.encoded = file;
    Ok(given)
}

/// The 8-bit quantisation tables of a file in natural order, as its header lists them.
fn quantisation_tables(file: &[u8]) -> Vec<Vec<u16>> {
    let mut tables = Vec::new();
    let mut rest = file.get(2..).unwrap_or_default();
    while let [0xff, marker, high, low, ..] = *rest {
        let length = usize::from(u16::from_be_bytes([high, low]));
        let payload = rest.get(4..2 + length).unwrap_or_default();
        if marker == DQT {
            for entries in payload.chunks_exact(65) {
                let mut table = vec![0; 64];
                for (&step, &place) in entries[1..].iter().zip(&ZIGZAG) {
                    table[place] = u16::from(step);
                }
                tables.push(table);
            }
        }
        if marker == SOS {
            break;
        }
        rest = rest.get(2 + length..).unwrap_or_default();
    }
    tables
}

/// Luma coefficients by the orthonormal 8x8 DCT-II of the picture, quantised by `steps`; the last
/// row and column are repeated to whole blocks. The file's own differ by its colour conversion.
fn coefficients(picture: &Picture, steps: &[u16]) -> Blocks {
    let luma = picture.luma();
    let basis: [[f32; 8]; 8] = std::array::from_fn(|k| {
        let scale = if k == 0 { 0.125_f32 } else { 0.25 }.sqrt();
        std::array::from_fn(|n| scale * (PI / 16.0 * (k * (2 * n + 1)) as f32).cos())
    });
    let (columns, rows) = (picture.width.div_ceil(8), picture.height.div_ceil(8));
    let mut values = Vec::with_capacity(columns * rows * 64);
    for (top, left) in (0..rows).flat_map(|row| (0..columns).map(move |c| (8 * row, 8 * c))) {
        let sample = |y: usize, x: usize| {
            let (y, x) = ((top + y).min(picture.height - 1), (left + x).min(picture.width - 1));
            f32::from(luma[y * picture.width + x]) - 128.0
        };
        let across: [[f32; 8]; 8] = std::array::from_fn(|y| {
            std::array::from_fn(|k| (0..8).map(|x| basis[k][x] * sample(y, x)).sum())
        });
        for (place, &step) in steps.iter().enumerate() {
            let (down, along) = (place / 8, place % 8);
            let value: f32 = (0..8).map(|y| basis[down][y] * across[y][along]).sum();
            values.push((value / f32::from(step.max(1))).round() as i16);
        }
    }
    Blocks { columns: columns as u32, rows: rows as u32, values }
}

#[cfg(test)]
mod tests {
    use assay_plugin_api::evidence::Evidence;

    use super::*;

    #[test]
    fn flat_picture_has_only_the_coefficient_of_its_mean() {
        let grey = Picture::from_fn(17, 9, |_, _| [160; 3]);
        let given = of_picture(&grey, &Jpeg::quality(90)).unwrap();
        let evidence = Evidence::new(given.as_source());
        let blocks = evidence.jpeg_luma_coefficients().unwrap();
        assert_eq!((blocks.block_columns(), blocks.block_rows()), (3, 2));
        // The mean is 8 (160 - 128) = 256 of the orthonormal DCT; its step at quality 90 is 3.
        for block in blocks.blocks() {
            assert_eq!(block[0], 85);
            assert!(block[1..].iter().all(|&value| value == 0));
        }
    }

    #[test]
    fn tables_are_those_of_the_standard_at_the_quality_in_natural_order() {
        let given = of_photo(1).unwrap();
        let evidence = Evidence::new(given.as_source());
        // Annex K luma starts 16 11 10 16, its second row 12 12 14 19; quality 90 takes a fifth.
        let luma = evidence.jpeg_luma_dqt().unwrap();
        assert_eq!(
            (luma[..4].to_vec(), luma[8..12].to_vec()),
            (vec![3, 2, 2, 3], vec![2, 2, 3, 4])
        );
        assert_eq!(evidence.jpeg_chroma_dqt().unwrap()[0], 3);
        assert_eq!(evidence.int_fact(keys::JPEG_QUALITY), Some(90));
    }
}
