// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a policy's calibration does to a detector's score in fusion, and what it leaves alone.

use assay::fusion::ensemble::logit;
use assay::fusion::fuse;
use assay::fusion::voice::{calibrated, voice};
use assay::policy::Calibration;
use proptest::prelude::*;

use crate::support::{assert_close, policy, scored};

fn knots() -> impl Strategy<Value = Calibration> {
    proptest::collection::vec((0.0..=1.0, 0.0..=1.0), 1..12).prop_map(|points| {
        let (mut from, mut to): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
        from.sort_by(f64::total_cmp);
        from.dedup();
        to.sort_by(f64::total_cmp);
        let knots = from.into_iter().zip(to).map(|(from, to)| [from, to]).collect();
        Calibration::Knots { knots }
    })
}

fn any_calibration() -> impl Strategy<Value = Calibration> {
    let logistic = (0.0..50.0, -50.0..50.0);
    let logistic = logistic.prop_map(|(slope, offset)| Calibration::Logistic { slope, offset });
    prop_oneof![logistic, knots()]
}

#[test]
fn calibrated_score_is_what_is_weighed_and_the_detectors_own_is_what_is_shown() {
    let calibration = "detectors.gan.calibration = { slope = 2, offset = -1 }";
    let verdict = fuse(&[scored("gan", 0.8), scored("diffusion", 0.5)], &policy(calibration));
    // logit(0.8) = ln 4; 2 ln 4 - 1.
    assert_close(verdict.ai_generated.log_odds, 2.0 * 4.0_f64.ln() - 1.0);
    let gan = verdict.contributions.iter().find(|c| c.detector == "gan").unwrap();
    assert_close(gan.ai_generated, 2.0 * 4.0_f64.ln() - 1.0);
    assert_eq!(gan.score, 0.8);
}

#[test]
fn knots_are_joined_by_straight_lines_and_constant_beyond_their_ends() {
    let knots = Calibration::Knots { knots: vec![[0.2, 0.1], [0.4, 0.5], [0.8, 0.6]] };
    for (score, expected) in
        [(0.1, 0.1), (0.2, 0.1), (0.3, 0.3), (0.4, 0.5), (0.6, 0.55), (0.8, 0.6), (0.99, 0.6)]
    {
        assert_close(calibrated(&knots, score), expected);
    }
}

#[test]
fn calibrated_score_is_clamped_like_any_other() {
    let policy = policy("detectors.gan.calibration.knots = [[0.0, 0.0], [1.0, 1.0]]");
    assert_close(voice("gan", 1.0, &policy), logit(0.99));
    assert_close(voice("gan", 0.0, &policy), logit(0.01));
}

proptest! {
    #[test]
    fn no_calibration_lets_a_higher_score_count_less(
        calibration in any_calibration(),
        scores in (0.001..0.999, 0.001..0.999),
    ) {
        let (low, high) = (f64::min(scores.0, scores.1), f64::max(scores.0, scores.1));
        prop_assert!(calibrated(&calibration, low) <= calibrated(&calibration, high));
        let mut policy = policy("");
        let detector = policy.detectors.entry("gan".into()).or_default();
        detector.calibration = Some(calibration);
        let (low, high) = (voice("gan", low, &policy), voice("gan", high, &policy));
        prop_assert!(low <= high);
        prop_assert!(low >= logit(0.01) && high <= logit(0.99));
    }

    #[test]
    fn calibration_that_changes_nothing_is_none(score in 0.0..=1.0) {
        let as_it_is = voice("gan", score, &policy(""));
        let slope = voice("gan", score, &policy("detectors.gan.calibration.slope = 1"));
        prop_assert!((as_it_is - slope).abs() < 1e-9, "{as_it_is} {slope}");
    }
}
