// SPDX-License-Identifier: MIT OR Apache-2.0
//! Periods of interpolation in pictures made in memory: pasted to size, resized as a whole, patterned.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

mod noise;

use assay_plugin_api::prelude::*;
use assay_plugin_api::testing::EvidenceBuilder;
use assay_splicing::resampling::measure;
use assay_splicing::trace::{Trace, CELL_PX};
use image::imageops::{self, FilterType};
use image::{GenericImage, GrayImage, Luma};
use proptest::prelude::*;

use noise::noise;

/// A smooth scene with sensor noise.
fn camera(seed: u64, width: u32, height: u32) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| {
        let wave = (f64::from(x) / 37.0).sin() + (f64::from(y) / 23.0).cos();
        let value = 125.0 + 30.0 * wave + 12.0 * noise(seed, x, y);
        Luma([value.round().clamp(0.0, 255.0) as u8])
    })
}

fn scaled(picture: &GrayImage, factor: f64) -> GrayImage {
    let side = |px: u32| (f64::from(px) * factor).round() as u32;
    let (width, height) = picture.dimensions();
    imageops::resize(picture, side(width), side(height), FilterType::Triangle)
}

/// 400x400 px with 160x160 px of an enlarged picture at (104, 136).
fn pasted(factor: f64) -> GrayImage {
    let mut picture = camera(1, 400, 400);
    let donor = scaled(&camera(2, 300, 300), factor);
    let piece = imageops::crop_imm(&donor, 31, 17, 160, 160).to_image();
    picture.copy_from(&piece, 104, 136).unwrap();
    picture
}

fn evidence(picture: &GrayImage) -> EvidenceBuilder {
    let (width, height) = picture.dimensions();
    EvidenceBuilder::grey(width, height, |x, y| picture.get_pixel(x, y).0[0])
}

fn traced(picture: &GrayImage) -> Result<Trace, NoScore> {
    measure(&Evidence::new(evidence(picture).as_source()))
}

fn reason(result: Result<Trace, NoScore>) -> String {
    match result {
        Err(NoScore::NotApplicable { reason }) => reason.into(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_enlarged_piece_is_found_where_it_lies() {
    for factor in [1.2, 1.5] {
        let trace = traced(&pasted(factor)).unwrap();
        let region = &trace.regions[0];
        assert!(region.log10_nfa < -3.0, "{factor}: {}", region.log10_nfa);
        let columns = trace.cells.columns;
        let is_inside = |&&cell: &&usize| {
            let (x, y) = (cell % columns * CELL_PX + 4, cell / columns * CELL_PX + 4);
            (104..264).contains(&x) && (136..296).contains(&y)
        };
        let right = region.cells.iter().filter(is_inside).count();
        let of_both = region.cells.len().max(400);
        assert!(5 * right > 2 * of_both, "{factor}: {right} of {of_both}");
        assert!(trace.cells.log_odds[0] <= 0.0);
        assert!(trace.cells.log_odds[27 * columns + 23] > 0.0);
    }
}

#[test]
fn a_picture_that_was_never_resampled_has_no_region() {
    let trace = traced(&camera(3, 480, 360)).unwrap();
    assert_eq!(trace.regions, []);
    assert!(trace.cells.log_odds.iter().all(|&odds| odds == 0.0));
}

#[test]
fn a_piece_in_its_own_size_has_no_region() {
    assert_eq!(traced(&pasted(1.0)).unwrap().regions, []);
}

#[test]
fn a_picture_resized_as_a_whole_is_not_called_forged() {
    let why = reason(traced(&scaled(&camera(4, 320, 320), 1.3)));
    assert!(why.contains("as a whole"), "{why}");
}

#[test]
fn a_pattern_of_the_scene_is_not_taken_for_interpolation() {
    let mut picture = camera(5, 400, 400);
    for (y, x) in (136..296).flat_map(|y| (104..264).map(move |x| (y, x))) {
        let wave = |at: u32| (f64::from(at) * std::f64::consts::TAU * 0.28).sin();
        let value = f64::from(picture.get_pixel(x, y).0[0]) + 25.0 * (wave(x) + wave(y));
        picture.put_pixel(x, y, Luma([value.round().clamp(0.0, 255.0) as u8]));
    }
    assert_eq!(traced(&picture).unwrap().regions, []);
}

#[test]
fn small_pictures_and_cancelled_calls_say_so() {
    let why = reason(traced(&camera(6, 129, 400)));
    assert!(why.contains("129 px"), "{why}");
    let cancelled = evidence(&camera(6, 200, 200)).cancelled();
    let result = measure(&Evidence::new(cancelled.as_source()));
    assert!(matches!(result, Err(NoScore::Cancelled)), "{result:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_picture_has_a_finite_map_or_a_reason(
        width in 1_u32..300, height in 1_u32..300, period in 1_u32..9, seed in any::<u64>(),
    ) {
        let picture = GrayImage::from_fn(width, height, |x, y| {
            let block = noise(seed, x / period, y / period);
            Luma([(128.0 + 160.0 * block).clamp(0.0, 255.0) as u8])
        });
        match traced(&picture) {
            Ok(trace) => {
                let cells = (width as usize).div_ceil(8) * (height as usize).div_ceil(8);
                prop_assert_eq!(trace.cells.log_odds.len(), cells);
                prop_assert!(trace.cells.log_odds.iter().all(|odds| odds.is_finite()));
                for region in &trace.regions {
                    prop_assert!(region.cells.windows(2).all(|pair| pair[0] < pair[1]));
                    prop_assert!(region.cells.iter().all(|&cell| cell < cells));
                    prop_assert!(region.log10_nfa < 0.0);
                }
            }
            Err(why) => prop_assert!(matches!(why, NoScore::NotApplicable { .. }), "{:?}", why),
        }
    }
}
