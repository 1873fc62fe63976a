// SPDX-License-Identifier: MIT OR Apache-2.0
//! The policy that comes out of a calibration.

use assay::calibrate::document::{text, Head};
use assay::calibrate::run::{calibrate, CalibrateError, Order};
use assay::eval::manifest::Truth;
use assay::policy::Policy;

use crate::support::{scores, Scores};

pub(crate) fn head() -> Head {
    Head {
        name: "mine".into(),
        command: "assay calibrate m.csv".into(),
        date: "2026-01-02".into(),
        conformal: None,
        target_fpr: 0.01,
        target_fpr_others: 0.01,
        target_miss: 0.05,
    }
}

fn written(scores: &Scores) -> (String, Policy) {
    let (outcome, fitted) = calibrate(&scores.order()).unwrap();
    let text = text(&head(), &outcome, &fitted).unwrap();
    let policy = Policy::parse(&text, "mine.toml").unwrap();
    (text, policy)
}

#[test]
fn policy_says_what_it_was_fitted_to_and_the_same_input_gives_the_same_bytes() {
    let scores = scores([60, 50, 40], 2.0, 5);
    let (text, policy) = written(&scores);
    assert_eq!(written(&scores).0, text);
    let record = policy.calibrated.as_ref().unwrap();
    assert_eq!(record.pictures["ai_generated"], 50);
    assert_eq!(record.pictures["authentic.camera_original"], 30);
    assert_eq!(record.digest.len(), 64);
    assert_eq!(record.base, format!("default {} {}", scores.base.version, scores.base.digest()));
    let measured = record.ai_generated.as_ref().unwrap();
    assert!(measured.auc > 0.9 && measured.brier < 0.15, "{measured:?}");
    let sets: Vec<_> = measured.false_positives.keys().map(String::as_str).collect();
    assert_eq!(sets, ["camera originals, clean", "other authentic, clean", "other authentic, web"]);
    assert!(measured.false_positives.values().all(|rate| rate.starts_with("0 of 30, 0.000")));
    assert!(text.contains("too few pictures to show the wanted rate are in camera originals, clean: 30 (a rate of 0.01 needs 100), other"));
    assert!(text.contains("# ai_generated, cross-fitted, 95 %:\n"));
    // What is not fitted is the base's.
    assert_eq!(policy.quorum, scores.base.quorum);
    assert_eq!(policy.rules, scores.base.rules);
    assert!(policy.verdict.authentic_below <= policy.risk.medium);
    assert!(policy.risk.medium < policy.verdict.ai_generated.min(policy.verdict.manipulated));
}

#[test]
fn digest_is_of_the_files_and_their_labels_in_any_order() {
    let scores = scores([30, 30, 0], 2.0, 5);
    let digest = |scores: &Scores| calibrate(&scores.order()).unwrap().0.digest;
    let first = digest(&scores);
    let mut turned = scores.clone();
    turned.collection.pictures.reverse();
    turned.examinations.reverse();
    assert_eq!(digest(&turned), first);
    let mut relabelled = scores.clone();
    relabelled.collection.pictures[0].truth = Truth::Manipulated;
    assert_ne!(digest(&relabelled), first);
}

#[test]
fn hypothesis_without_positives_keeps_the_base_policys_numbers_and_says_so() {
    let scores = scores([60, 60, 0], 2.0, 5);
    let (text, policy) = written(&scores);
    assert_eq!(policy.fusion.manipulated, scores.base.fusion.manipulated);
    assert_eq!(policy.verdict.manipulated, scores.base.verdict.manipulated);
    assert_eq!(policy.detector("splicing"), scores.base.detector("splicing"));
    assert_ne!(policy.fusion.ai_generated, scores.base.fusion.ai_generated);
    assert!(text.contains("manipulated: the collection has no picture labelled manipulated"));
    assert!(policy.calibrated.unwrap().manipulated.is_none());
}

#[test]
fn collection_of_which_nothing_can_be_fitted_is_refused_with_the_reasons() {
    let refused = |counts| calibrate(&scores(counts, 2.0, 5).order()).unwrap_err();
    assert_eq!(refused([0, 20, 20]), CalibrateError::NoAuthentic);
    let message = refused([20, 0, 0]).to_string();
    assert!(message.contains("no picture labelled ai_generated"), "{message}");
    assert!(message.contains("no picture labelled manipulated"), "{message}");
    let mut one_group = scores([20, 20, 0], 2.0, 5);
    for picture in one_group.collection.pictures.iter_mut() {
        if picture.truth == Truth::AiGenerated {
            picture.group = "all".into();
        }
    }
    let message = calibrate(&one_group.order()).unwrap_err().to_string();
    assert!(message.contains("ai_generated: it cannot be cross-fitted"), "{message}");
}

#[test]
fn detectors_that_turn_round_are_not_taken_and_the_base_stays() {
    let error = calibrate(&scores([60, 60, 60], -2.0, 5).order()).unwrap_err().to_string();
    assert!(
        error.contains("ai_generated: no detector tells its pictures from authentic"),
        "{error}"
    );
}

#[test]
fn fit_that_is_no_better_than_a_constant_on_unseen_pictures_is_not_taken() {
    let mut scores = scores([80, 80, 80], 2.0, 11);
    let mut random = assay::eval::random::Random::new(6);
    for examination in &mut scores.examinations {
        for tier in examination.tiers.iter_mut().flatten() {
            tier.answers.iter_mut().filter(|a| a.model_key == "splicing").for_each(|answer| {
                answer.score = Some(random.unit());
            });
        }
    }
    let (text, policy) = written(&scores);
    assert_eq!(policy.fusion.manipulated, scores.base.fusion.manipulated, "{text}");
    assert_eq!(policy.detector("splicing").calibration, None);
    assert!(policy.calibrated.unwrap().ai_generated.is_some());
}

#[test]
fn matched_pictures_are_measured_and_ask_for_no_rate() {
    let all = scores([80, 80, 0], 1.0, 9);
    let mut matched = all.clone();
    let web = matched.collection.pictures.iter_mut().filter(|picture| picture.kind == "web");
    web.for_each(|picture| picture.kind = "matched_photo".into());
    let threshold = |scores: &Scores| calibrate(&scores.order()).unwrap().1.verdict.ai_generated;
    assert!(threshold(&matched) < threshold(&all));
    let sets = written(&matched).1.calibrated.unwrap().ai_generated.unwrap().false_positives;
    assert!(sets.contains_key("matched authentic, web"), "{sets:?}");
}

#[test]
fn each_origin_has_its_own_rate() {
    let scores = scores([80, 80, 0], 1.0, 9);
    let strict = calibrate(&scores.order()).unwrap().1;
    let mild = calibrate(&Order { target_fpr_others: 0.2, ..scores.order() }).unwrap().1;
    assert!(mild.verdict.ai_generated < strict.verdict.ai_generated);
    assert_eq!(mild.fusion, strict.fusion);
}
