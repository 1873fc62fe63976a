// SPDX-License-Identifier: MIT OR Apache-2.0

use assay_signal::prnu::cleaning::cleaned;
use assay_signal::prnu::denoise::residual;
use assay_signal::prnu::fingerprint::Estimator;
use assay_signal::prnu::resample::resampled;
use assay_signal::prnu::weight::weights;
use assay_signal::prnu::LumaPlane;
use assay_signal::Samples;
use proptest::prelude::*;

use crate::made::{noise, Luma};

fn distance(a: &Samples, b: &Samples) -> f32 {
    assert_eq!(a.dim(), b.dim());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn correlation(a: &Samples, b: &Samples) -> f64 {
    let product = |a: &Samples, b: &Samples| -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    };
    product(a, b) / (product(a, a) * product(b, b)).sqrt()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn residual_of_a_turned_picture_is_the_turned_residual(
        width in 64_usize..150, height in 64_usize..150, shot in 0_u64..1_000,
    ) {
        let picture = Luma::shot(1, shot, width, height);
        let turned =
            Luma::from_fn(height, width, |x, y| f64::from(picture.samples[x * width + y]));
        let (upright, turned) = (residual(picture.plane()), residual(turned.plane()));
        prop_assert!(distance(&upright.t().to_owned(), &turned) < 1e-3);
        let (upright, turned) = (cleaned(upright), cleaned(turned));
        prop_assert!(distance(&upright.t().as_standard_layout().to_owned(), &turned) < 1e-3);
    }

    #[test]
    fn residual_of_a_negative_is_the_negative_residual(
        width in 64_usize..120, height in 64_usize..120, shot in 0_u64..1_000,
    ) {
        let picture = Luma::shot(1, shot, width, height);
        let negative = Luma { samples: picture.samples.iter().map(|s| 255 - s).collect(), ..picture };
        let picture = Luma::shot(1, shot, width, height);
        prop_assert!(distance(&residual(picture.plane()), &-residual(negative.plane())) < 1e-3);
    }

    #[test]
    fn what_lies_between_rows_does_not_matter(
        width in 64_usize..100, gap in 1_usize..40, value in any::<u8>(),
    ) {
        let picture = Luma::shot(1, 1, width, 70);
        let rows = picture.samples.chunks(width);
        let padded: Vec<u8> =
            rows.flat_map(|row| row.iter().copied().chain(vec![value; gap])).collect();
        let apart = LumaPlane::new(width, 70, width + gap, &padded).unwrap();
        prop_assert_eq!(residual(picture.plane()), residual(apart));
        prop_assert_eq!(weights(picture.plane()), weights(apart));
    }
}

#[test]
fn flat_pictures_have_no_residual_and_no_pattern() {
    let flat = Luma::from_fn(97, 80, |_, _| 140.0);
    let found = residual(flat.plane());
    assert!(found.iter().all(|sample| sample.abs() < 1e-3));
    assert!(cleaned(Samples::from_elem((80, 97), 3.0)).iter().all(|&sample| sample == 0.0));
    assert!(cleaned(Samples::zeros((0, 0))).is_empty());
}

#[test]
fn planes_whose_samples_are_missing_are_refused() {
    let samples = [0; 100];
    assert!(LumaPlane::new(10, 10, 10, &samples).is_some());
    assert!(LumaPlane::new(5, 10, 10, &samples[..95]).is_some());
    assert!(LumaPlane::new(10, 11, 10, &samples).is_none());
    assert!(LumaPlane::new(10, 10, 9, &samples).is_none());
    assert!(LumaPlane::new(0, 10, 10, &samples).is_none());
    assert!(LumaPlane::new(10, 0, 10, &samples).is_none());
    assert!(LumaPlane::new(10, usize::MAX, usize::MAX, &samples).is_none());
}

#[test]
fn a_pixel_weighs_what_it_shows_and_nothing_where_it_is_saturated() {
    let picture = Luma::from_fn(64, 64, |x, y| match (x, y) {
        (10..20, 10..20) => 255.0,
        (40, 40) => 255.0,
        _ => (x + y) as f64,
    });
    let weights = weights(picture.plane());
    assert!((weights[[5, 7]] - 12.0 / 252.0).abs() < 1e-6);
    assert_eq!(weights[[15, 15]], 0.0);
    // A single bright pixel is a light, not a burnt area: exp(-9 / 6).
    assert!((weights[[40, 40]] - 0.223).abs() < 1e-3);
    assert!(weights.iter().all(|weight| (0.0..=1.0).contains(weight)));
}

#[test]
fn periodic_patterns_are_taken_out_and_white_ones_stay() {
    let white = noise(1, 160, 128);
    let mut shared = white.clone();
    shared.indexed_iter_mut().for_each(|((y, x), v)| {
        *v += if x % 8 == 0 { 2.0 } else { 0.0 } + if y % 2 == 0 { 1.0 } else { 0.0 };
        *v +=
            3.0 * (std::f32::consts::TAU * (x as f32 * 5.0 / 160.0 + y as f32 * 9.0 / 128.0)).sin();
    });
    assert!(correlation(&shared, &white) < 0.4);
    assert!(correlation(&cleaned(shared), &white) > 0.9);
}

#[test]
fn an_estimate_is_nearer_to_the_pattern_the_more_pictures_it_has() {
    let pattern = noise_of_camera(7);
    let estimate = |pictures: u64| {
        let mut estimator = Estimator::new(160, 128);
        for shot in 0..pictures {
            assert!(estimator.add(Luma::shot(7, shot, 160, 128).plane()));
        }
        assert_eq!(u64::from(estimator.pictures()), pictures);
        correlation(&estimator.finish(), &pattern)
    };
    let (one, eight) = (estimate(1), estimate(8));
    assert!(one > 0.3 && eight > one + 0.15, "{one} {eight}");
}

fn noise_of_camera(camera: u64) -> Samples {
    noise(camera, 160, 128)
}

#[test]
fn pictures_of_another_size_are_not_added() {
    let mut estimator = Estimator::new(100, 80);
    assert!(!estimator.add(Luma::shot(1, 1, 80, 100).plane()));
    assert_eq!(estimator.pictures(), 0);
}

#[test]
fn resampling_keeps_constants_waves_and_the_centre() {
    let constant = Samples::from_elem((90, 70), 3.5);
    for (width, height) in [(35, 45), (70, 90), (41, 67), (100, 120), (1, 1)] {
        let found = resampled(&constant, width, height);
        assert_eq!(found.dim(), (height, width));
        assert!(found.iter().all(|sample| (sample - 3.5).abs() < 1e-4));
    }
    let wave = |width: usize, height: usize| {
        Samples::from_shape_fn((height, width), |(y, x)| {
            let (u, v) = ((x as f32 + 0.5) / width as f32, (y as f32 + 0.5) / height as f32);
            (9.0 * u).sin() + (7.0 * v).cos()
        })
    };
    let found = resampled(&wave(160, 120), 80, 60);
    let inside = ndarray::s![4..56, 4..76];
    let apart = distance(&found.slice(inside).to_owned(), &wave(80, 60).slice(inside).to_owned());
    assert!(apart < 0.01, "{apart}");
    assert_eq!(resampled(&wave(50, 40), 50, 40), wave(50, 40));
}
