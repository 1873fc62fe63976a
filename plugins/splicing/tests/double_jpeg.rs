// SPDX-License-Identifier: MIT OR Apache-2.0
//! The trace of double JPEG on pictures made in memory: whole, spliced, compressed once, cropped.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

mod noise;

use std::io::Cursor;

use assay_plugin_api::check;
use assay_plugin_api::evidence::keys;
use assay_plugin_api::prelude::*;
use assay_plugin_api::testing::EvidenceBuilder;
use assay_signal::jpeg::{read_luma_coefficients, JpegFile, Limits};
use assay_splicing::double_jpeg::{examine, measure, DoubleJpeg};
use assay_splicing::trace::{Trace, CELL_PX};
use assay_splicing::traces::{Looked, Traces};
use assay_splicing::{heat, model, verbal, Splicing};
use image::codecs::jpeg::JpegEncoder;
use image::{imageops, GenericImage, RgbImage};
use proptest::prelude::*;

use noise::noise;

/// Where another picture is pasted: x, y, width and height, px.
const PASTED: (u32, u32, u32, u32) = (115, 74, 104, 96);

/// A number in `0..1` that depends on its place and channel only.
fn uniform(seed: u64, x: u32, y: u32, channel: u32) -> f64 {
    0.5 * (noise(seed, (x << 4) | channel, y << 2) + 1.0)
}

/// A textured scene that is neither too dark nor too bright: waves, and grain of two sizes.
fn scene(seed: u64, width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let phase = seed as f64;
        let wave = (f64::from(x) / 17.0 + phase).sin() + (f64::from(y) / 13.0 + phase).cos();
        let grain =
            |size: u32, strength: f64| strength * (uniform(seed, x / size, y / size, size) - 0.5);
        let value = 125.0 + 30.0 * wave + grain(1, 30.0) + grain(3, 40.0);
        image::Rgb([value.round().clamp(0.0, 255.0) as u8; 3])
    })
}

fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(Cursor::new(&mut file), quality).encode_image(picture).unwrap();
    file
}

fn through_jpeg(picture: &RgbImage, quality: u8) -> RgbImage {
    image::load_from_memory(&jpeg(picture, quality)).unwrap().to_rgb8()
}

/// A picture that was compressed at `first`, with a piece of one that was not, if `spliced`.
fn before_last(first: u8, spliced: bool) -> RgbImage {
    let mut picture = through_jpeg(&scene(1, 320, 256), first);
    if spliced {
        let (x, y, width, height) = PASTED;
        picture.copy_from(&scene(2, width, height), x, y).unwrap();
    }
    picture
}

fn pixels(picture: &RgbImage) -> EvidenceBuilder {
    EvidenceBuilder::from_rgb(picture.width(), picture.height(), picture.as_raw().clone())
}

/// The evidence of a file: pixels, coefficients and table.
fn evidence(file: &[u8]) -> EvidenceBuilder {
    let read = read_luma_coefficients(file, &Limits::default()).unwrap();
    let steps = *JpegFile::parse(file).unwrap().luma_dqt().unwrap();
    pixels(&image::load_from_memory(file).unwrap().to_rgb8())
        .coefficients(keys::JPEG_LUMA, read.block_columns, read.block_rows, read.values)
        .table(keys::JPEG_DQT_LUMA, &steps)
}

fn examined(evidence: &EvidenceBuilder) -> Result<DoubleJpeg, NoScore> {
    examine(&Evidence::new(evidence.as_source()))
}

fn reason(outcome: Result<DoubleJpeg, NoScore>) -> String {
    match outcome {
        Err(NoScore::NotApplicable { reason }) => reason.into(),
        other => panic!("applies: {other:?}"),
    }
}

/// Share of the cells wholly inside, or wholly outside, of the pasted piece that speak for it.
fn share_of_foreign(found: &DoubleJpeg, inside: bool) -> f64 {
    let (left, top, width, height) = PASTED;
    let (right, bottom) = (left + width, top + height);
    let cells = &found.trace.cells;
    let wanted = |&at: &usize| {
        let (x, y) = ((at % cells.columns * CELL_PX) as u32, (at / cells.columns * CELL_PX) as u32);
        let within = x >= left && x + 8 <= right && y >= top && y + 8 <= bottom;
        // The cells around are smoothed into each other.
        let far = x + 24 < left || x > right + 16 || y + 24 < top || y > bottom + 16;
        if inside {
            within
        } else {
            far
        }
    };
    let of: Vec<usize> = (0..cells.log_odds.len()).filter(wanted).collect();
    of.iter().filter(|&&at| cells.log_odds[at] > 0.0).count() as f64 / of.len() as f64
}

#[test]
fn a_piece_that_was_compressed_once_is_found_in_a_picture_that_was_compressed_twice() {
    let found = examined(&evidence(&jpeg(&before_last(70, true), 92))).unwrap();
    assert!(found.is_clear);
    assert_eq!(found.trace.regions.len(), 1);
    assert!(found.trace.regions[0].log10_nfa < -10.0);
    let (inside, outside) = (share_of_foreign(&found, true), share_of_foreign(&found, false));
    assert!(inside > 0.9 && outside < 0.01, "{inside} {outside}");
}

#[test]
fn a_piece_from_another_grid_is_found_too() {
    let mut picture = before_last(70, false);
    let donor = through_jpeg(&scene(2, 128, 128), 75);
    let (x, y, width, height) = PASTED;
    picture.copy_from(&imageops::crop_imm(&donor, 1, 5, width, height).to_image(), x, y).unwrap();
    let found = examined(&evidence(&jpeg(&picture, 92))).unwrap();
    assert_eq!(found.trace.regions.len(), 1);
    assert!(share_of_foreign(&found, true) > 0.9 && share_of_foreign(&found, false) < 0.01);
}

#[test]
fn the_quality_and_the_steps_of_the_first_compression_are_told() {
    for quality in [55, 70, 80] {
        let first = examined(&evidence(&jpeg(&before_last(quality, true), 92))).unwrap().first;
        assert_eq!((first.quality, first.is_ijg), (quality, true));
        let file = jpeg(&scene(1, 64, 64), quality);
        let steps = *JpegFile::parse(&file).unwrap().luma_dqt().unwrap();
        assert!(first.steps.len() > 20, "{:?}", first.steps);
        for (natural, step) in first.steps {
            assert_eq!(step, steps[natural], "frequency {natural}");
        }
    }
}

#[test]
fn a_first_compression_with_a_table_of_its_own_is_found_frequency_by_frequency() {
    // The table of the first file replaced by a flat one: decoding spreads its coefficients so.
    let mut file = jpeg(&scene(1, 320, 256), 75);
    let table = file.windows(2).position(|window| window == [0xff, 0xdb]).unwrap() + 5;
    file[table..table + 64].fill(9);
    let mut picture = image::load_from_memory(&file).unwrap().to_rgb8();
    picture.copy_from(&scene(2, PASTED.2, PASTED.3), PASTED.0, PASTED.1).unwrap();
    let found = examined(&evidence(&jpeg(&picture, 95))).unwrap();
    assert!(!found.first.is_ijg);
    let right = found.first.steps.iter().filter(|&&(_, step)| step == 9).count();
    assert!(right > 20 && 10 * right >= 8 * found.first.steps.len(), "{:?}", found.first.steps);
    assert_eq!(found.trace.regions.len(), 1);
    assert!(share_of_foreign(&found, true) > 0.9);
}

#[test]
fn a_whole_picture_that_was_compressed_twice_has_no_foreign_cell() {
    let found = examined(&evidence(&jpeg(&before_last(70, false), 92))).unwrap();
    assert!(found.is_clear && found.trace.regions.is_empty());
    assert!(found.trace.cells.log_odds.iter().all(|&odds| odds < 0.0));
}

#[test]
fn what_has_no_trace_of_an_earlier_compression_is_not_applicable() {
    let whole = before_last(70, false);
    let cropped = imageops::crop_imm(&whole, 3, 5, 304, 240).to_image();
    let once = scene(1, 320, 256);
    let fine = before_last(97, true);
    for (picture, last) in [(cropped, 92), (once.clone(), 92), (once, 75), (fine, 50)] {
        let reason = reason(examined(&evidence(&jpeg(&picture, last))));
        let one_of_both = ["compressed once, shifted", "the last one was stronger"];
        assert!(one_of_both.iter().any(|part| reason.contains(part)), "{last}: {reason}");
    }
}

#[test]
fn what_carries_no_coefficients_is_not_applicable() {
    let picture = before_last(70, true);
    assert!(reason(examined(&pixels(&picture))).contains("no JPEG coefficients"));
    let flat = RgbImage::from_pixel(320, 256, image::Rgb([120; 3]));
    assert!(reason(examined(&evidence(&jpeg(&flat, 90)))).contains("enough detail"));
    let small = pixels(&picture)
        .coefficients(keys::JPEG_LUMA, 4, 4, vec![0; 16 * 64])
        .table(keys::JPEG_DQT_LUMA, &[0; 64]);
    assert!(reason(examined(&small)).contains("do not cover"));
}

#[test]
fn the_detector_names_the_region_and_says_where_it_cannot_look() {
    let file = jpeg(&before_last(70, true), 92);
    let report = evidence(&file).run::<Splicing>().unwrap();
    check::report(&report, 320, 256).unwrap();
    assert!(report.score > 0.8, "{}", report.score);
    let finding = report.findings.iter().find(|f| f.code == "jpeg.double.missing").unwrap();
    let (x, y, width, height) = PASTED;
    let region = finding.regions[0];
    assert!(region.x.abs_diff(x) <= 24 && region.y.abs_diff(y) <= 24, "{region:?}");
    assert!(
        region.width.abs_diff(width) <= 32 && region.height.abs_diff(height) <= 32,
        "{region:?}"
    );
    let state = |report: &Report| {
        let of = report.attributes.iter().find(|attribute| attribute.name == "double_jpeg");
        format!("{:?}", of.unwrap().value)
    };
    assert!(state(&report).contains("found"));
    let without = pixels(&before_last(70, true)).run::<Splicing>().unwrap();
    assert!(state(&without).contains("not applicable"), "{}", state(&without));
}

#[test]
fn what_is_large_is_shown_without_a_name_and_what_is_small_is_not() {
    let evidence = evidence(&jpeg(&before_last(70, true), 92));
    let evidence = Evidence::new(evidence.as_source());
    let mut traces = Traces::measure(&evidence).unwrap();
    // As if nothing were significant.
    traces.grids.foreign.clear();
    traces.noise = None;
    let silent = || Looked::NotApplicable("left out".to_owned());
    let Looked::For(found) = std::mem::replace(&mut traces.double_jpeg, silent()) else {
        panic!("the earlier compression is not found");
    };
    for other in [
        &mut traces.off_grid,
        &mut traces.copy_move,
        &mut traces.contrast,
        &mut traces.residual_texture,
        &mut traces.resampling,
        &mut traces.cfa,
    ] {
        *other = silent();
    }
    let foreign: Vec<usize> =
        (0..found.cells.log_odds.len()).filter(|&at| found.cells.log_odds[at] > 0.0).collect();
    assert!(foreign.len() > 64 && found.regions.len() == 1, "{} cells", foreign.len());
    // Cells of the first rows of the region, until there are so many.
    for (most, lit) in [(usize::MAX, foreign.len()), (48, 48), (24, 0)] {
        let mut trace = Trace { regions: Vec::new(), ..found.clone() };
        foreign.iter().skip(most).for_each(|&at| trace.cells.log_odds[at] = -1.0);
        traces.double_jpeg = Looked::For(trace);
        let map = heat::map(&evidence, &traces).unwrap();
        assert_eq!(map.values.iter().filter(|&&heat| heat >= 0.5).count(), lit);
        assert_eq!(verbal::detail(&traces).contains("the map shows a part"), lit > 0);
        assert!(model::logit_of(&traces) < 0.0);
    }
}

#[test]
fn a_cancelled_call_stops() {
    let cancelled = evidence(&jpeg(&before_last(70, true), 92)).cancelled();
    assert!(matches!(measure(&Evidence::new(cancelled.as_source())), Err(NoScore::Cancelled)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn authentic_pictures_have_no_region_whatever_their_two_qualities(
        first in 40_u8..=98, last in 40_u8..=98, seed in 0_u64..1000,
    ) {
        let picture = through_jpeg(&scene(seed, 256, 192), first);
        if let Ok(found) = examined(&evidence(&jpeg(&picture, last))) {
            prop_assert!(found.trace.regions.is_empty());
            prop_assert_eq!(found.trace.cells.log_odds.len(), 32 * 24);
            prop_assert!(found.trace.cells.log_odds.iter().all(|odds| odds.is_finite()));
        }
    }

    #[test]
    fn coefficients_of_any_value_and_steps_of_any_size_are_survived(
        value in any::<i16>(), seed in any::<u64>(), steps in prop::collection::vec(any::<u16>(), 64),
    ) {
        let uneven = |at: u32| f64::from(value) * uniform(seed, at, 0, 0);
        let values = (0..20 * 16 * 64).map(|at| uneven(at) as i16).collect();
        let wild = pixels(&scene(3, 160, 128))
            .coefficients(keys::JPEG_LUMA, 20, 16, values)
            .table(keys::JPEG_DQT_LUMA, &steps);
        if let Ok(found) = examined(&wild) {
            prop_assert!(found.trace.cells.log_odds.iter().all(|odds| odds.is_finite()));
        }
    }
}
