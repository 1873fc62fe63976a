// SPDX-License-Identifier: MIT OR Apache-2.0
//! The frequency detector on pictures made in memory: noise, up-sampled noise, block grids,
//! textures in one place.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

use assay_frequency::block_grid::is_measurable;
use assay_frequency::peaks::{self, Peak};
use assay_frequency::spectra::{Analyser, Spectra, VOTE_PROBABILITIES};
use assay_frequency::votes::log10_binomial_tail;
use assay_frequency::{radial, Frequency};
use assay_plugin_api::check;
use assay_plugin_api::evidence::{keys, Evidence};
use assay_plugin_api::prelude::*;
use assay_plugin_api::testing::EvidenceBuilder;
use proptest::prelude::*;

/// A number in `0..1` that depends on its place only (splitmix64).
fn uniform(seed: u64, x: u32, y: u32) -> f64 {
    let key = (u64::from(y) << 32) | u64::from(x);
    let mut z = key.wrapping_add(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        z = (z ^ (z >> 30)).wrapping_mul(factor);
    }
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Noise of standard deviation 5.8 around grey.
fn noise(seed: u64, x: u32, y: u32) -> f64 {
    128.0 + 20.0 * (uniform(seed, x, y) - 0.5)
}

fn byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

/// Noise over noise that was up-sampled by repeating each sample `period` times.
fn upsampled(side: u32, period: u32, strength: f64) -> EvidenceBuilder {
    EvidenceBuilder::grey(side, side, |x, y| {
        byte(noise(1, x, y) + strength * (noise(2, x / period, y / period) - 128.0))
    })
}

/// Noise with a weak impulse every `period` px along both axes: peaks on the whole lattice.
fn lattice(side: u32, period: u32) -> EvidenceBuilder {
    EvidenceBuilder::grey(side, side, |x, y| {
        let on = x % period == 0 && y % period == 0;
        byte(noise(3, x, y) + if on { 25.0 } else { 0.0 })
    })
}

fn spectra(picture: &EvidenceBuilder) -> Spectra {
    Analyser::default().measure(&Evidence::new(picture.as_source())).unwrap()
}

fn periodic(report: &Report) -> Vec<&Finding> {
    report.findings.iter().filter(|f| f.code == "frequency.peak.periodic").collect()
}

#[test]
fn noise_gets_no_more_votes_than_their_probability_and_not_far_fewer() {
    let spectra = spectra(&EvidenceBuilder::grey(700, 700, |x, y| byte(noise(4, x, y))));
    for (i, p) in VOTE_PROBABILITIES.into_iter().enumerate() {
        let votes: usize = spectra.votes.iter().map(|votes| usize::from(votes[i])).sum();
        let share = votes as f64 / (spectra.votes.len() * spectra.tiles) as f64;
        assert!(share <= p && share > 0.4 * p, "{share} of {p}");
    }
}

#[test]
fn noise_has_no_peaks() {
    let found: usize = (0..12)
        .map(|seed| EvidenceBuilder::grey(400, 400, move |x, y| byte(noise(seed, x, y))))
        .map(|picture| peaks::find(&spectra(&picture)).len())
        .sum();
    assert!(found <= 1, "{found}");
}

#[test]
fn a_lattice_is_found_with_its_period() {
    for period in [4, 8, 16] {
        let periods: Vec<f64> =
            peaks::find(&spectra(&lattice(512, period))).iter().map(Peak::period_px).collect();
        assert!(periods.contains(&f64::from(period)), "{period}: {periods:?}");
        let named = periods.iter().filter(|&p| f64::from(period) % p == 0.0).count();
        assert!(10 * named >= 9 * periods.len(), "{period}: {periods:?}");
    }
    let report = lattice(512, 4).run::<Frequency>().unwrap();
    assert!(report.detail.starts_with("Periodic frequency artifacts detected at "), "{report:?}");
    assert!(report.score > 0.6, "{}", report.score);
    assert!(periodic(&report).iter().all(|f| f.severity == Severity::Warning));
}

#[test]
fn peaks_on_the_grid_of_a_jpeg_are_not_held_against_it() {
    let jpeg = |period| lattice(512, period).fact(keys::FORMAT, "JPEG");
    let report = jpeg(8).run::<Frequency>().unwrap();
    assert!(periodic(&report).is_empty(), "{report:?}");
    assert!(report.findings.iter().any(|f| f.code == "frequency.peak.block_grid"));
    let report = jpeg(16).run::<Frequency>().unwrap();
    assert_eq!(report.detail, "Periodic frequency artifacts detected at 16 px intervals");
    let webp = lattice(512, 16).fact(keys::FORMAT, "WEBP").run::<Frequency>().unwrap();
    assert!(periodic(&webp).is_empty());
}

#[test]
fn repeated_samples_leave_no_peaks_where_their_own_zeros_lie() {
    // Repeating samples multiplies the spectrum by a comb that vanishes on the lattice: nearest
    // neighbour up-sampling of noise alone is not periodic in power.
    assert!(peaks::find(&spectra(&upsampled(400, 4, 1.0))).is_empty());
}

#[test]
fn a_texture_in_one_place_is_no_peak() {
    let picture = EvidenceBuilder::grey(640, 640, |x, y| {
        let stripes = if x < 128 && y < 128 { 30.0 * f64::from(x % 4 / 2) } else { 0.0 };
        byte(noise(5, x, y) + stripes)
    });
    assert!(peaks::find(&spectra(&picture)).is_empty());
}

#[test]
fn straight_edges_along_the_axes_are_no_peaks() {
    // Rectangles at places without a common spacing.
    let draw = |i: u32, k: u32| (512.0 * uniform(11, i, k)) as u32;
    let picture = EvidenceBuilder::grey(512, 512, |x, y| {
        let inside =
            |i: &u32| (draw(*i, 0)..draw(*i, 0) + 150).contains(&x) && (draw(*i, 1)..).contains(&y);
        byte(noise(6, x, y) - 60.0 + 10.0 * (0..14).filter(inside).count() as f64)
    });
    let found = peaks::find(&spectra(&picture));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_period_off_the_lattices_is_named_by_its_wavelength_and_does_not_count() {
    let picture = EvidenceBuilder::grey(512, 512, |x, y| {
        let wave = (std::f64::consts::TAU * 0.29 * f64::from(x)).cos();
        byte(noise(7, x, y) + 6.0 * wave)
    });
    let report = picture.run::<Frequency>().unwrap();
    let found = periodic(&report);
    assert_eq!(found[0].severity, Severity::Notice);
    assert!(report.detail.contains("period of 3.4 px"), "{}", report.detail);
    assert!((0.3..=0.7).contains(&report.score));
}

#[test]
fn periods_are_named_by_the_shortest_lattice() {
    let peak = |frequency_x: f64, frequency_y: f64| Peak {
        frequency_x,
        frequency_y,
        log10_nfa: -3.0,
        share: 1.0,
    };
    assert_eq!(peak(0.5, 0.0).period_px(), 2.0);
    assert_eq!(peak(0.25, -0.5).period_px(), 4.0);
    assert_eq!(peak(0.125, 0.25).period_px(), 8.0);
    assert_eq!(peak(0.0, 0.1875).period_px(), 16.0);
    assert_eq!(peak(1.0 / 14.0, 0.0).period_px(), 14.0);
    assert_eq!(peak(20.0 / 128.0, 0.25).period_px(), 32.0);
    assert!((peak(0.3, 0.4).period_px() - 2.0).abs() < 1e-9);
    assert!(!peak(0.3, 0.4).on_upsampler_lattice());
    assert!(peak(0.125, 0.375).on_block_grid(8) && !peak(0.1875, 0.0).on_block_grid(8));
    assert!(!peak(20.0 / 128.0, 0.25).on_upsampler_lattice());
}

#[test]
fn a_block_grid_is_measured_at_any_offset_and_not_invented() {
    let blocks = |dx: u32, dy: u32, step: f64| {
        EvidenceBuilder::grey(256, 256, move |x, y| {
            let offset = step * (uniform(8, (x + dx) / 8, (y + dy) / 8) - 0.5);
            byte(noise(9, x, y) + offset)
        })
    };
    let measurable = |picture: &EvidenceBuilder| {
        is_measurable(Evidence::new(picture.as_source()).luma().unwrap())
    };
    for (dx, dy) in [(0, 0), (3, 5), (7, 1)] {
        assert!(measurable(&blocks(dx, dy, 30.0)), "({dx}, {dy})");
    }
    assert!(!measurable(&blocks(0, 0, 0.0)));
    assert!(!measurable(&EvidenceBuilder::grey(256, 256, |_, _| 80)));
}

#[test]
fn the_fall_off_of_smooth_noise_is_steeper_than_that_of_white_noise() {
    let white =
        radial::measure(&spectra(&EvidenceBuilder::grey(400, 400, |x, y| byte(noise(10, x, y)))));
    let smooth = radial::measure(&spectra(&EvidenceBuilder::grey(400, 400, |x, y| {
        let near = (0..3).flat_map(|dy| (0..3).map(move |dx| (dx, dy)));
        byte(128.0 + near.map(|(dx, dy)| noise(10, x + dx, y + dy) - 128.0).sum::<f64>() / 3.0)
    })));
    assert!(smooth.fall > white.fall);
    assert!(smooth.excess[2] < white.excess[2] - 1.0, "{smooth:?} {white:?}");
    assert!(white.axes.abs() < 0.2, "{white:?}");
}

#[test]
fn small_and_flat_pictures_are_not_applicable() {
    let reason = |picture: EvidenceBuilder| match picture.run::<Frequency>() {
        Err(NoScore::NotApplicable { reason }) => reason.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(reason(EvidenceBuilder::grey(127, 500, |x, y| byte(noise(1, x, y)))).contains("127 px"));
    assert!(reason(EvidenceBuilder::grey(300, 300, |_, _| 77)).contains("flat"));
}

#[test]
fn a_cancelled_call_stops() {
    assert_eq!(lattice(128, 8).cancelled().run::<Frequency>(), Err(NoScore::Cancelled));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_tail_equals_the_sum_of_its_terms(n in 1_usize..40, k in 0_usize..42, p in 0.01_f64..0.9) {
        let choose = |j: usize| (0..j).map(|i| (n - i) as f64 / (j - i) as f64).product::<f64>();
        let naive: f64 = (k..=n)
            .map(|j| choose(j) * p.powi(j as i32) * (1.0 - p).powi((n - j) as i32))
            .sum();
        let tail = log10_binomial_tail(n, k, p);
        if k > n {
            prop_assert_eq!(tail, f64::NEG_INFINITY);
        } else {
            prop_assert!((tail - naive.log10().min(0.0)).abs() < 1e-6, "{tail} {naive}");
        }
    }

    #[test]
    fn every_picture_gets_a_valid_answer_and_the_same_twice(
        width in 120_u32..400, height in 120_u32..300, contrast in 0.0_f64..300.0,
        seed in any::<u64>(), blocky in 1_u32..40,
    ) {
        let picture = EvidenceBuilder::grey(width, height, |x, y| {
            byte(128.0 + contrast * (uniform(seed, x / blocky, y / blocky) - 0.5))
        });
        let answer = picture.run::<Frequency>();
        prop_assert_eq!(&answer, &picture.run::<Frequency>());
        match answer {
            Ok(report) => check::report(&report, width, height).unwrap(),
            Err(NoScore::NotApplicable { .. }) => {}
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }
}
