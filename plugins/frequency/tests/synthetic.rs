// SPDX-License-Identifier: MIT OR Apache-2.0
//! The frequency detector on pictures made in memory: noise, lattices, up-sampled noise, block grids,
//! screens and sensors, textures in one place.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

mod support;

use assay_frequency::judgement::Reason;
use assay_frequency::lattice::{self, Point};
use assay_frequency::peaks::{self, Coarse};
use assay_frequency::spectra::{Analyser, Spectra};
use assay_frequency::verbal::SPECTRUM;
use assay_frequency::{codec_grid, Found, Frequency};
use assay_plugin_api::check;
use assay_plugin_api::evidence::{keys, Evidence};
use assay_plugin_api::prelude::*;
use assay_plugin_api::report::Value;
use assay_plugin_api::testing::EvidenceBuilder;
use base64::prelude::{Engine as _, BASE64_STANDARD};
use proptest::prelude::*;
use support::{byte, noise, uniform};

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

/// The same on grey without noise to speak of, with impulses of any strength.
fn impulses(side: u32, period: u32, strength: f64) -> EvidenceBuilder {
    EvidenceBuilder::grey(side, side, move |x, y| {
        let on = x % period == 0 && y % period == 0;
        byte(128.0 + 0.2 * (noise(3, x, y) - 128.0) + if on { strength } else { 0.0 })
    })
}

fn found(picture: &EvidenceBuilder) -> Found {
    Found::of(&mut Analyser::default(), &Evidence::new(picture.as_source())).unwrap()
}

fn spectra(picture: &EvidenceBuilder) -> Spectra {
    Analyser::default().measure(&Evidence::new(picture.as_source())).unwrap()
}

fn periodic(report: &Report) -> Vec<&Finding> {
    report.findings.iter().filter(|f| f.code == "frequency.peak.periodic").collect()
}

/// Reasons and texts of what is content.
fn content(report: &Report) -> Vec<(String, String)> {
    let of = report.findings.iter().filter(|f| f.code == "spectrum.peak.content");
    let reason = |f: &Finding| match &f.values.iter().find(|v| v.name == "reason").unwrap().value {
        Value::Text(text) => text.to_string(),
        other => panic!("{other:?}"),
    };
    of.map(|f| (reason(f), f.text.to_string())).collect()
}

fn real(finding: &Finding, name: &str) -> f64 {
    match finding.values.iter().find(|v| v.name == name).unwrap().value {
        Value::Real(value) => value,
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn noise_has_no_peaks_and_nothing_in_step() {
    let found = |seed: u64| {
        let picture = EvidenceBuilder::grey(400, 400, move |x, y| byte(noise(seed, x, y)));
        let spectra = spectra(&picture);
        let patterns = lattice::find(&lattice::measure(&spectra, &[]));
        patterns.len() + peaks::find(&spectra, &Coarse::of(&spectra)).len()
    };
    let found: usize = (0..12).map(found).sum();
    assert!(found <= 1, "{found}");
}

#[test]
fn a_lattice_is_found_with_its_period() {
    for period in [4, 16, 32, 64] {
        let strength = f64::from(period * period).min(20.0);
        let side = if period == 64 { 896 } else { 512 };
        let report = impulses(side, period, strength).run::<Frequency>().unwrap();
        assert!(
            report.detail.starts_with("Periodic frequency artifacts detected at "),
            "{period}: {}: {:?}",
            report.detail,
            content(&report)
        );
        let periods: Vec<f64> = periodic(&report).iter().map(|f| real(f, "period_px")).collect();
        assert!(periods.contains(&f64::from(period)), "{period}: {periods:?}");
        assert!(periods.iter().all(|p| f64::from(period) % p == 0.0), "{period}: {periods:?}");
        assert!(report.score > 0.6, "{}", report.score);
        assert!(periodic(&report).iter().all(|f| f.severity == Severity::Warning));
    }
}

#[test]
fn the_direction_of_a_pattern_is_named() {
    let stripes = |dx: u32, dy: u32| {
        EvidenceBuilder::grey(512, 512, move |x, y| {
            let wave = (std::f64::consts::TAU * f64::from(dx * x + dy * y) / 16.0).cos();
            byte(noise(31, x, y) + 0.8 * wave)
        })
    };
    for (dx, dy, word, period) in
        [(1, 0, "horizontally", 16.0), (0, 1, "vertically", 16.0), (1, 1, "diagonally", 11.3)]
    {
        let report = stripes(dx, dy).run::<Frequency>().unwrap();
        let wanted = format!(
            "Periodic frequency artifacts detected at 16px intervals: a pattern repeats every \
             {period:.1} px {word}"
        );
        assert_eq!(report.detail, wanted);
    }
}

#[test]
fn a_wave_near_a_lattice_that_is_not_in_step_does_not_count() {
    // A period of 16.1 px: within the main lobe of 1/16 in every tile, out of step between them.
    let picture = EvidenceBuilder::grey(768, 768, |x, y| {
        byte(noise(32, x, y) + 0.8 * (std::f64::consts::TAU * f64::from(x) / 16.4).cos())
    });
    let report = picture.run::<Frequency>().unwrap();
    assert!(periodic(&report).is_empty(), "{report:?}");
    assert!(content(&report).iter().any(|(reason, _)| reason == "off_lattice"), "{report:?}");
}

#[test]
fn a_sensors_mosaic_and_its_readout_do_not_count() {
    let mosaic = EvidenceBuilder::grey(512, 512, |x, y| {
        byte(noise(33, x, y) + if (x + y) % 2 == 0 { 1.0 } else { -1.0 })
    });
    let readout = EvidenceBuilder::grey(512, 512, |x, y| {
        byte(noise(34, x, y) + if y % 4 == 0 { 2.0 } else { 0.0 })
    });
    for picture in [mosaic, readout] {
        let report = picture.run::<Frequency>().unwrap();
        assert!(periodic(&report).is_empty(), "{report:?}");
        assert!(content(&report).iter().any(|(reason, _)| reason == "sensor"), "{report:?}");
        assert!(report.detail.starts_with("No periodic frequency artifacts"), "{}", report.detail);
    }
}

#[test]
fn harmonics_of_a_pattern_that_is_content_do_not_count() {
    // A weave of 16 px to be seen, with a faint harmonic.
    let picture = EvidenceBuilder::grey(512, 512, |x, y| {
        let wave = |k: u32| (std::f64::consts::TAU * f64::from(k * (x + y)) / 16.0).cos();
        byte(noise(40, x, y) + 12.0 * wave(1) + 0.8 * wave(3))
    });
    let report = picture.run::<Frequency>().unwrap();
    assert!(periodic(&report).is_empty(), "{report:?}");
    assert!(content(&report).iter().any(|(reason, _)| reason == "harmonic"), "{report:?}");
}

#[test]
fn a_screen_that_can_be_seen_is_content() {
    let picture = EvidenceBuilder::grey(512, 512, |x, y| {
        let wave = |i: u32| (std::f64::consts::TAU * f64::from(i) / 8.0).cos();
        byte(noise(35, x, y) + 12.0 * wave(x) + 12.0 * wave(y))
    });
    let report = picture.run::<Frequency>().unwrap();
    assert!(periodic(&report).is_empty(), "{report:?}");
    assert!(content(&report).iter().any(|(reason, _)| reason == "visible"), "{report:?}");
    assert!(report.detail.starts_with("A pattern repeats every 8.0 px "), "{}", report.detail);
}

#[test]
fn a_faint_halftone_does_not_count_at_any_angle() {
    for degrees in [0.0_f64, 15.0, 45.0, 75.0] {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let picture = EvidenceBuilder::grey(768, 768, move |x, y| {
            let (x_px, y_px) = (f64::from(x), f64::from(y));
            let wave = |along: f64| (std::f64::consts::TAU * along / 6.1).cos();
            let dots = wave(x_px * cos + y_px * sin) + wave(y_px * cos - x_px * sin);
            byte(noise(41, x, y) + 0.8 * dots)
        });
        let report = picture.run::<Frequency>().unwrap();
        assert!(periodic(&report).is_empty(), "{degrees}: {report:?}");
        assert!(
            content(&report).iter().any(|(reason, _)| reason == "off_lattice"),
            "{degrees}: {report:?}"
        );
        assert!(report.score < 0.6, "{degrees}: {}", report.score);
    }
}

#[test]
fn peaks_on_a_codecs_grid_without_its_table_are_not_held_against_it() {
    let webp = lattice(512, 8).fact(keys::FORMAT, "WEBP").run::<Frequency>().unwrap();
    assert!(periodic(&webp).is_empty());
    assert!(webp.findings.iter().any(|f| f.code == "frequency.peak.block_grid"), "{webp:?}");
}

#[test]
fn a_coarse_table_explains_what_a_fine_one_does_not() {
    // A lattice of 8 px over gradients, in a picture that says it was coded with a table.
    let picture = |step: u16| {
        EvidenceBuilder::grey(512, 512, |x, y| {
            let ramp = 60.0 * f64::from(x + y) / 512.0;
            let on = x % 8 == 0 && y % 8 == 0;
            byte(ramp + noise(36, x, y) / 4.0 + if on { 12.0 } else { 0.0 })
        })
        .fact(keys::FORMAT, "JPEG")
        .table(keys::JPEG_DQT_LUMA, &[step; 64])
    };
    let fine = picture(1).run::<Frequency>().unwrap();
    assert!(!periodic(&fine).is_empty(), "{fine:?}");
    let expected = |step| {
        let picture = picture(step);
        let evidence = Evidence::new(picture.as_source());
        let spectra = Analyser::default().measure(&evidence).unwrap();
        let expected = codec_grid::expected(&evidence, evidence.luma().unwrap(), &spectra);
        let on_grid = |(point, _): &(&Point, &f64)| point.period_px <= 8;
        let (on, off): (Vec<_>, Vec<_>) = spectra.points.iter().zip(&expected).partition(on_grid);
        assert!(off.iter().all(|(_, &e)| e == 0.0));
        on.iter().map(|(_, &e)| e).sum::<f64>() / on.len() as f64
    };
    assert!(expected(40) > 20.0 * expected(1), "{} {}", expected(40), expected(1));
}

#[test]
fn repeated_samples_leave_no_peaks_where_their_own_zeros_lie() {
    // Repeating samples multiplies the spectrum by a comb that vanishes on the lattice: nearest
    // neighbour up-sampling of noise alone is not periodic in power.
    let found = found(&upsampled(400, 4, 1.0));
    assert!(found.judgement.counted.is_empty(), "{:?}", found.judgement);
}

#[test]
fn a_texture_in_one_place_does_not_count() {
    let picture = EvidenceBuilder::grey(640, 640, |x, y| {
        let stripes = if x < 128 && y < 128 { 30.0 * f64::from(x % 4 / 2) } else { 0.0 };
        byte(noise(5, x, y) + stripes)
    });
    let judgement = found(&picture).judgement;
    assert!(judgement.counted.is_empty(), "{judgement:?}");
    assert!(judgement.content.iter().all(|(_, reason)| *reason == Reason::Local), "{judgement:?}");
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
    let found = found(&picture).judgement;
    assert!(found.counted.is_empty() && found.content.is_empty(), "{found:?}");
}

#[test]
fn a_period_off_the_lattices_is_named_by_its_wavelength_and_does_not_count() {
    let picture = EvidenceBuilder::grey(512, 512, |x, y| {
        let wave = (std::f64::consts::TAU * 0.29 * f64::from(x)).cos();
        byte(noise(7, x, y) + 6.0 * wave)
    });
    let report = picture.run::<Frequency>().unwrap();
    assert!(periodic(&report).is_empty(), "{report:?}");
    let wanted = "A pattern repeats every 3.4 px horizontally, as screens";
    assert!(report.detail.starts_with(wanted), "{}", report.detail);
    assert!((0.3..=0.7).contains(&report.score));
}

#[test]
fn an_enlarged_picture_has_its_factor() {
    for factor in [1.25_f64, 1.5, 1.7] {
        // Linear interpolation of noise.
        let picture = EvidenceBuilder::grey(640, 640, |x, y| {
            let (fx, fy) = (f64::from(x) / factor, f64::from(y) / factor);
            let (x, y) = (fx as u32, fy as u32);
            let (wx, wy) = (fx.fract(), fy.fract());
            let along = |y: u32| noise(37, x, y) * (1.0 - wx) + noise(37, x + 1, y) * wx;
            byte(along(y) * (1.0 - wy) + along(y + 1) * wy)
        });
        let found = found(&picture);
        let [measured, ..] = found.resampling.unwrap().factors();
        assert!((measured - factor).abs() < 0.02, "{factor}: {measured}");
        let report = picture.run::<Frequency>().unwrap();
        assert!(report.findings.iter().any(|f| f.code == "frequency.resampled"));
    }
    let plain = EvidenceBuilder::grey(640, 640, |x, y| byte(noise(37, x, y)));
    assert_eq!(found(&plain).resampling, None);
}

#[test]
fn the_spectrum_is_a_picture_with_bright_spots_where_the_peaks_are() {
    let picture = EvidenceBuilder::grey(512, 512, |x, y| {
        byte(noise(38, x, y) + 4.0 * (std::f64::consts::TAU * 0.25 * f64::from(x)).cos())
    });
    let report = picture.run::<Frequency>().unwrap();
    let value = &report.attributes.iter().find(|a| a.name == SPECTRUM).unwrap().value;
    let Value::Text(text) = value else { panic!("{value:?}") };
    let bytes = BASE64_STANDARD.decode(text.as_bytes()).unwrap();
    let drawn = image::load_from_memory(&bytes).unwrap().to_luma8();
    assert_eq!(drawn.dimensions(), (256, 256));
    let bright: Vec<_> = drawn.enumerate_pixels().filter(|(.., p)| p.0[0] > 150).collect();
    assert!(bright.len() >= 2, "{bright:?}");
    for (x, y, _) in bright {
        assert!(x.abs_diff(192).min(x.abs_diff(64)) <= 2 && y.abs_diff(128) <= 2, "({x}, {y})");
    }
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
