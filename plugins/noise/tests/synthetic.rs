// SPDX-License-Identifier: MIT OR Apache-2.0
//! The noise detector on pictures made in memory: a camera's, a painter's, and awkward ones.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

use assay_noise::blocks::Blocks;
use assay_noise::model::Cues;
use assay_noise::{flat, Noise};
use assay_plugin_api::check;
use assay_plugin_api::evidence::Evidence;
use assay_plugin_api::prelude::*;
use assay_plugin_api::testing::EvidenceBuilder;
use proptest::prelude::*;

/// A number in `0..1` that depends on its place only (splitmix64).
fn uniform(seed: u64, x: u32, y: u32, channel: u32) -> f64 {
    let key = (u64::from(y) << 34) | (u64::from(x) << 4) | u64::from(channel);
    let mut z = key.wrapping_add(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        z = (z ^ (z >> 30)).wrapping_mul(factor);
    }
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

fn gaussian(seed: u64, x: u32, y: u32, channel: u32) -> f64 {
    let (a, b) = (uniform(seed, x, y, 2 * channel), uniform(seed, x, y, 2 * channel + 1));
    (-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}

/// A smooth scene, each channel in `40..=200`.
fn scene(x: u32, y: u32, channel: u32) -> f64 {
    let (x, y) = (f64::from(x) / 90.0, f64::from(y) / 70.0);
    120.0 + 50.0 * (x + f64::from(channel)).sin() + 30.0 * (y * 1.3 + x * 0.4).cos()
}

fn byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

fn noisy(width: u32, height: u32, sigma: impl Fn(f64) -> f64) -> EvidenceBuilder {
    EvidenceBuilder::rgb(width, height, |x, y| {
        [0, 1, 2].map(|c| {
            let value = scene(x, y, c);
            byte(value + sigma(value) * gaussian(1, x, y, c))
        })
    })
}

/// A Bayer sensor (RGGB) with Poisson-Gaussian noise and bilinear demosaicing.
fn camera(width: u32, height: u32) -> EvidenceBuilder {
    let channel_at = |x: u32, y: u32| x % 2 + y % 2;
    let sensed = |x: u32, y: u32| {
        let value = scene(x, y, channel_at(x, y));
        value + (0.1 * value + 4.0).sqrt() * gaussian(2, x, y, 0)
    };
    EvidenceBuilder::rgb(width, height, |x, y| {
        [0, 1, 2].map(|channel| {
            if channel_at(x, y) == channel {
                return byte(sensed(x, y));
            }
            let near = (y.saturating_sub(1)..=y + 1)
                .flat_map(|v| (x.saturating_sub(1)..=x + 1).map(move |u| (u, v)))
                .filter(|&(u, v)| channel_at(u, v) == channel)
                .filter(|&(u, v)| channel != 1 || u == x || v == y)
                .map(|(u, v)| sensed(u, v));
            let (sum, count) = near.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
            byte(sum / count)
        })
    })
}

fn cues(picture: &EvidenceBuilder) -> Cues {
    let blocks = Blocks::measure(&Evidence::new(picture.as_source())).unwrap();
    let flat = flat::select(&blocks).unwrap();
    Cues::measure(&blocks, &flat).unwrap()
}

fn codes(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn the_level_of_gaussian_noise_is_measured() {
    for sigma in [2.0, 5.0, 10.0] {
        let measured = cues(&noisy(256, 192, |_| sigma)).level;
        // Luma averages the three channels' noise: sqrt(.299^2 + .587^2 + .114^2) = 0.669.
        assert!((f64::from(measured.sigma) / (0.669 * sigma) - 1.0).abs() < 0.06, "{measured:?}");
        assert!((measured.kurtosis - 3.0).abs() < 0.3, "{measured:?}");
    }
}

#[test]
fn white_noise_has_the_residual_correlations_of_the_kernel() {
    let measured = cues(&noisy(256, 256, |_| 8.0)).correlation;
    assert!((measured.axis + 0.4).abs() < 0.03, "{measured:?}");
    assert!((measured.diagonal - 0.1).abs() < 0.03, "{measured:?}");
    assert!((measured.two - 0.05).abs() < 0.03, "{measured:?}");
    assert!(measured.colour.unwrap().red_green.abs() < 0.05, "{measured:?}");
}

#[test]
fn grey_pictures_have_no_colour_correlation() {
    let grey = EvidenceBuilder::grey(160, 160, |x, y| byte(scene(x, y, 0) + gaussian(3, x, y, 0)));
    assert_eq!(cues(&grey).correlation.colour, None);
    grey.run::<Noise>().unwrap();
}

#[test]
fn noise_that_grows_with_brightness_has_a_positive_slope() {
    let ramp = |sigma: fn(f64) -> f64| {
        EvidenceBuilder::rgb(384, 384, move |x, y| {
            let value = 30.0 + f64::from(x) / 2.0;
            [0, 1, 2].map(|c| byte(value + sigma(value) * gaussian(1, x, y, c)))
        })
    };
    let growing = cues(&ramp(|value| 0.04 * value)).intensity;
    assert!(growing.slope > 1.0 && growing.t_statistic > 10.0, "{growing:?}");
    let constant = cues(&ramp(|_| 5.0)).intensity;
    assert!(constant.slope.abs() < 0.2, "{constant:?}");
}

#[test]
fn a_bayer_camera_shows_demosaicing_and_scores_low() {
    let picture = camera(384, 320);
    let report = picture.run::<Noise>().unwrap();
    assert!(cues(&picture).demosaicing.present());
    assert!(codes(&report).contains(&"noise.demosaicing.present"));
    assert_eq!(report.detail, "Demosaicing traces of a camera sensor detected");
    assert!(report.score < 0.4, "{}", report.score);
}

#[test]
fn the_mosaic_is_found_at_every_phase_of_a_crop() {
    let whole = camera(260, 260);
    let rgb = Evidence::new(whole.as_source());
    let rgb = rgb.rgb().unwrap();
    for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        let crop = EvidenceBuilder::rgb(256, 256, |x, y| {
            let start = 3 * (x + dx) as usize;
            rgb.row((y + dy) as usize)[start..][..3].try_into().unwrap()
        });
        assert!(cues(&crop).demosaicing.present(), "({dx}, {dy})");
    }
}

#[test]
fn independent_noise_has_no_demosaicing_trace() {
    let measured = cues(&noisy(512, 512, |_| 6.0)).demosaicing;
    assert!(!measured.present(), "{measured:?}");
    assert_eq!(measured.evidence(), 0.0);
}

#[test]
fn a_picture_without_noise_is_reported_so() {
    let report = noisy(256, 256, |_| 0.0).run::<Noise>().unwrap();
    assert!(codes(&report).contains(&"noise.level.absent"), "{report:?}");
}

#[test]
fn uneven_noise_scores_higher_than_even_noise() {
    let even = noisy(384, 384, |_| 4.0).run::<Noise>().unwrap();
    let uneven = EvidenceBuilder::rgb(384, 384, |x, y| {
        let sigma = if (x / 96 + 2 * (y / 96)) % 5 == 0 { 0.4 } else { 6.0 };
        [0, 1, 2].map(|c| byte(scene(x, y, c) + sigma * gaussian(4, x, y, c)))
    });
    let uneven = uneven.run::<Noise>().unwrap();
    assert!(uneven.score > even.score + 0.03, "{} {}", uneven.score, even.score);
    assert!(codes(&uneven).contains(&"noise.level.uneven"), "{uneven:?}");
    assert!(!codes(&even).contains(&"noise.level.uneven"));
}

#[test]
fn small_and_saturated_and_busy_pictures_are_not_applicable() {
    let reason = |picture: EvidenceBuilder| match picture.run::<Noise>() {
        Err(NoScore::NotApplicable { reason }) => reason.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(reason(noisy(99, 400, |_| 3.0)).contains("99 px"));
    assert!(reason(EvidenceBuilder::grey(256, 256, |_, _| 255)).contains("flat area"));
    let busy = EvidenceBuilder::grey(256, 256, |x, y| 40 + 160 * ((x / 3 + y / 5) % 2) as u8);
    assert!(reason(busy).contains("flat area"));
}

#[test]
fn a_cancelled_call_stops() {
    assert_eq!(noisy(128, 128, |_| 3.0).cancelled().run::<Noise>(), Err(NoScore::Cancelled));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_picture_gets_a_valid_answer_and_the_same_twice(
        width in 90_u32..400, height in 90_u32..300, sigma in 0.0_f64..60.0, seed in any::<u64>(),
        blocky in 1_u32..40,
    ) {
        let picture = EvidenceBuilder::rgb(width, height, |x, y| {
            let base = 255.0 * uniform(seed, x / blocky, y / blocky, 7);
            [0, 1, 2].map(|c| byte(base + sigma * gaussian(seed, x, y, c)))
        });
        let answer = picture.run::<Noise>();
        prop_assert_eq!(&answer, &picture.run::<Noise>());
        match answer {
            Ok(report) => {
                check::report(&report, width, height).unwrap();
                prop_assert!((0.2..=0.75).contains(&report.score));
            }
            Err(NoScore::NotApplicable { .. }) => {}
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }
}
