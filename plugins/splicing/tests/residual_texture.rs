// SPDX-License-Identifier: MIT OR Apache-2.0
//! Residual texture on pictures made in memory: of one source, with a part of another, saturated.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

mod noise;

use assay_plugin_api::prelude::*;
use assay_plugin_api::testing::EvidenceBuilder;
use assay_splicing::residual_texture::measure;
use assay_splicing::residual_texture::training::{blocks, numbers};
use assay_splicing::trace::{Trace, CELL_PX};
use proptest::prelude::*;

use noise::noise;

/// Independent noise, as of a sensor without colour filters.
fn sharp(x: u32, y: u32) -> f64 {
    6.0 * noise(1, x, y)
}

/// Noise of a part that was enlarged twice.
fn enlarged(x: u32, y: u32) -> f64 {
    20.0 * noise(2, x / 2, y / 2)
}

/// How strong the grain of a scene is from left to right.
fn strength(x: u32) -> f64 {
    1.0 + 0.8 * (f64::from(x) / 90.0).sin()
}

fn picture(width: u32, height: u32, grain: impl Fn(u32, u32) -> f64) -> EvidenceBuilder {
    EvidenceBuilder::grey(width, height, |x, y| {
        let wave = (f64::from(x) / 37.0).sin() + (f64::from(y) / 23.0).cos();
        (125.0 + 30.0 * wave + strength(x) * grain(x, y)).round().clamp(0.0, 255.0) as u8
    })
}

fn traced(picture: &EvidenceBuilder) -> Result<Trace, NoScore> {
    measure(&Evidence::new(picture.as_source()))
}

/// Log odds of the cell at a pixel.
fn at(trace: &Trace, x: usize, y: usize) -> f32 {
    trace.cells.log_odds[y / CELL_PX * trace.cells.columns + x / CELL_PX]
}

fn is_inside(x: u32, y: u32) -> bool {
    (288..512).contains(&x) && (96..320).contains(&y)
}

#[test]
fn an_enlarged_part_is_found_where_it_lies() {
    let forged =
        picture(640, 480, |x, y| if is_inside(x, y) { enlarged(x, y) } else { sharp(x, y) });
    let trace = traced(&forged).unwrap();
    let region = &trace.regions[0];
    assert!(region.log10_nfa < -2.0, "{}", region.log10_nfa);
    let cell_side = CELL_PX as u32;
    let columns = trace.cells.columns;
    let right = region.cells.iter().filter(|&&cell| {
        is_inside((cell % columns) as u32 * cell_side + 4, (cell / columns) as u32 * cell_side + 4)
    });
    let (right, found, wanted) = (right.count(), region.cells.len(), 28 * 28);
    assert!(right * 10 > 8 * found.max(wanted), "{right} of {found} and {wanted}");
    assert!(at(&trace, 400, 208) > 0.0);
    assert!(at(&trace, 40, 40) < 0.0 && at(&trace, 600, 440) < 0.0);
}

#[test]
fn the_smaller_side_is_the_foreign_one() {
    let mostly =
        picture(640, 480, |x, y| if is_inside(x, y) { sharp(x, y) } else { enlarged(x, y) });
    let trace = traced(&mostly).unwrap();
    assert!(at(&trace, 400, 208) > at(&trace, 40, 40) + 1.0);
}

#[test]
fn one_source_has_no_region() {
    for grain in [sharp, enlarged] {
        assert_eq!(traced(&picture(640, 480, grain)).unwrap().regions, []);
        assert_eq!(traced(&picture(384, 256, grain)).unwrap().regions, []);
    }
    assert_eq!(traced(&picture(640, 480, |_, _| 0.0)).unwrap().regions, []);
}

#[test]
fn small_and_saturated_pictures_are_not_applicable() {
    for refused in [picture(60, 400, sharp), picture(100, 100, sharp)] {
        assert!(matches!(traced(&refused), Err(NoScore::NotApplicable { .. })));
    }
    let white = EvidenceBuilder::grey(640, 480, |_, _| 255);
    match traced(&white) {
        Err(NoScore::NotApplicable { reason }) => {
            assert!(reason.contains("0 unsaturated"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn blocks_for_the_fit_hold_frequencies_of_small_blocks() {
    let picture = picture(1200, 900, sharp);
    let blocks = blocks(&Evidence::new(picture.as_source())).unwrap();
    let positions = |side: usize| (side - 64) / 8 + 1;
    assert_eq!(blocks.len(), positions(1200) * positions(900));
    for block in &blocks {
        for histogram in [&block[..25], &block[25..50]] {
            let sum: f64 = histogram.iter().map(|root| root * root).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        }
        assert_eq!(block[50], 1.0);
    }
}

#[test]
fn the_groups_of_a_splice_are_farther_apart_than_those_of_one_source() {
    let forged =
        picture(640, 480, |x, y| if is_inside(x, y) { enlarged(x, y) } else { sharp(x, y) });
    let distance = |picture: &EvidenceBuilder| {
        numbers(&Evidence::new(picture.as_source())).unwrap().map(|numbers| numbers[0])
    };
    let (apart, alike) = (distance(&forged).unwrap(), distance(&picture(640, 480, sharp)).unwrap());
    assert!(apart > alike, "{apart}, {alike}");
    assert_eq!(distance(&EvidenceBuilder::grey(640, 480, |_, _| 128)), None);
}

#[test]
fn a_cancelled_call_stops() {
    let cancelled = picture(384, 256, sharp).cancelled();
    assert_eq!(traced(&cancelled), Err(NoScore::Cancelled));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_picture_gets_finite_cells_and_the_same_twice(
        width in 1_u32..300, height in 1_u32..260, strength in 0.0_f64..60.0, seed in any::<u64>(),
        coarse in 1_u32..40,
    ) {
        let any = picture(width, height, |x, y| {
            strength * noise(seed, x, y) + 60.0 * noise(seed ^ 1, x / coarse, y / coarse)
        });
        let found = traced(&any);
        prop_assert_eq!(&found, &traced(&any));
        match found {
            Ok(trace) => {
                let columns = (width as usize).div_ceil(CELL_PX);
                prop_assert_eq!(trace.cells.columns, columns);
                prop_assert_eq!(trace.cells.log_odds.len(), columns * (height as usize).div_ceil(CELL_PX));
                prop_assert!(trace.cells.log_odds.iter().all(|value| value.is_finite()));
                for region in &trace.regions {
                    prop_assert!(region.cells.windows(2).all(|pair| pair[0] < pair[1]));
                    prop_assert!(region.cells.iter().all(|&cell| cell < trace.cells.log_odds.len()));
                    prop_assert!(region.log10_nfa < 0.0);
                }
            }
            Err(why) => {
                let is_refusal = matches!(why, NoScore::NotApplicable { .. });
                prop_assert!(is_refusal, "{:?}", why);
            }
        }
    }

    #[test]
    fn a_mirrored_picture_has_a_mirrored_map(seed in any::<u64>()) {
        let grain = |x: u32, y: u32| {
            6.0 * noise(seed, x, y) + 6.0 * f64::from(u8::from(x > 200)) * noise(seed ^ 3, x / 2, y)
        };
        let straight = traced(&picture_of(320, 256, grain)).unwrap();
        let turned = traced(&picture_of(320, 256, |x, y| grain(319 - x, y))).unwrap();
        let agreeing = sides(&straight).chunks(40).zip(sides(&turned).chunks(40))
            .flat_map(|(row, mirrored)| row.iter().zip(mirrored.iter().rev()))
            .filter(|(a, b)| a == b)
            .count();
        prop_assert!(agreeing > 40 * 32 * 3 / 4, "{}", agreeing);
    }
}

/// For each cell whether it is nearer the greatest than the least log odds.
fn sides(trace: &Trace) -> Vec<bool> {
    let values = &trace.cells.log_odds;
    let (least, most) =
        values.iter().fold((f32::MAX, f32::MIN), |(least, most), &v| (least.min(v), most.max(v)));
    values.iter().map(|&value| value > f32::midpoint(least, most)).collect()
}

fn picture_of(width: u32, height: u32, grain: impl Fn(u32, u32) -> f64) -> EvidenceBuilder {
    EvidenceBuilder::grey(width, height, |x, y| {
        (125.0 + grain(x, y)).round().clamp(0.0, 255.0) as u8
    })
}
