// SPDX-License-Identifier: MIT OR Apache-2.0

use assay_signal::prnu::correlation::{Correlations, EXCLUDED_PX};
use assay_signal::prnu::significance::{log10_false_alarms, KNOWN_PCE, KNOWN_RATE};
use assay_signal::Samples;

use crate::made::noise;

/// The PCE written out: every circular shift as a sum.
fn naive_pce(picture: &Samples, frame: &Samples, (x, y): (usize, usize)) -> f64 {
    let (height, width) = frame.dim();
    let at = |dx: usize, dy: usize| -> f64 {
        picture
            .indexed_iter()
            .map(|((row, column), &sample)| {
                let other = frame[[(row + dy) % height, (column + dx) % width]];
                f64::from(sample) * f64::from(other)
            })
            .sum()
    };
    let near = |a: usize, b: usize, length: usize| {
        let apart = a.abs_diff(b);
        apart.min(length - apart) <= EXCLUDED_PX / 2
    };
    let (mut energy, mut count) = (0.0, 0);
    for dy in 0..height {
        for dx in 0..width {
            if !(near(dx, x, width) && near(dy, y, height)) {
                energy += at(dx, dy).powi(2);
                count += 1;
            }
        }
    }
    let peak = at(x, y);
    peak * peak.abs() / (energy / f64::from(count))
}

#[test]
fn pce_is_that_of_the_sums_written_out() {
    for (width, height) in [(24, 19), (23, 20)] {
        let frame = noise(1, width, height);
        let mut picture = noise(2, 15, 14);
        picture.indexed_iter_mut().for_each(|((y, x), v)| *v += 0.5 * frame[[y + 3, x + 6]]);
        let correlations = Correlations::new(&picture, frame.clone());
        for (x, y) in [(6, 3), (0, 0), (width - 1, 2), (4, height - 2)] {
            let (found, expected) =
                (correlations.pce(x as isize, y as isize), naive_pce(&picture, &frame, (x, y)));
            let most = 1e-3 * expected.abs().max(0.01);
            assert!((found - expected).abs() < most, "({x}, {y}): {found} {expected}");
        }
    }
}

#[test]
fn peak_is_where_the_picture_was_cut_out_and_nowhere_it_was_not_asked_for() {
    let frame = noise(1, 96, 80);
    let picture = frame.slice(ndarray::s![17..57, 31..81]).to_owned();
    let correlations = Correlations::new(&picture, frame.clone());
    let peak = correlations.peak(0..=46, 0..=40);
    assert_eq!((peak.x, peak.y), (31, 17));
    assert!(peak.pce > 500.0, "{}", peak.pce);
    let elsewhere = correlations.peak(0..=10, 0..=10);
    assert!(elsewhere.pce < 40.0 && elsewhere.x <= 10 && elsewhere.y <= 10, "{elsewhere:?}");
}

#[test]
fn a_negative_of_the_pattern_has_a_negative_pce() {
    let frame = noise(1, 64, 64);
    assert!(Correlations::new(&-&frame, frame.clone()).pce(0, 0) < -500.0);
}

#[test]
fn false_alarms_are_the_measured_rate_at_sixty_times_the_tries() {
    assert!((log10_false_alarms(KNOWN_PCE, 1.0) - KNOWN_RATE.log10()).abs() < 1e-9);
    assert!((log10_false_alarms(KNOWN_PCE, 1e6) - KNOWN_RATE.log10() - 6.0).abs() < 1e-9);
    assert_eq!(log10_false_alarms(-1e6, 100.0), 2.0);
    // The tail of the normal law between 60 and 100: Q(10) / Q(7.746) = 7.62e-24 / 4.75e-15.
    let fall = log10_false_alarms(100.0, 1.0) - log10_false_alarms(60.0, 1.0);
    assert!((fall - (7.620e-24_f64 / 4.750e-15).log10()).abs() < 0.01, "{fall}");
}

#[test]
fn frames_without_anything_beside_the_peak_say_nothing() {
    let constant = Samples::from_elem((40, 40), 0.0);
    assert_eq!(Correlations::new(&constant, constant.clone()).pce(0, 0), 0.0);
    let tiny = noise(1, 7, 7);
    assert_eq!(Correlations::new(&tiny, tiny.clone()).pce(0, 0), 0.0);
}
