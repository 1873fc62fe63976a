// SPDX-License-Identifier: MIT OR Apache-2.0
//! Contrast curves in pictures made in memory: on a part, on all of it, on none.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

mod noise;

use assay_plugin_api::evidence::keys;
use assay_plugin_api::prelude::*;
use assay_plugin_api::testing::EvidenceBuilder;
use assay_splicing::contrast::measure;
use assay_splicing::trace::{Trace, CELL_PX};
use image::{Rgb, RgbImage};
use proptest::prelude::*;

use noise::noise;

/// A scene of broad waves with the noise of a sensor.
fn scene(seed: u64, width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let wave = (f64::from(x) / 19.0).sin() + (f64::from(y) / 13.0).cos();
        let value = |channel: u64| 125.0 + 25.0 * wave + 6.0 * noise(3 * seed + channel, x, y);
        Rgb([0, 1, 2].map(|channel| value(channel).round().clamp(0.0, 255.0) as u8))
    })
}

/// The place that goes through the curve, px.
fn is_inside(x: u32, y: u32) -> bool {
    (112..240).contains(&x) && (80..208).contains(&y)
}

/// The picture after contrast times `slope` where `holds`.
fn through(mut picture: RgbImage, slope: f64, holds: impl Fn(u32, u32) -> bool) -> RgbImage {
    let curve = |v: u8| (127.5 + slope * (f64::from(v) - 127.5)).round().clamp(0.0, 255.0) as u8;
    for (.., pixel) in picture.enumerate_pixels_mut().filter(|&(x, y, _)| holds(x, y)) {
        pixel.0 = pixel.0.map(curve);
    }
    picture
}

fn evidence(picture: &RgbImage) -> EvidenceBuilder {
    EvidenceBuilder::from_rgb(picture.width(), picture.height(), picture.as_raw().clone())
}

fn traced(picture: &RgbImage) -> Result<Trace, NoScore> {
    measure(&Evidence::new(evidence(picture).as_source()))
}

fn reason(result: Result<Trace, NoScore>) -> String {
    match result {
        Err(NoScore::NotApplicable { reason }) => reason.into(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_part_that_went_through_a_curve_is_found_where_it_lies() {
    for slope in [1.25, 1.35] {
        let trace = traced(&through(scene(1, 400, 320), slope, is_inside)).unwrap();
        let region = &trace.regions[0];
        assert!(region.log10_nfa < -2.0, "{slope}: {}", region.log10_nfa);
        let columns = trace.cells.columns;
        let centre = |cell: usize| (cell * CELL_PX + CELL_PX / 2) as u32;
        let is_right = |&&cell: &&usize| is_inside(centre(cell % columns), centre(cell / columns));
        let right = region.cells.iter().filter(is_right).count();
        let of_both = region.cells.len().max(256);
        assert!(10 * right > 8 * of_both, "{slope}: {right} of {of_both}");
        assert!(region.cells.iter().all(|&cell| trace.cells.log_odds[cell] >= 0.0));
        assert!(trace.cells.log_odds[0] < 0.0);
    }
}

#[test]
fn an_untouched_picture_has_no_region_and_one_that_went_through_a_curve_as_a_whole_says_so() {
    let untouched = traced(&scene(2, 320, 256)).unwrap();
    assert_eq!(untouched.regions, []);
    assert!(untouched.cells.log_odds.iter().all(|&odds| odds == 0.0));
    let why = reason(traced(&through(scene(3, 320, 256), 1.3, |_, _| true)));
    assert!(why.contains("as a whole"), "{why}");
}

#[test]
fn a_part_without_values_in_common_with_the_rest_is_no_region() {
    let mut picture = scene(4, 400, 320);
    for (x, y, pixel) in picture.enumerate_pixels_mut().filter(|&(x, y, _)| is_inside(x, y)) {
        pixel.0 = [(205.0 + 1.3 * (14.0 * noise(9, x, y) + 14.0).round()).round() as u8; 3];
    }
    assert!(traced(&picture).is_ok_and(|trace| trace.regions.is_empty()));
}

#[test]
fn jpegs_flat_and_small_pictures_and_cancelled_calls_say_so() {
    let jpeg = evidence(&scene(5, 200, 200)).table(keys::JPEG_DQT_LUMA, &[1; 64]);
    let why = reason(measure(&Evidence::new(jpeg.as_source())));
    assert!(why.contains("JPEG"), "{why}");
    let why = reason(traced(&RgbImage::from_pixel(200, 200, Rgb([90; 3]))));
    assert!(why.contains("enough values"), "{why}");
    let why = reason(traced(&scene(6, 127, 300)));
    assert!(why.contains("127 px"), "{why}");
    let cancelled = evidence(&scene(6, 200, 200)).cancelled();
    let result = measure(&Evidence::new(cancelled.as_source()));
    assert!(matches!(result, Err(NoScore::Cancelled)), "{result:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_picture_has_a_finite_map_or_a_reason(
        width in 1_u32..260, height in 1_u32..260, seed in 0_u64..1000, slope in 0.5_f64..2.0,
    ) {
        let picture = through(scene(seed, width, height), slope, is_inside);
        match traced(&picture) {
            Ok(trace) => {
                let cells = (width as usize).div_ceil(8) * (height as usize).div_ceil(8);
                prop_assert_eq!(trace.cells.log_odds.len(), cells);
                prop_assert!(trace.cells.log_odds.iter().all(|odds| odds.is_finite()));
                for region in &trace.regions {
                    prop_assert!(region.log10_nfa < 0.0 && region.cells.is_sorted());
                    prop_assert!(region.cells.iter().all(|&cell| cell < cells));
                }
            }
            Err(why) => prop_assert!(matches!(why, NoScore::NotApplicable { .. }), "{:?}", why),
        }
    }
}
