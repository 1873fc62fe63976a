// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the frequency detector's statistics are compared with: the laws of noise, names of frequencies,
//! where it looks.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

mod support;

use assay_frequency::block_grid::is_measurable;
use assay_frequency::lattice::{self, Direction, Point};
use assay_frequency::peaks::Peak;
use assay_frequency::spectra::{Analyser, Spectra};
use assay_frequency::{background, radial, tiles};
use assay_plugin_api::evidence::Evidence;
use assay_plugin_api::testing::EvidenceBuilder;
use proptest::prelude::*;
use support::{byte, noise, uniform};

fn spectra(picture: &EvidenceBuilder) -> Spectra {
    Analyser::default().measure(&Evidence::new(picture.as_source())).unwrap()
}

#[test]
fn noise_follows_the_law_of_the_averaged_spectrum() {
    let (mut beyond, mut all) = ([0_usize; 2], 0_usize);
    for seed in 0..4 {
        let picture = EvidenceBuilder::grey(640, 640, move |x, y| byte(noise(seed, x, y)));
        let spectra = spectra(&picture);
        let ring = background::ring();
        let least = background::least_spread(spectra.tiles(), spectra.inflation()[1]);
        for v in (3..spectra.side).step_by(7) {
            for u in (20..spectra.columns() - 12).step_by(5) {
                let (v, u) = (v as isize, u as isize);
                let tail =
                    background::around(&spectra, &ring, v, u, least).log10_tail(spectra.at(v, u));
                for (count, limit) in beyond.iter_mut().zip([-1.0, -2.0]) {
                    *count += usize::from(tail < limit);
                }
                all += 1;
            }
        }
    }
    let [tenth, hundredth] = beyond.map(|count| count as f64 / all as f64);
    assert!((0.02..0.12).contains(&tenth), "{tenth}");
    assert!(hundredth < 0.02, "{hundredth}");
}

#[test]
fn noise_is_in_step_no_more_often_than_the_law_says() {
    let (mut beyond, mut all) = (0_usize, 0_usize);
    for seed in 20..26 {
        // Tiles that overlap, so that their amplitudes are not independent.
        let picture = EvidenceBuilder::grey(400, 400, move |x, y| byte(noise(seed, x, y)));
        for of in lattice::measure(&spectra(&picture), &[]) {
            beyond += usize::from(of.log10_tail < -1.0);
            all += 1;
        }
    }
    let share = beyond as f64 / all as f64;
    assert!(share > 0.02 && share < 0.12, "{share}");
}

#[test]
fn periods_are_named_by_the_shortest_lattice() {
    let peak = |frequency_x: f64, frequency_y: f64| Peak {
        frequency_x,
        frequency_y,
        log10_nfa_mean: -3.0,
        log10_nfa_votes: -3.0,
        share: 1.0,
        amplitude: 1.0,
        side: 128,
    };
    assert_eq!(peak(0.5, 0.0).period_px(), 2.0);
    assert_eq!(peak(0.25, -0.5).period_px(), 4.0);
    assert_eq!(peak(0.125, 0.25).period_px(), 8.0);
    assert_eq!(peak(0.0, 0.1875).period_px(), 16.0);
    assert!((peak(0.3, 0.4).period_px() - 2.0).abs() < 1e-9);
    assert_eq!(peak(0.3, 0.4).lattice_px(), None);
    assert!(peak(0.125, 0.375).on_block_grid(8) && !peak(0.1875, 0.0).on_block_grid(8));
    assert_eq!(peak(20.0 / 128.0, 0.25).lattice_px(), None);
    assert_eq!(peak(0.2, 0.01).direction(), Direction::Horizontal);
    assert_eq!(peak(0.2, -0.2).direction(), Direction::Diagonal);
    assert_eq!(peak(0.2, -0.1).direction(), Direction::Oblique);
}

#[test]
fn tiles_lie_where_something_was_recorded() {
    // The upper half is blown out.
    let picture =
        EvidenceBuilder::grey(1600, 1600, |x, y| if y < 800 { 255 } else { byte(noise(39, x, y)) });
    let evidence = Evidence::new(picture.as_source());
    let tiles = tiles::choose(evidence.luma().unwrap()).unwrap();
    assert!(tiles.corners.len() >= 12, "{tiles:?}");
    assert!(tiles.corners.iter().all(|&(x, y)| y >= 600 && x % 8 == 0 && y % 8 == 0), "{tiles:?}");
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
fn the_axes_are_told_from_the_diagonals() {
    let smoothed = radial::measure(&spectra(&EvidenceBuilder::grey(400, 400, |x, y| {
        let near = [(0, 0), (0, 1), (1, 0), (1, 1)];
        byte(128.0 + near.map(|(dx, dy)| noise(11, x + dx, y + dy) - 128.0).iter().sum::<f64>())
    })));
    let streaked = radial::measure(&spectra(&EvidenceBuilder::grey(400, 400, |x, y| {
        let streaks = [noise(12, x, y / 8), noise(13, x / 8, y), noise(14, x, y)];
        byte(128.0 + streaks.map(|noise| noise - 128.0).iter().sum::<f64>())
    })));
    // A square kernel empties the axes first; what is drawn out along one has its energy on the other.
    assert!(smoothed.axes < -0.3, "{smoothed:?}");
    assert!(streaked.axes > 0.3, "{streaked:?}");
}

proptest! {
    #[test]
    fn a_moved_amplitude_has_the_phase_of_the_picture(
        x in 0_usize..4000, y in 0_usize..4000, u in 0_usize..129, v in -127_isize..128,
    ) {
        let point = Point { v, u, period_px: 16 };
        // A wave that starts at the corner of the picture has phase 0 there, wherever the tile lies.
        let turns = (u as f64 * x as f64 + v as f64 * y as f64) / 256.0;
        let (sin, cos) = (std::f64::consts::TAU * turns).sin_cos();
        let [re, im] = lattice::moved([cos as f32, sin as f32], &point, (x, y), 256);
        prop_assert!((re - 1.0).abs() < 1e-4 && im.abs() < 1e-4, "{re} {im}");
    }
}
