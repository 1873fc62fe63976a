// SPDX-License-Identifier: MIT OR Apache-2.0
//! The regression's optimum, and the detectors' maps.

use assay::calibrate::monotone::{fit, Point, Shape};
use assay::calibrate::ridge::{Case, Regression};
use assay::fusion::voice::calibrated;
use assay::policy::Calibration;
use proptest::prelude::*;

fn cases() -> impl Strategy<Value = Vec<Case>> {
    let one = (proptest::collection::vec(-4.0..4.0, 3), any::<bool>());
    proptest::collection::vec(one, 2..40).prop_map(|parts| {
        let share = 1.0 / parts.len() as f64;
        let case = |(features, is_positive)| Case { features, is_positive, share };
        parts.into_iter().map(case).collect()
    })
}

fn loss(cases: &[Case], offset: f64, weights: &[f64], ridge: f64) -> f64 {
    let of_case = |case: &Case| {
        let products = case.features.iter().zip(weights).map(|(f, w)| f * w);
        let z = offset + products.sum::<f64>();
        case.share * (if case.is_positive { -z } else { z }).exp().ln_1p()
    };
    let squares: f64 = weights.iter().map(|w| w * w).sum();
    cases.iter().map(of_case).sum::<f64>() + ridge / 2.0 * squares
}

fn points() -> impl Strategy<Value = Vec<Point>> {
    let score = prop_oneof![0.01..0.99, (1..10_u8).prop_map(|n| f64::from(n) / 10.0)];
    proptest::collection::vec((score, any::<bool>()), 2..150).prop_map(|parts| {
        let share = 1.0 / parts.len() as f64;
        parts.into_iter().map(|(score, is_positive)| Point { score, is_positive, share }).collect()
    })
}

proptest! {
    #[test]
    fn no_step_that_is_allowed_from_the_fit_lowers_the_loss(
        cases in cases(),
        ridge in prop_oneof![Just(1e-2), Just(1.0)],
        bounds in prop_oneof![Just([0.0, 1.0]), Just([-1.0, 1.0])],
        steps in proptest::collection::vec(-0.1..0.1, 4),
    ) {
        let has_both = cases.iter().any(|c| c.is_positive) && cases.iter().any(|c| !c.is_positive);
        let Some(found) = Regression::fit(&cases, &[0.0; 3], ridge, bounds) else {
            prop_assert!(!has_both);
            return Ok(());
        };
        prop_assert!(has_both);
        prop_assert!(found.weights.iter().all(|w| (bounds[0]..=bounds[1]).contains(w)));
        let moved = found.weights.iter().zip(&steps[1..]);
        let other: Vec<_> = moved.map(|(w, step): (&f64, &f64)| (w + step).clamp(bounds[0], bounds[1])).collect();
        let least = loss(&cases, found.offset, &found.weights, ridge);
        prop_assert!(least <= loss(&cases, found.offset + steps[0], &other, ridge) + 1e-9);
    }

    #[test]
    fn maps_never_fall(
        points in points(),
        shape in prop_oneof![Just(Shape::Logistic), Just(Shape::Isotonic)],
        scores in (0.01..0.99, 0.01..0.99),
    ) {
        let Some(map) = fit(&points, points.len(), shape) else { return Ok(()) };
        let (low, high) = (f64::min(scores.0, scores.1), f64::max(scores.0, scores.1));
        prop_assert!(calibrated(&map, low) <= calibrated(&map, high), "{map:?}");
        match &map {
            Calibration::Logistic { slope, .. } => prop_assert!(*slope >= 0.0),
            Calibration::Knots { knots } => {
                prop_assert!((1..=64).contains(&knots.len()));
                prop_assert!(knots.windows(2).all(|w| w[0][0] < w[1][0] && w[0][1] <= w[1][1]));
            }
        }
    }
}

#[test]
fn detector_that_points_the_wrong_way_is_silenced_and_not_turned_round() {
    let case = |z: f64, is_positive| Case { features: vec![z], is_positive, share: 0.25 };
    let cases = [case(-1.0, true), case(-0.5, true), case(0.5, false), case(1.0, false)];
    let found = Regression::fit(&cases, &[0.0], 1e-3, [0.0, 1.0]).unwrap();
    assert_eq!(found.weights, [0.0]);
    assert!(found.offset.abs() < 1e-9);
    // Unless that was asked for.
    let signed = Regression::fit(&cases, &[0.0], 1e-3, [-1.0, 1.0]).unwrap();
    assert_eq!(signed.weights, [-1.0]);
}

#[test]
fn scores_that_are_calibrated_are_left_as_they_are() {
    // Of n pictures with the score s, n * s are positive.
    let points: Vec<_> = [0.1, 0.3, 0.5, 0.7, 0.9]
        .into_iter()
        .flat_map(|score: f64| {
            let positives = (score * 1000.0).round() as usize;
            (0..1000).map(move |n| Point { score, is_positive: n < positives, share: 1.0 / 5000.0 })
        })
        .collect();
    let Some(Calibration::Logistic { slope, offset }) = fit(&points, 5000, Shape::Logistic) else {
        panic!("no map");
    };
    assert!((slope - 1.0).abs() < 1e-4 && offset.abs() < 1e-4, "{slope} {offset}");
    let isotonic = fit(&points, 5000, Shape::Isotonic).unwrap();
    for score in [0.1, 0.3, 0.5, 0.7, 0.9] {
        assert!((calibrated(&isotonic, score) - score).abs() < 1e-9);
    }
}
