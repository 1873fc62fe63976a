// SPDX-License-Identifier: MIT OR Apache-2.0
//! The law of a picture's noise and where it is broken, on pictures of the synthetic camera and on
//! pictures whose law is known.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

use assay_conformance::synth::codec::{decode, Jpeg};
use assay_conformance::synth::forgery::{add_noise, blur};
use assay_conformance::synth::{Camera, Picture, Scene};
use assay_noise::blocks::Blocks;
use assay_noise::model::Cues;
use assay_noise::{flat, Noise};
use assay_plugin_api::check;
use assay_plugin_api::evidence::Evidence;
use assay_plugin_api::prelude::*;
use proptest::prelude::*;

/// Standard normal numbers that depend on the seed and their place only (splitmix64, Box and
/// Muller).
fn gaussian(seed: u64, place: usize) -> f64 {
    let uniform = |index: u64| {
        let mut z = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed;
        for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
            z = (z ^ (z >> 30)).wrapping_mul(factor);
        }
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let (a, b) = (uniform(2 * place as u64), uniform(2 * place as u64 + 1));
    (-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}

/// A ramp of light with the noise of `gain` and `floor`, full scale 1, behind a tone curve.
fn ramp(exponent: f64, gain: f64, floor: f64) -> Picture {
    const SIDE: usize = 448;
    Picture::from_fn(SIDE, SIDE, |x, y| {
        let light = (0.25 + 0.6 * x as f64 / SIDE as f64).powf(exponent);
        std::array::from_fn(|channel| {
            let noise = (gain * light + floor).sqrt() * gaussian(7, (y * SIDE + x) * 3 + channel);
            (255.0 * (light + noise).max(0.0).powf(1.0 / exponent)).round().clamp(0.0, 255.0) as u8
        })
    })
}

fn cues(picture: &Picture) -> Cues {
    let builder = picture.evidence();
    let blocks = Blocks::measure(&Evidence::new(builder.as_source())).unwrap();
    Cues::measure(&blocks, &flat::select(&blocks).unwrap()).unwrap()
}

fn examined(picture: &Picture) -> Report {
    let report = picture.evidence().run::<Noise>().unwrap();
    let side = |px: usize| u32::try_from(px).unwrap();
    check::report(&report, side(picture.width), side(picture.height)).unwrap();
    report
}

fn finding<'a>(report: &'a Report, code: &str) -> Option<&'a Finding> {
    report.findings.iter().find(|finding| finding.code == code)
}

fn is_blank(report: &Report) -> bool {
    report.heatmap.as_ref().unwrap().values.iter().all(|&heat| heat == 0.0)
}

/// A scene without objects as a camera of few pixels takes it, saved at 95.
fn photo(shot: u64) -> Picture {
    let scene = Scene::without_objects(shot).light(512, 400);
    saved(&Camera::with_body(shot % 5).shoot(&scene, shot), 95)
}

fn saved(picture: &Picture, quality: u8) -> Picture {
    decode(&Jpeg::quality(quality).encode(picture).unwrap()).unwrap()
}

/// Means of 3x3 px.
fn softened(picture: &Picture) -> Picture {
    let near = |at: usize, length: usize| [at.saturating_sub(1), at, (at + 1).min(length - 1)];
    Picture::from_fn(picture.width, picture.height, |x, y| {
        let rows = near(y, picture.height);
        let around = || near(x, picture.width).into_iter().flat_map(|u| rows.map(|v| (u, v)));
        std::array::from_fn(|channel| {
            let sum: u32 = around().map(|(u, v)| u32::from(picture.pixel(u, v)[channel])).sum();
            ((sum + 4) / 9) as u8
        })
    })
}

#[test]
fn gain_and_floor_of_a_sensor_are_measured() {
    for (exponent, gain, floor) in [(1.0, 2e-3, 1e-4), (2.2, 1e-3, 5e-5)] {
        let measured = cues(&ramp(exponent, gain, floor));
        assert!(measured.fit.on_curve > 0.95, "{:?}", measured.fit);
        for fit in measured.channels {
            let law = *fit.unwrap().law().unwrap();
            // Neighbouring exponents explain the same noise about as well, so what is compared is the
            // variance in the middle of the ramp, and the gain where there is no tone curve.
            let value = 255.0 * 0.55;
            let light = 0.55_f64.powf(exponent);
            let slope = 0.55_f64.powf(1.0 - exponent) / exponent;
            let wanted = (gain * light + floor) * (255.0 * slope).powi(2);
            assert!((law.variance(value) / wanted - 1.0).abs() < 0.1, "{law:?}: {wanted}");
            if exponent == 1.0 {
                assert!((law.gain / gain - 1.0).abs() < 0.25, "{law:?}");
            }
        }
    }
}

#[test]
fn noise_of_two_laws_does_not_lie_on_one_curve() {
    let one = ramp(1.0, 2e-3, 1e-4);
    let other = ramp(1.0, 2e-4, 1e-5);
    // A sixth: of each brightness the flattest third is looked at, which then holds both.
    let mixed = Picture::from_fn(one.width, one.height, |x, y| {
        if (x / 64 + 2 * (y / 64)) % 6 == 0 {
            other.pixel(x, y)
        } else {
            one.pixel(x, y)
        }
    });
    let share = |picture: &Picture| cues(picture).fit.on_curve;
    assert!(share(&mixed) < share(&one) - 0.3, "{} {}", share(&mixed), share(&one));
}

#[test]
fn one_brightness_does_not_tell_gain_from_floor() {
    let wall = Picture::from_fn(256, 256, |x, y| {
        std::array::from_fn(|c| (120.0 + 4.0 * gaussian(3, (y * 256 + x) * 3 + c)).round() as u8)
    });
    assert_eq!(cues(&wall).fit.law(), None);
    let report = examined(&wall);
    assert!(finding(&report, "noise.curve").is_none());
    assert!(report.attributes.iter().all(|a| a.name != "noise_gain" || a.value == Value::Null));
}

#[test]
fn denoised_noise_is_told_from_fresh_noise() {
    let fresh = ramp(1.8, 2e-3, 1e-4);
    // What is fine goes, what is wide stays.
    let smooth = softened(&softened(&fresh));
    assert!(finding(&examined(&fresh), "noise.denoised").is_none());
    let report = examined(&smooth);
    assert!(finding(&report, "noise.denoised").is_some(), "{:?}", cues(&smooth).coarse);
    assert!(report.score <= 0.5, "{}", report.score);
}

#[test]
fn the_map_of_a_camera_s_picture_is_blank() {
    for shot in 0..6 {
        let report = examined(&photo(shot));
        assert!(is_blank(&report), "{shot}: {:?}", finding(&report, "noise.region.quiet"));
        assert!(finding(&report, "noise.region.quiet").is_none());
    }
}

#[test]
fn noise_that_follows_brightness_leaves_the_map_blank() {
    assert!(is_blank(&examined(&ramp(1.0, 4e-3, 1e-5))));
}

#[test]
fn a_smoothed_part_is_shown_and_nothing_else() {
    let picture = photo(11);
    let part = Region { x: 192, y: 144, width: 160, height: 128 };
    let report = examined(&saved(&blur(&picture, part, 1.5).picture, 95));
    let found = finding(&report, "noise.region.quiet").expect("a region");
    let inside = |r: &Region| {
        r.x + r.width > part.x
            && r.x < part.x + part.width
            && r.y + r.height > part.y
            && r.y < part.y + part.height
    };
    assert!(found.regions.iter().all(inside), "{found:?}");
    let map = report.heatmap.as_ref().unwrap();
    let cell = map.cell_px;
    for (at, &heat) in (0_u32..).zip(&map.values) {
        let (x, y) = (at % map.columns * cell, at / map.columns * cell);
        let touches = inside(&Region { x, y, width: cell, height: cell });
        assert!(heat == 0.0 || touches, "({x}, {y}) {heat}");
        let centre = inside(&Region { x: x + cell / 2, y: y + cell / 2, width: 1, height: 1 });
        if centre && x >= part.x && y >= part.y {
            assert!(heat >= 0.6, "({x}, {y}) {heat}");
        }
    }
    assert!(report.detail.contains("less noise than the rest"), "{}", report.detail);
    let localises = report.attributes.iter().find(|a| a.name == "heatmap_localises");
    assert_eq!(localises.map(|a| &a.value), Some(&Value::Bool(true)));
}

#[test]
fn a_sharp_subject_before_a_blurred_background_is_not_shown() {
    // A portrait mode: most of the picture is smoothed, and what is not has more noise.
    let picture = photo(12);
    let whole = Region { x: 0, y: 0, width: 512, height: 400 };
    let mut portrait = blur(&picture, whole, 2.0).picture;
    for y in 112..400 {
        for x in 176..352 {
            portrait.set_pixel(x, y, picture.pixel(x, y));
        }
    }
    assert!(is_blank(&examined(&saved(&portrait, 95))));
}

#[test]
fn a_part_with_more_noise_is_not_shown() {
    let part = Region { x: 192, y: 144, width: 160, height: 128 };
    let noisy = add_noise(&photo(13), part, 6.0, 1).picture;
    let report = examined(&saved(&noisy, 95));
    assert!(is_blank(&report), "{:?}", finding(&report, "noise.region.quiet"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn white_noise_lights_no_cell(seed in any::<u64>(), sigma in 0.5_f64..12.0, slope in 0.0_f64..0.4) {
        let picture = Picture::from_fn(224, 192, |x, y| {
            std::array::from_fn(|c| {
                let noise = sigma * gaussian(seed, (y * 224 + x) * 3 + c);
                (60.0 + slope * (x + y) as f64 + noise).round().clamp(0.0, 255.0) as u8
            })
        });
        prop_assert!(is_blank(&examined(&picture)));
    }
}
