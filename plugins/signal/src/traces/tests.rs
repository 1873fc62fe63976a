// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every group against its naive loop or against values computed by hand.

use ndarray::Array2;

use super::spectra::{Spectra, TILE};
use super::*;

/// Deterministic noise in `0..=255` (xorshift).
fn noise(width: usize, height: usize) -> Samples {
    let mut state = 0x9E37_79B9_u32;
    Array2::from_shape_fn((height, width), |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 24) as f32
    })
}

/// Noise with neighbours that depend on each other, so that differences are small and varied.
fn smooth_noise(side: usize) -> Samples {
    let plane = noise(side + 2, side + 2);
    Array2::from_shape_fn((side, side), |(y, x)| {
        let mean = (plane[[y, x]] + plane[[y, x + 1]] + plane[[y + 1, x]]) / 3.0;
        100.0 + mean / 7.0 + x as f32 / 11.0
    })
}

fn pushed(push: impl Fn(&mut Vec<f32>)) -> Vec<f32> {
    let mut values = Vec::new();
    push(&mut values);
    values
}

fn assert_close(found: &[f32], wanted: &[f64], tolerance: f64) {
    assert_eq!(found.len(), wanted.len());
    for (i, (&found, &wanted)) in found.iter().zip(wanted).enumerate() {
        let difference = (f64::from(found) - wanted).abs();
        assert!(difference < tolerance, "value {i}: found {found}, wanted {wanted}");
    }
}

#[test]
fn there_are_as_many_different_names_as_features() {
    let names = feature_names();
    let unique: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!((names.len(), unique.len()), (FEATURES, FEATURES));
    assert_eq!((names[0].as_str(), names[571].as_str()), ("spec.y.r0", "ac.cr.88"));
}

#[test]
fn features_are_finite_and_the_same_each_time_whatever_the_pixels() {
    let extractor = TraceExtractor::new();
    let patterns: [fn(usize, usize) -> [u8; 3]; 5] = [
        |_, _| [0; 3],
        |_, _| [255; 3],
        |x, y| [if (x + y) % 2 == 0 { 255 } else { 0 }; 3],
        |x, y| [x as u8, y as u8, (x * y) as u8],
        |x, y| [(x * 7919 + y * 104_729) as u8, (x * x + y) as u8, 128],
    ];
    for pattern in patterns {
        let places = (0..CROP).flat_map(|y| (0..CROP).map(move |x| (x, y)));
        let samples: Vec<u8> = places.flat_map(|(x, y)| pattern(x, y)).collect();
        let picture = Picture::new(&samples, CROP, CROP, 3 * CROP).unwrap();
        let values = extractor.features(&picture, 0, 0).unwrap();
        assert_eq!(values.len(), FEATURES);
        assert!(values.iter().all(|value| value.is_finite()));
        let again = TraceExtractor::new().features(&picture, 0, 0).unwrap();
        assert!(values.iter().zip(&again).all(|(a, b)| a.to_bits() == b.to_bits()));
        assert!(extractor.features(&picture, 1, 0).is_none());
    }
}

#[test]
fn the_spectrum_is_the_mean_log_power_of_windowed_tiles() {
    let plane = noise(CROP, CROP);
    let [spectrum, ..] = Spectra::new().mean_log_power([&plane; 3]);
    for (v, u) in [(0, 1), (1, 0), (5, 9), (64, 64), (127, 3), (100, 40)] {
        let mut sum = 0.0;
        for (top, left) in [0, 64, 128].into_iter().flat_map(|y| [0, 64, 128].map(|x| (y, x))) {
            sum += (naive_power(&plane, top, left, v, u) + 1.0).ln() / 9.0;
        }
        assert!((f64::from(spectrum[[v, u]]) - sum).abs() < 1e-3, "bin ({v}, {u})");
    }
}

fn naive_power(plane: &Samples, top: usize, left: usize, v: usize, u: usize) -> f64 {
    let turn = std::f64::consts::TAU / TILE as f64;
    let window = |i: usize| 0.5 - 0.5 * (turn * i as f64).cos();
    let at = |y: usize, x: usize| f64::from(plane[[top + y, left + x]]);
    let places = || (0..TILE).flat_map(|y| (0..TILE).map(move |x| (y, x)));
    let mean = places().map(|(y, x)| at(y, x)).sum::<f64>() / (TILE * TILE) as f64;
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (y, x) in places() {
        let value = (at(y, x) - mean) * window(y) * window(x);
        let angle = turn * ((v * y + u * x) % TILE) as f64;
        real += value * angle.cos();
        imaginary -= value * angle.sin();
    }
    real * real + imaginary * imaginary
}

fn spectrum_of(value: impl Fn(usize, usize) -> f32) -> Array2<f32> {
    Array2::from_shape_fn((TILE, TILE / 2 + 1), |(v, u)| value(v, u))
}

#[test]
fn a_flat_spectrum_has_no_shape_direction_or_peak() {
    let flat = spectrum_of(|_, _| 7.5);
    assert_close(&pushed(|v| radial::push(&flat, v)), &[0.0; 20], 1e-6);
    assert_close(&pushed(|v| angular::push(&flat, v)), &[0.0; 4], 1e-6);
    assert_close(&pushed(|v| peaks::push(&flat, v)), &[0.0; 13], 1e-6);
}

#[test]
fn power_along_the_horizontal_axis_fills_the_first_sector() {
    // Angle atan(v / u) below 22.5 degrees: v < 0.414 u.
    let spectrum =
        spectrum_of(|v, u| f32::from(u8::from((v.min(TILE - v) as f32) < 0.414_213_57 * u as f32)));
    assert_close(&pushed(|v| angular::push(&spectrum, v)), &[0.75, -0.25, -0.25, -0.25], 1e-6);
}

#[test]
fn one_raised_ring_stands_out_by_its_height_less_its_share_of_the_level() {
    // Ring 3 spans radii 1 + 3 * 4.48 = 14.44 to 18.92.
    let spectrum = spectrum_of(|v, u| {
        let radius = (v.min(TILE - v) as f32).hypot(u as f32);
        f32::from(u8::from((14.44..18.92).contains(&radius)))
    });
    let mut wanted = [-1.0 / 18.0; 20];
    wanted[3] += 1.0;
    assert_close(&pushed(|v| radial::push(&spectrum, v)), &wanted, 1e-6);
}

#[test]
fn a_single_line_at_an_eighth_of_a_cycle_is_found_as_that_peak() {
    // (2, 2) / 16 with one sign of v: half of it remains after averaging both signs, a quarter of
    // that in the mean of four points. 32 even points, of which 24 are no multiples of 4.
    let spectrum = spectrum_of(|v, u| f32::from(u8::from((v, u) == (16, 16))));
    let mut wanted = [0.0; 13];
    wanted[7] = 0.5 / 4.0;
    let even_not_by_four = (0..9_usize)
        .flat_map(|j| (0..9_usize).map(move |i| (j, i)))
        .filter(|(j, i)| j % 2 == 0 && i % 2 == 0 && !(j % 4 == 0 && i % 4 == 0))
        .count();
    wanted[10] = 0.5 / even_not_by_four as f64;
    wanted[12] = 0.5;
    assert_close(&pushed(|v| peaks::push(&spectrum, v)), &wanted, 1e-6);
}

#[test]
fn block_profiles_equal_the_naive_transform() {
    let plane = smooth_noise(CROP);
    let (mut magnitude, mut square) = ([0.0_f64; 64], [0.0_f64; 64]);
    let blocks = (CROP / 8) * (CROP / 8);
    for block in 0..blocks {
        let (top, left) = (block / (CROP / 8) * 8, block % (CROP / 8) * 8);
        for (v, u) in (0..8).flat_map(|v| (0..8).map(move |u| (v, u))) {
            let mut sum = 0.0;
            for (y, x) in (0..8).flat_map(|y| (0..8).map(move |x| (y, x))) {
                let wave = |i: usize, k: usize| {
                    ((2 * i + 1) as f64 * k as f64 * std::f64::consts::PI / 16.0).cos()
                };
                sum += f64::from(plane[[top + y, left + x]]) * wave(y, v) * wave(x, u);
            }
            let scale = |k: usize| if k == 0 { (1.0_f64 / 8.0).sqrt() } else { 0.5 };
            let coefficient: f64 = sum * scale(v) * scale(u);
            magnitude[8 * v + u] += coefficient.abs() / blocks as f64;
            square[8 * v + u] += coefficient * coefficient / blocks as f64;
        }
    }
    let logs: Vec<f64> = magnitude[1..].iter().map(|m| (m + 0.05).ln()).collect();
    let level = logs.iter().sum::<f64>() / 63.0;
    let mean: Vec<f64> = logs.iter().map(|log| log - level).collect();
    let shape = (1..64).map(|i| (square[i] + 0.01).ln() - 2.0 * logs[i - 1]);
    let wanted: Vec<f64> = [&mean[..], &mean, &mean].concat().into_iter().chain(shape).collect();
    assert_close(&pushed(|v| transform::push([&plane; 3], v)), &wanted, 1e-3);
}

#[test]
fn neighbour_relations_equal_the_naive_loop() {
    let plane = smooth_noise(CROP);
    let (mut sums, mut none, mut count) = ([[0.0; 4]; 4], [0.0; 4], 0.0);
    for (y, x) in (0..254).flat_map(|y| (0..254).map(move |x| (y, x))) {
        let at = |dy: usize, dx: usize| plane[[y + dy, x + dx]];
        let differences = [
            (at(0, 1) - at(0, 0)).abs(),
            (at(1, 0) - at(0, 0)).abs(),
            (at(1, 1) - at(0, 0)).abs(),
            (at(1, 1) - at(1, 0) - at(0, 1) + at(0, 0)).abs(),
        ];
        for (k, difference) in differences.into_iter().enumerate() {
            sums[k][2 * (y % 2) + x % 2] += f64::from(difference.min(30.0));
            none[k] += f64::from(u8::from(difference < 0.5));
        }
        count += 1.0;
    }
    let logs = sums.map(|places| places.map(|sum: f64| (sum / (count / 4.0) + 0.02).ln()));
    let means = logs.map(|places| places.iter().sum::<f64>() / 4.0);
    let mut wanted: Vec<f64> = (1..4).map(|k| means[k] - means[0]).collect();
    for places in logs {
        let high = places.iter().copied().fold(f64::MIN, f64::max);
        wanted.push(high - places.iter().copied().fold(f64::MAX, f64::min));
    }
    wanted.extend(none.map(|none| none / count));
    assert_close(&pushed(|v| neighbour::push(&plane, v)), &wanted, 1e-4);
}

#[test]
fn pixels_repeated_two_by_two_have_the_differences_between_cells_only() {
    let small = noise(130, 130);
    let plane = Array2::from_shape_fn((CROP, CROP), |(y, x)| small[[y / 2, x / 2]]);
    let values = pushed(|v| neighbour::push(&plane, v));
    // Horizontal differences vanish at even columns, where only the floor of 0.02 remains.
    assert!(values[3] > 5.0 && values[4] > 5.0, "{values:?}");
    // Half of all horizontal differences lie within a cell (noise is rarely equal across).
    assert!((values[7] - 0.5).abs() < 0.02, "{values:?}");
}

#[test]
fn cooccurrences_equal_the_naive_loop() {
    let plane = smooth_noise(CROP);
    let quantise = |x: f32, step: f32| {
        let level = ((x / step).abs() - 1.0 / 256.0).max(0.0).round_ties_even().min(2.0);
        (2.0 + level.copysign(x)) as usize
    };
    let shares = |levels: &Array2<usize>, dy: usize, dx: usize| {
        let (height, width) = (levels.nrows() - dy, levels.ncols() - dx);
        let mut shares = [[0.0; 5]; 5];
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            shares[levels[[y, x]]][levels[[y + dy, x + dx]]] += 1.0 / (height * width) as f64;
        }
        shares
    };
    let at = |y: usize, x: usize| plane[[y, x]];
    let across = |step| {
        Array2::from_shape_fn((256, 254), |(y, x)| {
            quantise(at(y, x) - 2.0 * at(y, x + 1) + at(y, x + 2), step)
        })
    };
    let down = |step| {
        Array2::from_shape_fn((254, 256), |(y, x)| {
            quantise(at(y, x) - 2.0 * at(y + 1, x) + at(y + 2, x), step)
        })
    };
    let around = |step| {
        Array2::from_shape_fn((254, 254), |(y, x)| {
            let beside = at(y, x + 1) + at(y + 2, x + 1) + at(y + 1, x) + at(y + 1, x + 2);
            let corners = at(y, x) + at(y + 2, x + 2) + at(y + 2, x) + at(y, x + 2);
            quantise(at(y + 1, x + 1) - 0.5 * beside + 0.25 * corners, step)
        })
    };
    let found = pushed(|v| cooccurrence::push(&plane, v));
    assert_eq!(found.len(), 108);
    for (place, across, down) in [
        (18, across(1.0), down(1.0)),
        (36, around(1.0), around(1.0)),
        (72, across(3.0), down(3.0)),
        (90, around(3.0), around(3.0)),
    ] {
        for (offset, pair) in [
            (0, [shares(&across, 0, 1), shares(&down, 1, 0)]),
            (9, [shares(&across, 1, 0), shares(&down, 0, 1)]),
        ] {
            let cell = |i: usize, j: usize| (pair[0][i][j] + pair[1][i][j]) / 2.0;
            let mut wanted = Vec::new();
            for (i, j) in (0..5).flat_map(|i| (i..5).map(move |j| (i, j))) {
                if i + j <= 4 {
                    let all = cell(i, j) + cell(4 - i, 4 - j) + cell(j, i) + cell(4 - j, 4 - i);
                    wanted.push((all / 2.0).sqrt());
                }
            }
            assert_close(&found[place + offset..place + offset + 9], &wanted, 1e-4);
        }
    }
}

#[test]
fn local_noise_equals_the_naive_loop() {
    let plane = smooth_noise(CROP);
    let taps = [1.0, 4.0, 6.0, 4.0, 1.0];
    let residual = |y: usize, x: usize| {
        let offsets = (0..5).flat_map(|i| (0..5).map(move |j| (i, j)));
        let mean: f64 = offsets
            .map(|(i, j)| taps[i] * taps[j] / 256.0 * f64::from(plane[[y + i - 2, x + j - 2]]))
            .sum();
        f64::from(plane[[y, x]]) - mean
    };
    let mut blocks = Vec::new();
    for (row, column) in (0..15).flat_map(|row| (0..15).map(move |column| (row, column))) {
        let pixels = (0..256).map(|i| (2 + 16 * row + i / 16, 2 + 16 * column + i % 16));
        let residuals: Vec<f64> = pixels.clone().map(|(y, x)| residual(y, x)).collect();
        let mean = residuals.iter().sum::<f64>() / 256.0;
        let variance = residuals.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / 256.0;
        let scale = variance.sqrt() + 1e-3;
        let fourth = residuals.iter().map(|r| ((r - mean) / scale).powi(4)).sum::<f64>();
        let luma = pixels.map(|(y, x)| f64::from(plane[[y, x]])).sum::<f64>() / 256.0;
        blocks.push(((variance.sqrt() + 0.05).ln(), luma, fourth));
    }
    let mut sorted: Vec<f64> = blocks.iter().map(|block| block.0).collect();
    sorted.sort_by(f64::total_cmp);
    // 225 blocks: the percentiles lie at places 11.2, 56, 112, 168 and 212.8.
    let at = |low: usize, share: f64| sorted[low] + share * (sorted[low + 1] - sorted[low]);
    let percentiles = [at(11, 0.2), sorted[56], sorted[112], sorted[168], at(212, 0.8)];
    let mut wanted: Vec<f64> = percentiles.iter().map(|p| p - percentiles[2]).collect();
    let flat: Vec<_> = blocks.iter().filter(|block| block.0 <= percentiles[2]).collect();
    wanted.push(naive_correlation(&flat.iter().map(|b| (b.0, b.1)).collect::<Vec<_>>()));
    wanted.push(naive_correlation(&blocks.iter().map(|b| (b.0, b.1)).collect::<Vec<_>>()));
    let mean = sorted.iter().sum::<f64>() / 225.0;
    wanted.push((sorted.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / 225.0).sqrt());
    let fourth = flat.iter().map(|block| block.2).sum::<f64>() / (256 * flat.len()) as f64;
    wanted.push((fourth + 1e-3).ln());
    assert_close(&pushed(|v| super::noise::push(&plane, &plane, v)), &wanted, 1e-3);
}

fn naive_correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let mean = |pick: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(pick).sum::<f64>() / n;
    let (a, b) = (mean(&|p| p.0), mean(&|p| p.1));
    let product = mean(&|p| (p.0 - a) * (p.1 - b));
    product / (mean(&|p| (p.0 - a).powi(2)) * mean(&|p| (p.1 - b).powi(2))).sqrt()
}

#[test]
fn autocorrelations_equal_the_naive_loop() {
    let plane = smooth_noise(CROP);
    let residual = Array2::from_shape_fn((254, 254), |(y, x)| {
        let at = |y: usize, x: usize| f64::from(plane[[y, x]]);
        let around = at(y, x + 1) + at(y + 2, x + 1) + at(y + 1, x) + at(y + 1, x + 2);
        (at(y + 1, x + 1) - around / 4.0).clamp(-15.0, 15.0)
    });
    let residual = &residual - residual.mean().unwrap();
    let product = |dy: usize, dx: usize| {
        let (height, width) = (254 - dy, 254 - dx);
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (y, x)));
        let sum: f64 = places.map(|(y, x)| residual[[y, x]] * residual[[y + dy, x + dx]]).sum();
        sum / (height * width) as f64
    };
    let variance = product(0, 0) + 1e-3;
    let found = pushed(|v| autocorrelation::push(&plane, v));
    let wanted = [(0, 1), (1, 0), (1, 1)].map(|(dy, dx)| product(dy, dx) / variance);
    assert_close(&found[..3], &wanted, 1e-4);
    assert_close(&found[14..], &[product(8, 8) / variance], 1e-4);
}
