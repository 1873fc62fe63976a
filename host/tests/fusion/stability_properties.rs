// SPDX-License-Identifier: MIT OR Apache-2.0
//! What must hold of the stability check for any policy, any outcomes and any answers on copies.

use assay::analysis::copies::{CopyKind, Rerun};
use assay::analysis::outcome::{DetectorOutcome, Outcome};
use assay::fusion::{fuse, fuse_with_copies, supporters, VerdictLabel};
use assay::policy::{Policy, RiskLevel};
use assay_plugin_api::descriptor::Kind;
use proptest::prelude::*;

use crate::properties::{outcomes, outcomes_with_a_score, policy, report, KEYS};
use crate::support::{codes, failed, outcome, timed_out};

fn checking() -> impl Strategy<Value = Policy> {
    policy().prop_map(|mut policy| {
        policy.stability.enabled = true;
        policy
    })
}

/// As configured: metadata is no detector of pixels.
fn with_kinds(mut outcomes: Vec<DetectorOutcome>) -> Vec<DetectorOutcome> {
    outcomes.iter_mut().filter(|o| o.model_key == "metadata").for_each(|o| {
        o.kind = Kind::Provenance;
    });
    outcomes
}

/// Every detector scores on the copy.
fn all_scored() -> impl Strategy<Value = Vec<DetectorOutcome>> {
    let scored = |key| report().prop_map(move |report| outcome(key, Outcome::Scored(report)));
    KEYS.map(scored).prop_map(Vec::from)
}

fn answers() -> impl Strategy<Value = Result<Vec<DetectorOutcome>, String>> {
    prop_oneof![
        6 => all_scored().prop_map(Ok),
        3 => outcomes().prop_map(Ok),
        1 => Just(Err("no such copy".to_owned())),
    ]
}

fn reruns() -> impl Strategy<Value = Vec<Rerun>> {
    [answers(), answers()].prop_map(|answers| {
        let copies = CopyKind::ALL.into_iter().zip(answers);
        copies.map(|(copy, outcomes)| Rerun { copy, outcomes }).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn checked_verdict_is_the_unchecked_one_or_inconclusive(
        policy in checking(),
        outcomes in outcomes().prop_map(with_kinds),
        reruns in reruns(),
    ) {
        let first = fuse(&outcomes, &policy);
        let checked = fuse_with_copies(&outcomes, &reruns, &policy);
        let is_unstable = codes(&checked).contains(&"inconclusive.unstable");
        if is_unstable {
            prop_assert_ne!(first.label, VerdictLabel::Inconclusive);
            prop_assert_eq!(checked.label, VerdictLabel::Inconclusive);
            prop_assert_eq!(codes(&checked)[0], "inconclusive.unstable");
            let at_least = if first.reasons.iter().any(|r| r.code == "fault.tolerated") {
                policy.risk.on_fault
            } else {
                RiskLevel::Medium
            };
            prop_assert!(checked.risk_level >= first.risk_level.max(at_least));
            prop_assert_eq!(checked.confidence, checked.risk.max(1.0 - checked.risk));
        } else {
            prop_assert_eq!(checked.label, first.label);
            prop_assert_eq!(checked.risk_level, first.risk_level);
            prop_assert_eq!(checked.confidence, first.confidence);
            for reason in &first.reasons {
                prop_assert!(checked.reasons.contains(reason));
            }
        }
        prop_assert_eq!(checked.risk, first.risk);
        prop_assert_eq!(checked.risk_at_most, first.risk_at_most);
        prop_assert_eq!(checked.ai_generated, first.ai_generated);
        prop_assert_eq!(checked.manipulated, first.manipulated);
        prop_assert_eq!(checked.contributions, first.contributions);
        let status = checked.stability.as_ref().map(|found| found.status());
        prop_assert_eq!(status == Some("unstable"), is_unstable);
        prop_assert_eq!(status.is_some(), !supporters(&outcomes, &policy).is_empty());
    }

    #[test]
    fn policy_that_does_not_ask_for_it_heeds_no_copy(
        policy in policy(),
        outcomes in outcomes(),
        reruns in reruns(),
    ) {
        prop_assert_eq!(fuse_with_copies(&outcomes, &reruns, &policy), fuse(&outcomes, &policy));
    }

    #[test]
    fn order_of_copies_and_answers_changes_no_bit(
        policy in checking(),
        outcomes in outcomes(),
        (reruns, shuffled) in reruns().prop_flat_map(|r| (Just(r.clone()), Just(r).prop_shuffle())),
    ) {
        let mut turned = shuffled;
        for rerun in &mut turned {
            if let Ok(answers) = &mut rerun.outcomes {
                answers.reverse();
            }
        }
        let verdict = fuse_with_copies(&outcomes, &reruns, &policy);
        prop_assert_eq!(verdict, fuse_with_copies(&outcomes, &turned, &policy));
    }

    #[test]
    fn only_supporters_are_heard_on_copies(
        policy in checking(),
        outcomes in outcomes().prop_map(with_kinds),
        reruns in reruns(),
    ) {
        let asked = supporters(&outcomes, &policy);
        prop_assert!(!asked.iter().any(|key| key == "metadata"));
        let scored = |key: &str| {
            outcomes.iter().any(|o| o.model_key == key && o.outcome.score().is_some())
        };
        prop_assert!(asked.iter().all(|key| scored(key)));
        let mut fewer = reruns.clone();
        for answers in fewer.iter_mut().filter_map(|rerun| rerun.outcomes.as_mut().ok()) {
            answers.retain(|answer| asked.contains(&answer.model_key));
        }
        let verdict = fuse_with_copies(&outcomes, &reruns, &policy);
        prop_assert_eq!(verdict, fuse_with_copies(&outcomes, &fewer, &policy));
    }

    #[test]
    fn copies_on_which_everybody_fails_change_no_verdict(
        policy in checking(),
        outcomes in outcomes(),
        is_timeout in any::<bool>(),
    ) {
        let fault = if is_timeout { timed_out } else { failed };
        let faults = || Ok(KEYS.map(fault).to_vec());
        let reruns = CopyKind::ALL.map(|copy| Rerun { copy, outcomes: faults() });
        let (first, checked) =
            (fuse(&outcomes, &policy), fuse_with_copies(&outcomes, &reruns, &policy));
        prop_assert_eq!(checked.label, first.label);
        prop_assert_eq!(checked.risk_level, first.risk_level);
        let is_said = codes(&checked).contains(&"stability.not_checked");
        prop_assert_eq!(is_said, !supporters(&outcomes, &policy).is_empty());
    }

    #[test]
    fn fault_never_makes_a_checked_image_look_more_authentic(
        policy in checking(),
        (outcomes, index) in outcomes_with_a_score(),
        reruns in reruns(),
    ) {
        let outcomes = with_kinds(outcomes);
        let before = fuse_with_copies(&outcomes, &reruns, &policy);
        let mut faulty = outcomes;
        let kind = faulty[index].kind;
        faulty[index] = failed(&faulty[index].model_key.clone());
        faulty[index].kind = kind;
        let after = fuse_with_copies(&faulty, &reruns, &policy);
        if after.label == VerdictLabel::Authentic {
            prop_assert_eq!(before.label, VerdictLabel::Authentic);
        }
    }
}
