// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pattern of the colour filter in pictures made in memory: of one sensor, with a part at another
//! phase, with a part that never was behind a filter, resized.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

mod noise;

use assay_plugin_api::prelude::*;
use assay_plugin_api::testing::EvidenceBuilder;
use assay_splicing::cfa::measure;
use assay_splicing::trace::{Trace, CELL_PX};
use image::imageops::{self, FilterType};
use image::{GenericImage, Rgb, RgbImage};
use proptest::prelude::*;

use noise::noise;

/// A smooth scene whose noise is independent from pixel to pixel, as without a filter.
fn unfiltered(seed: u64, width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let wave = (f64::from(x) / 37.0).sin() + (f64::from(y) / 23.0).cos();
        let value = |channel: u64| 125.0 + 30.0 * wave + 5.0 * noise(3 * seed + channel, x, y);
        Rgb([0, 1, 2].map(|channel| value(channel).round().clamp(0.0, 255.0) as u8))
    })
}

/// A picture whose green was measured where `x + y` is odd and is the mean of its neighbours elsewhere.
fn camera(seed: u64, width: u32, height: u32) -> RgbImage {
    let measured = unfiltered(seed, width, height);
    let mut picture = measured.clone();
    for (x, y) in (1..height - 1).flat_map(|y| (1..width - 1).map(move |x| (x, y))) {
        if (x + y) % 2 == 0 {
            let around = [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)];
            let sum: u32 =
                around.iter().map(|&(x, y)| u32::from(measured.get_pixel(x, y).0[1])).sum();
            picture.get_pixel_mut(x, y).0[1] = ((sum + 2) / 4) as u8;
        }
    }
    picture
}

/// 320x256 px of a camera with 96x96 px of `donor` from (`from`, 20) at (112, 80).
fn pasted(donor: &RgbImage, from: u32) -> RgbImage {
    let mut picture = camera(1, 320, 256);
    let piece = imageops::crop_imm(donor, from, 20, 96, 96).to_image();
    picture.copy_from(&piece, 112, 80).unwrap();
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
fn a_piece_at_another_phase_is_found_where_it_lies() {
    let trace = traced(&pasted(&camera(2, 200, 200), 21)).unwrap();
    let region = &trace.regions[0];
    assert!(region.log10_nfa < -10.0, "{}", region.log10_nfa);
    let columns = trace.cells.columns;
    let is_inside = |&&cell: &&usize| {
        let (x, y) = (cell % columns * CELL_PX + 4, cell / columns * CELL_PX + 4);
        (112..208).contains(&x) && (80..176).contains(&y)
    };
    let right = region.cells.iter().filter(is_inside).count();
    let of_both = region.cells.len().max(144);
    assert!(10 * right > 8 * of_both, "{right} of {of_both}");
    assert!(trace.cells.log_odds[0] < 0.0);
    assert!(region.cells.iter().all(|&cell| trace.cells.log_odds[cell] > 0.0));
}

#[test]
fn a_piece_that_never_was_behind_a_filter_is_found() {
    let trace = traced(&pasted(&unfiltered(2, 200, 200), 20)).unwrap();
    assert!(trace.regions[0].log10_nfa < -2.0, "{:?}", trace.regions[0].log10_nfa);
}

#[test]
fn a_piece_at_the_same_phase_and_an_untouched_picture_have_no_region() {
    assert_eq!(traced(&pasted(&camera(2, 200, 200), 20)).unwrap().regions, []);
    let untouched = traced(&camera(3, 320, 256)).unwrap();
    assert_eq!(untouched.regions, []);
    assert!(untouched.cells.log_odds.iter().all(|&odds| odds == 0.0));
}

#[test]
fn a_picture_without_the_pattern_cannot_carry_the_trace() {
    let resized = imageops::resize(&camera(4, 480, 480), 300, 300, FilterType::Triangle);
    for picture in [resized, unfiltered(5, 300, 300)] {
        let why = reason(traced(&picture));
        assert!(why.contains("no clear pattern"), "{why}");
    }
}

#[test]
fn small_pictures_and_cancelled_calls_say_so() {
    let why = reason(traced(&camera(6, 127, 300)));
    assert!(why.contains("127 px"), "{why}");
    let cancelled = evidence(&camera(6, 200, 200)).cancelled();
    let result = measure(&Evidence::new(cancelled.as_source()));
    assert!(matches!(result, Err(NoScore::Cancelled)), "{result:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_picture_has_a_finite_map_or_a_reason(
        width in 1_u32..260, height in 1_u32..260, seed in any::<u64>(), filtered in any::<bool>(),
    ) {
        let picture = match filtered && width > 2 && height > 2 {
            true => camera(seed % 1000, width, height),
            false => unfiltered(seed % 1000, width, height),
        };
        match traced(&picture) {
            Ok(trace) => {
                let cells = (width as usize).div_ceil(8) * (height as usize).div_ceil(8);
                prop_assert_eq!(trace.cells.log_odds.len(), cells);
                prop_assert!(trace.cells.log_odds.iter().all(|odds| odds.is_finite()));
                prop_assert_eq!(trace.regions, []);
            }
            Err(why) => prop_assert!(matches!(why, NoScore::NotApplicable { .. }), "{:?}", why),
        }
    }
}
