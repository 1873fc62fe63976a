// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be asked of single hypotheses and of single kinds of authentic pictures.

use assay::calibrate::asked::{Asked, Both, Kinds};
use assay::calibrate::document::text;
use assay::calibrate::operating::allowed;
use assay::calibrate::outcome::HypothesisOutcome;
use assay::calibrate::run::{calibrate, CalibrateError, Order};
use assay::policy::{Hypothesis, Policy};

use crate::policies::head;
use crate::support::scores;

/// One manipulated picture in four, and nothing else than usual.
fn one_in_four() -> Both {
    Both { manipulated: Asked { prior: 0.25, target_miss: 0.05 }, ..Both::even(0.05) }
}

fn fitted(order: &Order<'_>) -> Policy {
    calibrate(order).unwrap().1
}

fn outcome(order: &Order<'_>, hypothesis: Hypothesis) -> HypothesisOutcome {
    let (outcome, _) = calibrate(order).unwrap();
    outcome.hypotheses.into_iter().find(|found| found.name == hypothesis.as_str()).unwrap()
}

#[test]
fn prior_moves_the_bias_by_its_log_odds_and_nothing_of_the_other_hypothesis() {
    let scores = scores([50, 40, 50], 1.5, 31);
    let even = fitted(&scores.order());
    let asked = fitted(&Order { asked: one_in_four(), ..scores.order() });
    let moved = asked.fusion.manipulated.bias - even.fusion.manipulated.bias;
    assert!((moved - (1.0_f64 / 3.0).ln()).abs() < 2e-6, "{moved}");
    assert_eq!(asked.fusion.manipulated.weights, even.fusion.manipulated.weights);
    assert_eq!(asked.fusion.ai_generated, even.fusion.ai_generated);
    assert_eq!(asked.verdict.ai_generated, even.verdict.ai_generated);
}

#[test]
fn honesty_is_measured_at_the_prior_which_the_record_names() {
    let scores = scores([50, 40, 50], 1.5, 31);
    let order = Order { asked: one_in_four(), ..scores.order() };
    let honest = outcome(&order, Hypothesis::Manipulated).after.unwrap().honesty;
    // At odds that the pictures do not have, the same probabilities would be far off.
    assert!(honest.ece < 0.08 && honest.brier < 0.25 * 0.75, "{honest:?}");
    let (found, policy) = calibrate(&order).unwrap();
    let text = text(&head(), &found, &policy).unwrap();
    let record = Policy::parse(&text, "mine.toml").unwrap().calibrated.unwrap();
    assert_eq!(record.manipulated.unwrap().prior, Some(0.25));
    assert_eq!(record.ai_generated.unwrap().prior, None);
    assert!(found.to_string().contains("probabilities at a share of 0.25 positive"), "{found}");
}

#[test]
fn record_says_what_is_found_of_both_hypotheses() {
    let scores = scores([40, 40, 40], 2.0, 5);
    let (found, policy) = calibrate(&scores.order()).unwrap();
    let text = text(&head(), &found, &policy).unwrap();
    let record = Policy::parse(&text, "mine.toml").unwrap().calibrated.unwrap();
    for measured in [record.ai_generated.unwrap(), record.manipulated.unwrap()] {
        let tiers: Vec<_> = measured.found.keys().map(String::as_str).collect();
        assert_eq!(tiers, ["clean", "web"]);
        assert!(measured.found.values().all(|rate| rate.contains(" of 40, ")), "{measured:?}");
    }
}

#[test]
fn a_kind_that_is_named_keeps_its_own_rate_in_every_tier_and_is_in_no_other_set() {
    let mut scores = scores([100, 50, 0], 1.0, 9);
    let faces = scores.collection.pictures.iter_mut().filter(|picture| picture.kind == "web");
    faces.for_each(|picture| picture.kind = "matched_face".into());
    let order = Order { target_fpr: 0.3, ..scores.order() };
    let free = outcome(&order, Hypothesis::AiGenerated).after.unwrap();
    let kinds = Kinds::from([("matched_face".to_owned(), 0.02)]);
    let order = Order { target_fpr_of: &kinds, ..order };
    let asked = outcome(&order, Hypothesis::AiGenerated).after.unwrap();
    assert!(asked.threshold > free.threshold, "{} {}", asked.threshold, free.threshold);
    let sets: Vec<_> = asked.false_positives.iter().map(|rate| rate.of.as_str()).collect();
    assert_eq!(sets, ["camera originals, clean", "matched_face, clean", "matched_face, web"]);
    for rate in asked.false_positives.iter().filter(|rate| rate.of.starts_with("matched_face")) {
        assert!(rate.share.count <= allowed(0.02, rate.share.n), "{rate:?}");
    }
}

#[test]
fn rate_of_a_kind_that_is_not_there_is_refused_and_the_kinds_are_named() {
    let scores = scores([40, 40, 0], 2.0, 5);
    let kinds = Kinds::from([("matched_fase".to_owned(), 0.02)]);
    let error = calibrate(&Order { target_fpr_of: &kinds, ..scores.order() }).unwrap_err();
    assert!(matches!(error, CalibrateError::NoSuchKind { .. }), "{error}");
    let message = error.to_string();
    for part in ["`matched_fase`", "the kinds are: camera_original, web"] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn misses_that_are_allowed_of_one_hypothesis_leave_the_other_its_own() {
    let scores = scores([40, 40, 40], 1.0, 13);
    let below = |of_manipulated: f64| {
        let manipulated = Asked { prior: 0.5, target_miss: of_manipulated };
        let order = Order { asked: Both { manipulated, ..Both::even(0.2) }, ..scores.order() };
        let (found, policy) = calibrate(&order).unwrap();
        let missed = found.hypotheses.into_iter().map(|found| found.after.unwrap().missed);
        (policy.verdict.authentic_below, missed.collect::<Vec<_>>())
    };
    let (strict, _) = below(0.02);
    let (mild, missed) = below(0.9);
    assert!(mild > strict, "{mild} {strict}");
    let [ai, _] = missed.as_slice() else { panic!("two hypotheses") };
    let all: usize = ai.iter().map(|rate| rate.share.count).sum();
    let n: usize = ai.iter().map(|rate| rate.share.n).sum();
    assert!(all <= allowed(0.2, n), "{all} of {n}");
}
