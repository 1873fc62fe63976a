// SPDX-License-Identifier: MIT OR Apache-2.0
//! The trace of compressions on another grid on pictures made in memory: pasted from and into JPEGs,
//! cropped whole, saved with and without loss.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

mod noise;

use std::io::Cursor;

use assay_plugin_api::check;
use assay_plugin_api::evidence::keys;
use assay_plugin_api::prelude::*;
use assay_plugin_api::testing::EvidenceBuilder;
use assay_signal::jpeg::{read_luma_coefficients, JpegFile, Limits};
use assay_splicing::off_grid::{examine, measure, Grid, OffGrid};
use assay_splicing::trace::CELL_PX;
use assay_splicing::Splicing;
use image::codecs::jpeg::JpegEncoder;
use image::{imageops, GenericImage, RgbImage};
use proptest::prelude::*;

use noise::noise;

const SIZE: (u32, u32) = (320, 256);
/// Where another picture is pasted: x, y, width and height, px.
const PASTED: (u32, u32, u32, u32) = (115, 74, 104, 96);

/// A number in `0..1` that depends on its place only.
fn uniform(seed: u64, x: u32, y: u32) -> f64 {
    0.5 * (noise(seed, x, y) + 1.0)
}

/// A textured scene that is neither too dark nor too bright.
fn scene(seed: u64, width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let phase = seed as f64;
        let wave = (f64::from(x) / 17.0 + phase).sin() + (f64::from(y) / 13.0 + phase).cos();
        let grain = 24.0 * uniform(seed, x, y) + 36.0 * uniform(seed + 99, x / 3, y / 3);
        image::Rgb([(95.0 + 30.0 * wave + grain).round() as u8; 3])
    })
}

fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(Cursor::new(&mut file), quality).encode_image(picture).unwrap();
    file
}

/// A scene of this size that was compressed while its blocks began at `grid`.
fn compressed(seed: u64, size: (u32, u32), grid: (u32, u32), quality: u8) -> RgbImage {
    let whole = scene(seed, size.0 + 8, size.1 + 8);
    let decoded = image::load_from_memory(&jpeg(&whole, quality)).unwrap().to_rgb8();
    imageops::crop_imm(&decoded, 8 - grid.0, 8 - grid.1, size.0, size.1).to_image()
}

fn paste(mut picture: RgbImage, piece: &RgbImage) -> RgbImage {
    let (x, y, width, height) = PASTED;
    let piece = imageops::crop_imm(piece, x, y, width, height).to_image();
    picture.copy_from(&piece, x, y).unwrap();
    picture
}

fn pixels(picture: &RgbImage) -> EvidenceBuilder {
    EvidenceBuilder::from_rgb(picture.width(), picture.height(), picture.as_raw().clone())
}

/// The evidence of a file: pixels, coefficients and table.
fn saved(picture: &RgbImage, quality: u8) -> EvidenceBuilder {
    let file = jpeg(picture, quality);
    let read = read_luma_coefficients(&file, &Limits::default()).unwrap();
    let steps = *JpegFile::parse(&file).unwrap().luma_dqt().unwrap();
    pixels(&image::load_from_memory(&file).unwrap().to_rgb8())
        .coefficients(keys::JPEG_LUMA, read.block_columns, read.block_rows, read.values)
        .table(keys::JPEG_DQT_LUMA, &steps)
}

fn examined(evidence: &EvidenceBuilder) -> Result<OffGrid, NoScore> {
    examine(&Evidence::new(evidence.as_source()))
}

fn reason(outcome: Result<OffGrid, NoScore>) -> String {
    match outcome {
        Err(NoScore::NotApplicable { reason }) => reason.into(),
        other => panic!("applies: {other:?}"),
    }
}

/// Shares of the cells wholly inside the pasted piece, and of those far outside, that speak for it.
fn shares_of_foreign(found: &OffGrid) -> (f64, f64) {
    let (left, top, width, height) = PASTED;
    let (right, bottom) = (left + width, top + height);
    let (mut inside, mut outside) = ((0.0, 0.0), (0.0, 0.0));
    for (at, &odds) in found.trace.cells.log_odds.iter().enumerate() {
        let columns = found.trace.cells.columns;
        let (x, y) = ((at % columns * CELL_PX) as u32, (at / columns * CELL_PX) as u32);
        let within = x >= left && x + 8 <= right && y >= top && y + 8 <= bottom;
        // The cells around are smoothed into each other.
        let far = x + 32 < left || x > right + 24 || y + 32 < top || y > bottom + 24;
        let of = if within { &mut inside } else { &mut outside };
        if within || far {
            *of = (of.0 + f64::from(u8::from(odds > 0.0)), of.1 + 1.0);
        }
    }
    (inside.0 / inside.1, outside.0 / outside.1)
}

fn assert_found(found: &OffGrid) {
    assert_eq!(found.trace.regions.len(), 1, "{:?}", found.earlier);
    assert!(found.trace.regions[0].log10_nfa < -3.0);
    let (inside, outside) = shares_of_foreign(found);
    assert!(inside > 0.9 && outside < 0.05, "{inside} {outside}");
}

#[test]
fn a_piece_of_a_jpeg_pasted_off_the_grid_is_found_and_its_grid_is_told() {
    let piece = compressed(2, SIZE, (3, 6), 70);
    let found = examined(&saved(&paste(scene(1, SIZE.0, SIZE.1), &piece), 95)).unwrap();
    assert_found(&found);
    assert_eq!(found.earlier.len(), 1);
    assert_eq!(found.earlier[0].grid, Grid { x: 3, y: 6 });
    assert!(!found.earlier[0].of_most && found.cropped().is_none());
    assert_eq!(found.earlier[0].steps[..3], [10, 7, 7]);
}

#[test]
fn a_piece_pasted_into_a_cropped_jpeg_is_found_as_well() {
    let host = compressed(1, SIZE, (5, 2), 70);
    let found = examined(&saved(&paste(host, &scene(2, SIZE.0, SIZE.1)), 95)).unwrap();
    assert_found(&found);
    assert_eq!(found.cropped().unwrap().grid, Grid { x: 5, y: 2 });
}

#[test]
fn what_was_pasted_into_a_decoded_jpeg_is_found_in_a_picture_saved_without_loss() {
    let host = compressed(1, SIZE, (0, 0), 80);
    let found = examined(&pixels(&paste(host, &scene(2, SIZE.0, SIZE.1)))).unwrap();
    assert_found(&found);
    assert_eq!(found.earlier[0].grid, Grid { x: 0, y: 0 });
    assert!(found.cropped().is_none());
}

#[test]
fn a_piece_of_a_jpeg_in_a_picture_that_never_was_one_is_found_without_a_last_grid() {
    let piece = compressed(2, SIZE, (4, 4), 80);
    let found = examined(&pixels(&paste(scene(1, SIZE.0, SIZE.1), &piece))).unwrap();
    assert_found(&found);
    assert_eq!(found.earlier[0].grid, Grid { x: 4, y: 4 });
}

#[test]
fn a_picture_that_was_cropped_as_a_whole_has_no_foreign_region() {
    let evidence = saved(&compressed(1, SIZE, (3, 6), 70), 95);
    let found = examined(&evidence).unwrap();
    assert_eq!(found.cropped().unwrap().grid, Grid { x: 3, y: 6 });
    assert!(found.trace.regions.is_empty());
    assert!(found.trace.cells.log_odds.iter().all(|&odds| odds <= 0.0));
    let report = evidence.run::<Splicing>().unwrap();
    let cropped = report.findings.iter().find(|f| f.code == "jpeg.double.cropped").unwrap();
    assert_eq!(cropped.severity, Severity::Info);
    assert!(report.findings.iter().all(|f| f.code != "jpeg.double.off_grid"));
}

#[test]
fn what_cannot_carry_the_trace_is_not_applicable() {
    let piece = compressed(2, SIZE, (3, 6), 70);
    let strong = saved(&paste(scene(1, SIZE.0, SIZE.1), &piece), 3);
    assert!(reason(examined(&strong)).contains("so strong"));
    let flat = RgbImage::from_pixel(320, 256, image::Rgb([120; 3]));
    assert!(reason(examined(&pixels(&flat))).contains("needs"));
    let clipped = RgbImage::from_fn(320, 256, |x, y| {
        image::Rgb([(uniform(1, x, y) * 200.0) as u8 + 20, 255, 80])
    });
    assert!(reason(examined(&pixels(&clipped))).contains("no clipped"));
}

#[test]
fn the_detector_names_the_region() {
    let piece = compressed(2, SIZE, (3, 6), 70);
    let report = saved(&paste(scene(1, SIZE.0, SIZE.1), &piece), 95).run::<Splicing>().unwrap();
    check::report(&report, SIZE.0, SIZE.1).unwrap();
    assert!(report.score > 0.7, "{}", report.score);
    let finding = report.findings.iter().find(|f| f.code == "jpeg.double.off_grid").unwrap();
    let (x, y, width, height) = PASTED;
    let region = finding.regions[0];
    assert!(region.x.abs_diff(x) <= 24 && region.y.abs_diff(y) <= 24, "{region:?}");
    assert!(
        region.width.abs_diff(width) <= 40 && region.height.abs_diff(height) <= 40,
        "{region:?}"
    );
}

#[test]
fn a_cancelled_call_stops() {
    let cancelled = saved(&scene(1, SIZE.0, SIZE.1), 90).cancelled();
    assert!(matches!(measure(&Evidence::new(cancelled.as_source())), Err(NoScore::Cancelled)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn authentic_pictures_have_no_region_whatever_their_grid_and_qualities(
        first in 40_u8..=98, last in 40_u8..=98, seed in 0_u64..1000,
        x in 0_u32..8, y in 0_u32..8, with_loss in any::<bool>(),
    ) {
        let picture = compressed(seed, (200, 160), (x, y), first);
        let evidence = if with_loss { saved(&picture, last) } else { pixels(&picture) };
        if let Ok(found) = examined(&evidence) {
            prop_assert!(found.trace.regions.is_empty(), "{:?}", found.earlier);
            prop_assert_eq!(found.trace.cells.log_odds.len(), 25 * 20);
            prop_assert!(found.trace.cells.log_odds.iter().all(|odds| odds.is_finite()));
        }
    }

    #[test]
    fn pictures_of_any_size_and_tables_of_any_steps_are_survived(
        width in 1_u32..80, height in 1_u32..80, steps in prop::collection::vec(any::<u16>(), 64),
    ) {
        let picture = scene(3, width, height);
        for evidence in [pixels(&picture), pixels(&picture).table(keys::JPEG_DQT_LUMA, &steps)] {
            if let Ok(found) = examined(&evidence) {
                let cells = width.div_ceil(8) * height.div_ceil(8);
                prop_assert_eq!(found.trace.cells.log_odds.len(), cells as usize);
            }
        }
    }
}
