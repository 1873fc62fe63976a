// SPDX-License-Identifier: MIT OR Apache-2.0
//! The copy-move trace on pictures made in memory: copied, mirrored, turned, scaled, repeated.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

mod noise;

use std::io::Cursor;

use assay_plugin_api::check;
use assay_plugin_api::prelude::*;
use assay_plugin_api::testing::EvidenceBuilder;
use assay_splicing::copy_move;
use assay_splicing::trace::{Trace, CELL_PX};
use assay_splicing::Splicing;
use image::codecs::jpeg::JpegEncoder;
use image::RgbImage;
use proptest::prelude::*;

use noise::noise;

/// A number in `0..1` that depends on its place only.
fn uniform(seed: u64, x: i64, y: i64) -> f64 {
    0.5 * (noise(seed, x as u32, y as u32) + 1.0)
}

/// Smooth noise, `-1..=1`, whose features are `size` px wide.
fn smooth(seed: u64, size: f64, x: f64, y: f64) -> f64 {
    let (u, v) = (x / size, y / size);
    let ease = |t: f64| t * t * (3.0 - 2.0 * t);
    let (a, b) = (ease(u - u.floor()), ease(v - v.floor()));
    let corner = |dx: i64, dy: i64| uniform(seed, u.floor() as i64 + dx, v.floor() as i64 + dy);
    let upper = corner(0, 0) * (1.0 - a) + corner(1, 0) * a;
    let lower = corner(0, 1) * (1.0 - a) + corner(1, 1) * a;
    2.0 * (upper * (1.0 - b) + lower * b) - 1.0
}

/// A rough ground: octaves of smooth noise.
fn ground(seed: u64, x: f64, y: f64) -> f64 {
    let octaves = [(34.0, 40.0), (15.0, 30.0), (7.0, 20.0), (3.5, 12.0)];
    let sum = octaves
        .iter()
        .zip(0..)
        .map(|(&(size, height), i)| height * smooth(seed.wrapping_add(i), size, x, y));
    125.0 + sum.sum::<f64>()
}

/// A picture of what is where, with the noise of a camera.
fn shot(width: u32, height: u32, value: impl Fn(f64, f64) -> f64) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let noise = 4.0 * (uniform(99, i64::from(x), i64::from(y)) - 0.5);
        let value = value(f64::from(x), f64::from(y)) + noise;
        image::Rgb([value.round().clamp(0.0, 255.0) as u8; 3])
    })
}

fn through_jpeg(picture: &RgbImage, quality: u8) -> RgbImage {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(Cursor::new(&mut file), quality).encode_image(picture).unwrap();
    image::load_from_memory(&file).unwrap().to_rgb8()
}

/// What a copy went through.
#[derive(Clone, Copy, Debug)]
struct Change {
    turn: f64,
    scale: f64,
    mirror: bool,
}

const PLAIN: Change = Change { turn: 0.0, scale: 1.0, mirror: false };

/// Copies the disc of a radius around `from` to `to`.
fn with_copy(
    picture: &RgbImage,
    from: [f64; 2],
    to: [f64; 2],
    radius: f64,
    change: Change,
) -> RgbImage {
    let mut out = picture.clone();
    for (x, y, pixel) in out.enumerate_pixels_mut() {
        let (dx, dy) = (f64::from(x) - to[0], f64::from(y) - to[1]);
        let (sin, cos) = change.turn.sin_cos();
        let (u, v) = ((cos * dx + sin * dy) / change.scale, (cos * dy - sin * dx) / change.scale);
        if u.hypot(v) <= radius {
            let u = if change.mirror { -u } else { u };
            let (u, v) = ((from[0] + u) as f32, (from[1] + v) as f32);
            *pixel = image::imageops::interpolate_bilinear(picture, u, v).unwrap();
        }
    }
    out
}

fn evidence(picture: &RgbImage) -> EvidenceBuilder {
    EvidenceBuilder::from_rgb(picture.width(), picture.height(), picture.as_raw().clone())
}

fn trace(picture: &RgbImage) -> Trace {
    copy_move::measure(&Evidence::new(evidence(picture).as_source())).unwrap()
}

/// Share of the disc's cells, those that lie wholly within it, that are among `cells`; and share of
/// `cells` that touch the disc.
fn overlap(trace: &Trace, cells: &[usize], centre: [f64; 2], radius: f64) -> (f64, f64) {
    let side = CELL_PX as f64;
    let distance = |cell: usize| {
        let (column, row) = (cell % trace.cells.columns, cell / trace.cells.columns);
        let (x, y) = ((column as f64 + 0.5) * side, (row as f64 + 0.5) * side);
        (x - centre[0]).hypot(y - centre[1])
    };
    let within: Vec<usize> = (0..trace.cells.log_odds.len())
        .filter(|&cell| distance(cell) < radius - 0.75 * side)
        .collect();
    let found = within.iter().filter(|cell| cells.contains(cell)).count();
    let right = cells.iter().filter(|&&cell| distance(cell) < radius + 1.5 * side).count();
    (found as f64 / within.len() as f64, right as f64 / cells.len() as f64)
}

fn assert_found(picture: &RgbImage, from: [f64; 2], to: [f64; 2], radius: f64, change: Change) {
    let trace = trace(picture);
    assert_eq!(trace.regions.len(), 1, "{change:?}");
    let region = &trace.regions[0];
    assert!(region.log10_nfa < -1.0, "{change:?} {}", region.log10_nfa);
    // `to` comes second in reading order.
    let sides = [(&region.source_cells, from, radius), (&region.cells, to, radius * change.scale)];
    for (cells, centre, radius) in sides {
        let (found, right) = overlap(&trace, cells, centre, radius);
        assert!(found > 0.8 && right > 0.95, "{change:?}: {found} {right}");
    }
    let odds = &trace.cells.log_odds;
    let drawn = odds.iter().filter(|&&odds| odds > 0.0).count();
    assert!(drawn <= region.cells.len() + region.source_cells.len());
    assert!(region.cells.iter().chain(&region.source_cells).all(|&cell| odds[cell] > 0.0));
}

#[test]
fn a_copy_in_a_large_picture_is_found() {
    let picture = shot(2720, 1800, |x, y| ground(3, x / 3.0, y / 3.0));
    let (from, to, radius) = ([700.0, 600.0], [1900.0, 1200.0], 130.0);
    let change = Change { turn: 0.3, ..PLAIN };
    let copied = with_copy(&picture, from, to, radius, change);
    let found = trace(&through_jpeg(&copied, 90));
    assert_eq!(found.regions.len(), 1);
    let region = &found.regions[0];
    let best = |cells: &[usize]| [from, to].map(|at| overlap(&found, cells, at, radius));
    for sides in [best(&region.cells), best(&region.source_cells)] {
        let fits = sides.iter().any(|&(covered, within)| covered > 0.6 && within > 0.8);
        assert!(fits, "{sides:?}");
    }
    assert!(trace(&through_jpeg(&picture, 90)).regions.is_empty());
}

#[test]
fn a_copy_is_found_with_its_original() {
    let picture = shot(360, 280, |x, y| ground(1, x, y));
    let (from, to) = ([90.0, 80.0], [251.0, 187.0]);
    let copied = with_copy(&picture, from, to, 42.0, PLAIN);
    assert_found(&copied, from, to, 42.0, PLAIN);
    assert_found(&through_jpeg(&copied, 75), from, to, 42.0, PLAIN);
}

#[test]
fn the_detector_reports_both_sides() {
    let picture = shot(420, 320, |x, y| ground(1, x, y));
    let copied = with_copy(&picture, [110.0, 150.0], [300.0, 170.0], 45.0, PLAIN);
    let report = evidence(&copied).run::<Splicing>().unwrap();
    check::report(&report, 420, 320).unwrap();
    assert!(report.score > 0.9, "{}", report.score);
    let finding = report.findings.iter().find(|finding| finding.code == "copy.within").unwrap();
    let mut middles: Vec<_> = finding.regions.iter().map(|r| r.x + r.width / 2).collect();
    middles.sort_unstable();
    assert!(middles[0].abs_diff(110) <= 16 && middles[1].abs_diff(300) <= 16, "{middles:?}");
    let map = report.heatmap.unwrap();
    let heat = |x: u32, y: u32| map.values[(y / 8 * map.columns + x / 8) as usize];
    assert!(heat(110, 150) > 0.5 && heat(300, 170) > 0.5);
    assert!(heat(210, 20) < 0.1);
    assert!(evidence(&picture).run::<Splicing>().unwrap().score < 0.5);
}

#[test]
fn a_mirrored_a_turned_and_a_scaled_copy_are_found() {
    let picture = shot(360, 280, |x, y| ground(2, x, y));
    let (from, to) = ([90.0, 80.0], [250.0, 185.0]);
    let changes = [
        Change { mirror: true, ..PLAIN },
        Change { turn: 0.6, ..PLAIN },
        Change { scale: 1.3, ..PLAIN },
        Change { turn: -0.3, scale: 0.8, mirror: true },
    ];
    for change in changes {
        let copied = through_jpeg(&with_copy(&picture, from, to, 45.0, change), 85);
        assert_found(&copied, from, to, 45.0, change);
    }
}

#[test]
fn a_copy_in_a_large_picture_is_found_at_a_reduced_size() {
    let picture = shot(1600, 1100, |x, y| ground(3, x / 2.0, y / 2.0));
    let (from, to) = ([400.0, 300.0], [1130.0, 760.0]);
    let copied = through_jpeg(&with_copy(&picture, from, to, 110.0, PLAIN), 85);
    assert_found(&copied, from, to, 110.0, PLAIN);
}

#[test]
fn an_honest_picture_has_no_copies() {
    for seed in 10..12 {
        let found = trace(&through_jpeg(&shot(360, 280, |x, y| ground(seed, x, y)), 85));
        assert_eq!(found.regions, []);
        assert!(found.cells.log_odds.iter().all(|&odds| odds == 0.0));
    }
}

#[test]
fn what_repeats_is_no_copy() {
    // Bricks of one shape, exactly alike but for noise; and each with a surface of its own.
    let brick = |x: f64, y: f64| {
        let (u, v) = ((x + 22.0 * (y / 24.0).floor()).rem_euclid(44.0), y.rem_euclid(24.0));
        if u < 4.0 || v < 4.0 {
            60.0
        } else {
            ground(5, u, v)
        }
    };
    for own_surface in [0.0, 12.0] {
        let wall = |x: f64, y: f64| brick(x, y) + own_surface * smooth(6, 6.0, x, y);
        assert_eq!(trace(&shot(240, 180, wall)).regions, [], "{own_surface}");
    }
}

#[test]
fn two_things_of_one_kind_are_no_copy() {
    // Two windows on a rough wall: the same frame and panes, each with reflections of its own.
    let window = |x: f64, y: f64, left: f64| {
        let (u, v) = (x - left, y - 90.0);
        let inside = (0.0..80.0).contains(&u) && (0.0..100.0).contains(&v);
        let frame = [0.0, 38.0, 74.0].iter().any(|&at| (at..at + 6.0).contains(&u))
            || [0.0, 47.0, 94.0].iter().any(|&at| (at..at + 6.0).contains(&v));
        let pane = 70.0 + 0.3 * ground(7, u, v) + 18.0 * smooth(8, 12.0, x, y);
        inside.then_some(if frame { 220.0 } else { pane })
    };
    let picture = shot(360, 280, |x, y| {
        window(x, y, 60.0).or(window(x, y, 223.0)).unwrap_or(ground(9, x, y))
    });
    assert_eq!(trace(&through_jpeg(&picture, 90)).regions, []);
}

#[test]
fn small_pictures_are_not_applicable_and_a_cancelled_call_stops() {
    let small = evidence(&shot(200, 63, |x, y| ground(1, x, y)));
    match copy_move::measure(&Evidence::new(small.as_source())) {
        Err(NoScore::NotApplicable { reason }) => assert!(reason.contains("63 px"), "{reason}"),
        other => panic!("{other:?}"),
    }
    let cancelled = evidence(&shot(128, 128, |x, y| ground(1, x, y))).cancelled();
    let found = copy_move::measure(&Evidence::new(cancelled.as_source()));
    assert_eq!(found, Err(NoScore::Cancelled));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn every_picture_gets_valid_cells_and_the_same_twice(
        width in 64_u32..220, height in 64_u32..180, seed in any::<u64>(), blocky in 1_i64..40,
        rough in 0.0_f64..1.0,
    ) {
        let picture = shot(width, height, |x, y| {
            let block = 255.0 * uniform(seed, x as i64 / blocky, y as i64 / blocky);
            rough * ground(seed, x, y) + (1.0 - rough) * block
        });
        let found = trace(&picture);
        prop_assert_eq!(&found, &trace(&picture));
        let columns = (width as usize).div_ceil(CELL_PX);
        let cells = columns * (height as usize).div_ceil(CELL_PX);
        prop_assert_eq!(found.cells.columns, columns);
        prop_assert_eq!(found.cells.log_odds.len(), cells);
        prop_assert!(found.cells.log_odds.iter().all(|odds| odds.is_finite()));
        for region in &found.regions {
            prop_assert!(region.log10_nfa < 0.0);
            for side in [&region.cells, &region.source_cells] {
                prop_assert!(!side.is_empty() && side.is_sorted());
                prop_assert!(side.iter().all(|&cell| cell < cells));
            }
        }
        prop_assert!(found.regions.is_sorted_by(|a, b| a.log10_nfa <= b.log10_nfa));
    }
}
