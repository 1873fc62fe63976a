// SPDX-License-Identifier: MIT OR Apache-2.0
//! Filters, residuals and spectra against their naive loops.
#![allow(clippy::unwrap_used)] // strategies and helpers, called by tests only

use assay_signal::filter::{local_mean, separable, Border, Kernel};
use assay_signal::residual::{high_pass, median_3};
use assay_signal::spectrum::{
    autocorrelation, frequency, hann, radial_mean, sample_at, spread_tiles, LogPowerMean,
    PowerSpectrum,
};
use assay_signal::Samples;
use ndarray::Array2;
use proptest::prelude::*;

fn planes() -> impl Strategy<Value = Samples> {
    (1_usize..20, 1_usize..20).prop_flat_map(|(height, width)| {
        prop::collection::vec(0.0_f32..255.0, height * width)
            .prop_map(move |v| Array2::from_shape_vec((height, width), v).unwrap())
    })
}

fn borders() -> impl Strategy<Value = Border> {
    prop::sample::select(vec![Border::Mirror, Border::Clamp])
}

/// The value of the infinitely continued plane.
fn at(plane: &Samples, border: Border, y: isize, x: isize) -> f64 {
    let (height, width) = plane.dim();
    f64::from(plane[[border.resolve(y, height), border.resolve(x, width)]])
}

fn naive_power(tile: &Samples, window: impl Fn(usize, usize) -> f64) -> Array2<f64> {
    let (height, width) = tile.dim();
    let mean = tile.iter().map(|&x| f64::from(x)).sum::<f64>() / tile.len() as f64;
    Array2::from_shape_fn((height, width / 2 + 1), |(v, u)| {
        let (mut re, mut im) = (0.0, 0.0);
        for ((y, x), &value) in tile.indexed_iter() {
            let turn = (u * x) as f64 / width as f64 + (v * y) as f64 / height as f64;
            let (sin, cos) = (std::f64::consts::TAU * turn).sin_cos();
            let value = (f64::from(value) - mean) * window(y, x);
            re += value * cos;
            im -= value * sin;
        }
        re * re + im * im
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn separable_equals_the_double_sum(
        plane in planes(), border in borders(),
        kernel in prop::sample::select(vec![
            Kernel::BINOMIAL_3, Kernel::BINOMIAL_5, Kernel::BOX_3, Kernel::BOX_5,
        ]),
    ) {
        let fast = separable(&plane, kernel, border);
        let radius = kernel.radius() as isize;
        for ((y, x), &fast) in fast.indexed_iter() {
            let mut naive = 0.0;
            for dy in -radius..=radius {
                for dx in -radius..=radius {
                    let taps = kernel.taps();
                    let weight = taps[(dy + radius) as usize] * taps[(dx + radius) as usize];
                    naive += f64::from(weight)
                        * at(&plane, border, y as isize + dy, x as isize + dx);
                }
            }
            prop_assert!((naive - f64::from(fast)).abs() < 1e-3, "{naive} {fast}");
        }
    }

    #[test]
    fn local_mean_equals_the_double_sum(
        plane in planes(), border in borders(), radius in 0_usize..5,
    ) {
        let fast = local_mean(&plane, radius, border);
        let reach = radius as isize;
        for ((y, x), &fast) in fast.indexed_iter() {
            let mut naive = 0.0;
            for dy in -reach..=reach {
                for dx in -reach..=reach {
                    naive += at(&plane, border, y as isize + dy, x as isize + dx);
                }
            }
            naive /= ((2 * reach + 1) * (2 * reach + 1)) as f64;
            prop_assert!((naive - f64::from(fast)).abs() < 1e-3, "{naive} {fast}");
        }
    }

    #[test]
    fn residuals_equal_their_definitions(plane in planes()) {
        let (fast_pass, fast_median) = (high_pass(&plane), median_3(&plane));
        for ((y, x), &value) in plane.indexed_iter() {
            let near = |dy: isize, dx: isize| {
                at(&plane, Border::Mirror, y as isize + dy, x as isize + dx)
            };
            let mean = (near(-1, 0) + near(1, 0) + near(0, -1) + near(0, 1)) / 4.0;
            prop_assert!((f64::from(value) - mean - f64::from(fast_pass[[y, x]])).abs() < 1e-3);
            let places = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dy, dx)));
            let mut window: Vec<f64> = places.map(|(dy, dx)| near(dy, dx)).collect();
            window.sort_by(f64::total_cmp);
            prop_assert!((f64::from(value) - window[4] - f64::from(fast_median[[y, x]])).abs() < 1e-3);
        }
    }

    #[test]
    fn power_equals_the_discrete_fourier_sum(plane in planes(), windowed in any::<bool>()) {
        let (height, width) = plane.dim();
        let (row, column) = (hann(width), hann(height));
        let (mut plan, naive) = if windowed {
            let window = |y: usize, x: usize| f64::from(row[x]) * f64::from(column[y]);
            (PowerSpectrum::windowed(width, height), naive_power(&plane, window))
        } else {
            (PowerSpectrum::rectangular(width, height), naive_power(&plane, |_, _| 1.0))
        };
        let fast = plan.power(plane.view());
        prop_assert_eq!(fast.dim(), naive.dim());
        let scale: f64 = naive.iter().fold(1.0, |a, &b| a.max(b));
        for (fast, naive) in fast.iter().zip(&naive) {
            prop_assert!((f64::from(*fast) - naive).abs() < 1e-4 * scale, "{fast} {naive}");
        }
        prop_assert_eq!(plan.clone().power(plane.view()), fast);
    }

    #[test]
    fn tiles_lie_inside_on_the_grid_of_8_and_are_few_enough(
        width in 1_usize..3000, height in 1_usize..3000, side in 16_usize..200,
        step in 8_usize..200, most in 1_usize..60,
    ) {
        let tiles = spread_tiles(width, height, side, step, most);
        prop_assert_eq!(tiles.is_empty(), width < side || height < side);
        prop_assert!(tiles.len() <= most);
        for (i, &(x, y)) in tiles.iter().enumerate() {
            prop_assert!(x % 8 == 0 && y % 8 == 0 && x + side <= width && y + side <= height);
            for &(other_x, other_y) in &tiles[..i] {
                let apart = x.abs_diff(other_x).max(y.abs_diff(other_y));
                prop_assert!(apart + 8 > step, "{apart} < {step}");
            }
        }
    }

    #[test]
    fn correlations_stay_within_one_and_are_one_without_a_shift(plane in planes()) {
        for (dx, dy) in [(0, 0), (1, 0), (3, 2), (40, 0)] {
            prop_assert!(autocorrelation(&plane, dx, dy).abs() <= 1.0);
        }
        if plane.len() > 4 {
            prop_assert!((autocorrelation(&plane, 0, 0) - 1.0).abs() < 1e-4);
        }
    }
}

#[test]
fn mirror_does_not_repeat_the_edge_and_clamp_does() {
    let resolved = |border: Border| (-4..8).map(|i| border.resolve(i, 4)).collect::<Vec<_>>();
    assert_eq!(resolved(Border::Mirror), [2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1]);
    assert_eq!(resolved(Border::Clamp), [0, 0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 3]);
    assert_eq!(Border::Mirror.resolve(-7, 1), 0);
}

#[test]
fn hann_is_periodic() {
    let window = hann(8);
    assert_eq!(window[0], 0.0);
    assert_eq!(window[4], 1.0);
    assert!((window[2] - 0.5).abs() < 1e-6);
    assert_eq!(window[1], window[7]);
}

#[test]
fn a_cosine_peaks_at_its_frequency() {
    let (fx, fy) = (0.25_f32, 0.125_f32);
    let tile = Array2::from_shape_fn((64, 64), |(y, x)| {
        (std::f32::consts::TAU * (fx * x as f32 + fy * y as f32)).cos()
    });
    let mut plan = PowerSpectrum::windowed(64, 64);
    let mut mean = LogPowerMean::new(&plan, 1e-3);
    mean.add(&mut plan, tile.view());
    mean.add(&mut plan, tile.view());
    assert_eq!(mean.tiles(), 2);
    let log_power = mean.mean();
    let (peak, _) = log_power.indexed_iter().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
    assert_eq!(peak, (8, 16));
    let top = log_power[[8, 16]];
    assert_eq!(sample_at(&log_power, 64, fx, fy), top);
    assert_eq!(sample_at(&log_power, 64, -fx, -fy), top);
    assert_eq!(sample_at(&log_power, 64, 1.0 - fx, -fy), top);
    assert!(sample_at(&log_power, 64, fx, -fy) < top - 5.0);
    assert_eq!(frequency(63, 64), -1.0 / 64.0);
}

#[test]
fn rings_average_the_whole_plane_once() {
    let spectrum = Array2::from_shape_fn((16, 9), |(v, u)| {
        let (x, y) = (u as f32 / 16.0, frequency(v, 16));
        (x * x + y * y).sqrt()
    });
    let rings = radial_mean(&spectrum, 16, 5, 0.5);
    for (i, ring) in rings.iter().enumerate() {
        assert!((ring - (i as f32 + 0.5) * 0.1).abs() < 0.05, "{rings:?}");
    }
}
