// SPDX-License-Identifier: MIT OR Apache-2.0

use super::*;
use crate::synth::Scene;

/// Green samples less the mean of their four neighbours, away from the border.
fn residual(picture: &Picture) -> Vec<f64> {
    let green = |x: usize, y: usize| f64::from(picture.pixel(x, y)[1]);
    let places = (1..picture.height - 1).flat_map(|y| (1..picture.width - 1).map(move |x| (x, y)));
    let around = |x, y| green(x - 1, y) + green(x + 1, y) + green(x, y - 1) + green(x, y + 1);
    places.map(|(x, y)| green(x, y) - around(x, y) / 4.0).collect()
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        ab += (x - mean_a) * (y - mean_b);
        aa += (x - mean_a).powi(2);
        bb += (y - mean_b).powi(2);
    }
    ab / (aa * bb).sqrt()
}

fn wall(brightness: f32) -> Light {
    Light::from_fn(192, 192, |_, _| [brightness; 3])
}

#[test]
fn two_shots_of_one_body_share_a_pattern_and_two_bodies_do_not() {
    let shoot = |body, shot| residual(&Camera::with_body(body).shoot(&wall(0.5), shot));
    let (first, second, other) = (shoot(1, 1), shoot(1, 2), shoot(2, 1));
    // 36,100 residuals: between independent ones the correlation has a deviation of 0.005.
    assert!(correlation(&first, &second) > 0.1, "{}", correlation(&first, &second));
    assert!(correlation(&first, &other).abs() < 0.02, "{}", correlation(&first, &other));
}

#[test]
fn pattern_does_not_depend_on_the_size_of_the_picture() {
    let camera = Camera::with_body(3);
    assert_eq!(camera.pattern_at(10, 20), Camera::with_body(3).pattern_at(10, 20));
}

#[test]
fn noise_variance_of_the_sensor_is_the_light_plus_the_read_noise() {
    let camera = Camera { prnu: 0.0, blur: 0.0, vignetting: 0.0, ..Camera::with_body(1) };
    for brightness in [0.02, 0.1, 0.4] {
        let mosaic = camera.expose(&wall(brightness), 1);
        let places = mosaic.samples.iter().enumerate();
        let green = places.filter(|(at, _)| channel_at(at % 192, at / 192) == 1);
        let electrons: Vec<f64> = green.map(|(_, s)| f64::from(s * camera.full_well)).collect();
        let mean = electrons.iter().sum::<f64>() / electrons.len() as f64;
        let spread = electrons.iter().map(|e| (e - mean).powi(2)).sum::<f64>();
        let variance = spread / electrons.len() as f64;
        // Shot noise + read noise + rounding to levels of 6000 / 4096 electrons (step^2 / 12).
        let expected = f64::from(brightness) * 6_000.0 + 16.0 + 1.465_f64.powi(2) / 12.0;
        // Four standard errors of a variance from 18,432 samples are 4.2 %.
        assert!((variance / expected - 1.0).abs() < 0.045, "{brightness}: {variance} {expected}");
    }
}

#[test]
fn higher_gain_gives_more_noise() {
    let spread = |gain| {
        let picture = Camera::with_body(4).at_gain(gain).shoot(&wall(0.3), 1);
        let residual = residual(&picture);
        residual.iter().map(|r| r * r).sum::<f64>() / residual.len() as f64
    };
    assert!(spread(8.0) > 3.0 * spread(1.0));
}

#[test]
fn interpolated_green_pixels_are_smoother_than_measured_ones() {
    for demosaic in [Demosaic::Bilinear, Demosaic::Malvar] {
        let picture = Camera { demosaic, ..Camera::with_body(5) }.shoot(&wall(0.4), 1);
        let mut energy = [0.0; 2];
        let places = (1..191).flat_map(|y| (1..191).map(move |x| (x, y)));
        for ((x, y), residual) in places.zip(residual(&picture)) {
            energy[(x + y) % 2] += residual * residual;
        }
        // Green is measured where x + y is odd: there the residual has the pixel's own noise.
        assert!(energy[1] > 1.5 * energy[0], "{demosaic:?}: {energy:?}");
    }
}

#[test]
fn same_body_scene_and_shot_give_the_same_bits_and_another_shot_does_not() {
    let (scene, camera) = (Scene::new(2).light(64, 48), Camera::with_body(9));
    assert_eq!(camera.shoot(&scene, 5), camera.shoot(&scene, 5));
    assert_ne!(camera.shoot(&scene, 5), camera.shoot(&scene, 6));
}

#[test]
fn corners_are_darker_by_the_vignetting() {
    let camera = Camera::with_body(1);
    assert!((camera.transmission(0, 0, 1000, 1000) - 0.85).abs() < 0.001);
    assert!(camera.transmission(500, 500, 1000, 1000) > 0.999);
}
