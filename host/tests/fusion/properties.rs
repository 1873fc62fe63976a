// SPDX-License-Identifier: MIT OR Apache-2.0
//! What must hold for any policy and any outcomes.

use assay::analysis::outcome::{DetectorOutcome, Outcome};
use assay::fusion::{fuse, VerdictLabel};
use assay::policy::{Hypothesis, Policy, RiskLevel};
use assay_plugin_api::finding::{Finding, Severity};
use assay_plugin_api::report::{Report, Score};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::support::{absent, failed, outcome, timed_out};

/// The last one is of a detector that the policies do not know.
pub(crate) const KEYS: [&str; 6] = ["diffusion", "gan", "metadata", "noise", "splicing", "unknown"];
const CODES: [&str; 3] = ["camera.signed", "declared.generator", "jpeg.grid.foreign"];

/// Zero, a little, much, and now and then less than nothing.
fn weight() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), 0.0..0.3, 0.0..2.0, -1.0..0.0]
}

/// A rule on one of [`CODES`], which may raise or lower.
fn rule(number: usize) -> impl Strategy<Value = String> {
    let effect = (select(&["p_ai_generated", "p_manipulated"][..]), any::<bool>(), 0.0..=1.0);
    let detector = prop_oneof![Just(None), select(&KEYS[..5]).prop_map(Some)];
    (select(&CODES[..]), effect, detector).prop_map(move |(code, (name, raises, p), detector)| {
        let bound = if raises { "at_least" } else { "at_most" };
        let detector = detector.map_or(String::new(), |key| format!("detector = \"{key}\""));
        format!(
            "[[rule]]\nname = \"r{number}\"\nfinding = \"{code}\"\n{detector}\nreason = \"x\"\n\
             {name} = {{ {bound} = {p} }}\n"
        )
    })
}

/// A calibration of one of the detectors.
fn calibration() -> impl Strategy<Value = Option<String>> {
    let numbers = (select(&KEYS[..5]), 0.0..3.0, -2.0..2.0);
    let calibration = numbers.prop_map(|(key, slope, offset)| {
        format!("[detectors.{key}.calibration]\nslope = {slope}\noffset = {offset}\n")
    });
    proptest::option::weighted(0.3, calibration)
}

pub(crate) fn policy() -> impl Strategy<Value = Policy> {
    let weights = || proptest::collection::vec(weight(), 5);
    let hypotheses = [(-3.0..3.0, weights()), (-3.0..3.0, weights())];
    let verdict = (0.05..0.6, 0.0..0.9, 0.0..0.9);
    let risk = (0.0..0.3, any::<bool>());
    let quorum = (1_u64..5, 0.0..0.6, subsequence(&KEYS[..5], 0..2));
    let rules = (proptest::option::of(rule(1)), proptest::option::of(rule(2)), calibration());
    let fusion = (1.0..4.0, prop_oneof![Just(0.01), 1e-4..0.2]);
    let parts = (hypotheses, verdict, risk, quorum, rules, fusion);
    parts.prop_filter_map(
        "no weight at all",
        |(hypotheses, verdict, risk, quorum, rules, fusion)| {
            let [ai, manipulated] = hypotheses.map(|(bias, weights): (f64, Vec<f64>)| {
                let weights = KEYS.iter().zip(weights).map(|(key, w)| format!("{key} = {w}"));
                let weights: Vec<_> = weights.collect();
                format!("{{ bias = {bias}, weights = {{ {} }} }}", weights.join(", "))
            });
            let (below, to_ai, to_manipulated) = verdict;
            let threshold = |part: f64| below + part * (1.0 - below);
            let (band, is_high) = risk;
            let text = format!(
                "name = \"p\"\nversion = \"1\"\n\
             [verdict]\nauthentic_below = {below}\nai_generated = {}\nmanipulated = {}\n\
             [risk]\nmedium = {}\nhigh = {}\non_fault = \"{}\"\n\
             [quorum]\nmin_scored = {}\nmin_weight_share = {}\nrequired = {:?}\n\
             [fusion]\nmax_renormalisation = {}\nscore_clamp = {}\n\
             ai_generated = {ai}\nmanipulated = {manipulated}\n{}{}{}",
                threshold(to_ai),
                threshold(to_manipulated),
                below + band,
                below + band + 0.1,
                if is_high { "HIGH" } else { "MEDIUM" },
                quorum.0,
                quorum.1,
                quorum.2,
                fusion.0,
                fusion.1,
                rules.0.unwrap_or_default(),
                rules.1.unwrap_or_default(),
                rules.2.unwrap_or_default(),
            );
            Policy::parse(&text, "p.toml").ok()
        },
    )
}

/// Scores gather where they decide: at the ends and in the middle.
pub(crate) fn report() -> impl Strategy<Value = Report> {
    let score = prop_oneof![0.0..=1.0, 0.0..0.1, Just(0.0), Just(0.5), Just(1.0)];
    (score, proptest::option::weighted(0.2, select(&CODES[..]))).prop_map(|(score, code)| {
        let report = Report::new(Score::clamped(score));
        match code {
            Some(code) => report.finding(Finding::new(code, Severity::Decisive, "x")),
            None => report,
        }
    })
}

fn any_outcome(key: &'static str) -> impl Strategy<Value = DetectorOutcome> {
    prop_oneof![
        6 => report().prop_map(move |report| outcome(key, Outcome::Scored(report))),
        1 => Just(absent(key)),
        1 => Just(failed(key)),
    ]
}

pub(crate) fn outcomes() -> impl Strategy<Value = Vec<DetectorOutcome>> {
    let all = KEYS.map(any_outcome);
    (all, subsequence((0..KEYS.len()).collect::<Vec<_>>(), 0..=KEYS.len())).prop_map(
        |(all, kept)| kept.into_iter().filter_map(|index| all.get(index).cloned()).collect(),
    )
}

/// Outcomes, and the place of one among them that scored.
pub(crate) fn outcomes_with_a_score() -> impl Strategy<Value = (Vec<DetectorOutcome>, usize)> {
    let scored =
        |key: &'static str| report().prop_map(move |report| outcome(key, Outcome::Scored(report)));
    (outcomes(), select(&KEYS[..]).prop_flat_map(scored)).prop_map(|(mut outcomes, scored)| {
        let index = outcomes.iter().position(|o| o.model_key == scored.model_key);
        let index = index.unwrap_or(outcomes.len());
        match outcomes.get_mut(index) {
            Some(other) => *other = scored,
            None => outcomes.push(scored),
        }
        (outcomes, index)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn fault_never_makes_an_image_look_more_authentic(
        policy in policy(),
        (outcomes, index) in outcomes_with_a_score(),
        is_timeout in any::<bool>(),
    ) {
        let before = fuse(&outcomes, &policy);
        let mut faulty = outcomes;
        let replaced = &mut faulty[index];
        *replaced = match is_timeout {
            true => timed_out(&replaced.model_key.clone()),
            false => failed(&replaced.model_key.clone()),
        };
        let after = fuse(&faulty, &policy);
        if after.label == VerdictLabel::Authentic {
            prop_assert_eq!(before.label, VerdictLabel::Authentic);
        }
        prop_assert!(after.risk_level >= before.risk_level.min(policy.risk.on_fault));
        prop_assert!(after.risk_at_most >= before.risk_at_most);
    }

    #[test]
    fn no_answer_of_a_failed_detector_exceeds_the_worst_case(
        policy in policy(),
        outcomes in outcomes(),
        answers in proptest::collection::vec(proptest::option::weighted(0.8, report()), 6),
    ) {
        let worst = fuse(&outcomes, &policy);
        let answered: Vec<_> = outcomes
            .iter()
            .zip(answers)
            .map(|(of, answer)| match (of.outcome.is_fault(), answer) {
                (false, _) => of.clone(),
                (true, None) => absent(&of.model_key),
                (true, Some(report)) => outcome(&of.model_key, Outcome::Scored(report)),
            })
            .collect();
        let actual = fuse(&answered, &policy);
        // The sums are taken in another order: the last bits may differ.
        prop_assert!(actual.p_ai_generated <= worst.ai_generated.p_at_most + 1e-12);
        prop_assert!(actual.p_manipulated <= worst.manipulated.p_at_most + 1e-12);
    }

    #[test]
    fn higher_score_of_a_detector_without_negative_weight_never_lowers_a_probability(
        mut policy in policy(),
        (outcomes, index) in outcomes_with_a_score(),
        raised in 0.0..=1.0,
    ) {
        let key = outcomes[index].model_key.clone();
        for part in [&mut policy.fusion.ai_generated, &mut policy.fusion.manipulated] {
            part.weights.entry(key.clone()).and_modify(|weight| *weight = weight.abs());
        }
        let before = fuse(&outcomes, &policy);
        let mut higher = outcomes;
        let Outcome::Scored(report) = &mut higher[index].outcome else { unreachable!() };
        report.score += raised * (1.0 - report.score);
        let after = fuse(&higher, &policy);
        prop_assert!(after.p_ai_generated >= before.p_ai_generated);
        prop_assert!(after.p_manipulated >= before.p_manipulated);
    }

    #[test]
    fn order_of_outcomes_changes_no_bit(
        policy in policy(),
        (outcomes, shuffled) in outcomes().prop_flat_map(|o| (Just(o.clone()), Just(o).prop_shuffle())),
    ) {
        prop_assert_eq!(fuse(&outcomes, &policy), fuse(&shuffled, &policy));
    }

    #[test]
    fn detector_that_does_not_apply_is_as_if_it_had_not_been_asked_for(
        policy in policy(),
        outcomes in outcomes(),
    ) {
        let is_absent = |o: &DetectorOutcome| matches!(o.outcome, Outcome::NotApplicable { .. });
        let rest: Vec<_> = outcomes.iter().filter(|o| !is_absent(o)).cloned().collect();
        let (with, without) = (fuse(&outcomes, &policy), fuse(&rest, &policy));
        prop_assert_eq!(with.label, without.label);
        prop_assert_eq!(with.risk_level, without.risk_level);
        prop_assert_eq!(with.ai_generated, without.ai_generated);
        prop_assert_eq!(with.manipulated, without.manipulated);
        prop_assert_eq!(with.contributions, without.contributions);
    }

    #[test]
    fn verdict_is_consistent_in_itself(policy in policy(), outcomes in outcomes()) {
        let verdict = fuse(&outcomes, &policy);
        let risk = verdict.p_ai_generated.max(verdict.p_manipulated);
        prop_assert_eq!(verdict.risk, risk);
        prop_assert!((0.0..=1.0).contains(&verdict.p_ai_generated));
        prop_assert!((0.0..=1.0).contains(&verdict.p_manipulated));
        prop_assert!(verdict.risk_at_most >= risk);
        prop_assert!(!verdict.reasons.is_empty());
        let confidence = match verdict.label {
            VerdictLabel::Authentic => 1.0 - risk,
            VerdictLabel::Inconclusive => risk.max(1.0 - risk),
            _ => risk,
        };
        prop_assert_eq!(verdict.confidence, confidence);
        let band = policy.risk.level(risk);
        let has_fault = outcomes.iter().any(|o| o.outcome.is_fault());
        prop_assert!(verdict.risk_level >= band);
        prop_assert!(verdict.risk_level == band || has_fault);
        if verdict.label == VerdictLabel::Authentic {
            prop_assert_eq!(verdict.risk_level, RiskLevel::Low);
        }
        if !has_fault {
            prop_assert_eq!(verdict.risk_at_most, risk);
            prop_assert!(verdict.reasons.iter().all(|reason| !reason.code.contains("fault")));
        }
        // What is written as reasons adds up to what is written as log-odds.
        for (hypothesis, estimate) in
            [(Hypothesis::AiGenerated, verdict.ai_generated), (Hypothesis::Manipulated, verdict.manipulated)]
        {
            let parts: f64 = verdict.contributions.iter().map(|c| c.to(hypothesis)).sum();
            prop_assert!((estimate.bias + parts - estimate.log_odds).abs() < 1e-9);
        }
    }
}
