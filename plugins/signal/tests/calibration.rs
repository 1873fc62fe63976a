// SPDX-License-Identifier: MIT OR Apache-2.0
//! Calibrations: known values, refusals, and that none of them ever falls.

use assay_signal::calibration::{Calibration, CalibrationError};
use proptest::prelude::*;

#[test]
fn a_logistic_calibration_has_the_textbook_values() {
    let map = Calibration::logistic(2.0, -1.0).unwrap();
    assert!((map.score(0.5).unwrap() - 0.5).abs() < 1e-15);
    // 1 / (1 + exp(-1)) = 0.731058…
    assert!((map.score(1.0).unwrap() - 0.731_058_578_630_005).abs() < 1e-12);
    assert_eq!(map.score(f64::INFINITY), Some(1.0));
    assert_eq!(map.score(f64::NEG_INFINITY), Some(0.0));
    assert_eq!(map.score(f64::NAN), None);
}

#[test]
fn a_flat_logistic_calibration_says_one_half_even_of_infinity() {
    let map = Calibration::logistic(0.0, 0.0).unwrap();
    assert_eq!([map.score(f64::INFINITY), map.score(-3.0)], [Some(0.5); 2]);
}

#[test]
fn a_held_logistic_calibration_stays_in_its_range() {
    let map = Calibration::logistic_within(1.0, 0.0, 0.2, 0.9).unwrap();
    assert_eq!(
        [map.score(-50.0), map.score(0.0), map.score(50.0)],
        [Some(0.2), Some(0.5), Some(0.9)]
    );
}

#[test]
fn an_isotonic_calibration_interpolates_between_knots_and_is_constant_outside() {
    let map = Calibration::isotonic(vec![(0.0, 0.1), (2.0, 0.5), (3.0, 0.5)]).unwrap();
    let scores = [-9.0, 0.0, 0.5, 2.0, 2.5, 99.0].map(|raw| map.score(raw).unwrap());
    for (found, wanted) in scores.iter().zip([0.1, 0.1, 0.2, 0.5, 0.5, 0.5]) {
        assert!((found - wanted).abs() < 1e-12, "{scores:?}");
    }
}

#[test]
fn falling_or_undefined_maps_are_refused() {
    assert!(matches!(Calibration::logistic(-0.1, 0.0), Err(CalibrationError::Logistic { .. })));
    assert!(matches!(Calibration::logistic(f64::NAN, 0.0), Err(CalibrationError::Logistic { .. })));
    assert!(matches!(
        Calibration::logistic_within(1.0, 0.0, 0.9, 0.2),
        Err(CalibrationError::Range { .. })
    ));
    assert_eq!(Calibration::isotonic(vec![]), Err(CalibrationError::NoKnot));
    for knots in [
        vec![(0.0, 0.5), (0.0, 0.6)],
        vec![(0.0, 0.5), (1.0, 0.4)],
        vec![(0.0, 1.5)],
        vec![(0.0, -0.1)],
        vec![(f64::NAN, 0.5)],
        vec![(f64::INFINITY, 0.5)],
        vec![(0.0, f64::NAN)],
    ] {
        let refused = Calibration::isotonic(knots.clone());
        assert!(matches!(refused, Err(CalibrationError::Knot { .. })), "{knots:?}");
    }
}

proptest! {
    #[test]
    fn whatever_is_accepted_never_falls_and_stays_within_zero_and_one(
        slope in any::<f64>(),
        offset in any::<f64>(),
        knots in prop::collection::vec((-9.0..9.0_f64, 0.0..=1.0_f64), 0..6),
        a in any::<f64>().prop_filter("a number", |x| !x.is_nan()),
        b in -10.0..10.0_f64,
    ) {
        let made = [Calibration::logistic(slope, offset), Calibration::isotonic(knots)];
        for map in made.into_iter().flatten() {
            let (low, high) = (map.score(a.min(b)).unwrap(), map.score(a.max(b)).unwrap());
            prop_assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high));
            prop_assert!(low <= high, "{map:?}: {low} > {high}");
        }
    }
}
