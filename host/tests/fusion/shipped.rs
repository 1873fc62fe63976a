// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the shipped policies make of clear cases.

use assay::analysis::outcome::DetectorOutcome;
use assay::fusion::{fuse, Verdict, VerdictLabel};
use assay::policy::{shipped, Policy, RiskLevel};
use assay_plugin_api::finding::{Finding, Severity};

use crate::support::{found, scored, timed_out};

const SIX: [&str; 6] = ["gan", "diffusion", "noise", "metadata", "frequency", "splicing"];

fn outcomes(scores: [f64; 6]) -> Vec<DetectorOutcome> {
    SIX.iter().zip(scores).map(|(key, score)| scored(key, score)).collect()
}

fn each_shipped(outcomes: &[DetectorOutcome], check: impl Fn(&str, &Verdict)) {
    for name in shipped::names() {
        check(name, &fuse(outcomes, &Policy::load(name, &[]).unwrap()));
    }
}

#[test]
fn example_of_the_api_guide_is_ai_generated_with_high_risk() {
    each_shipped(&outcomes([0.91, 0.97, 0.89, 0.95, 0.88, 0.23]), |name, verdict| {
        assert_eq!(verdict.label, VerdictLabel::AiGenerated, "{name}");
        assert_eq!(verdict.risk_level, RiskLevel::High, "{name}");
    });
}

#[test]
fn picture_in_which_nobody_sees_anything_is_authentic() {
    each_shipped(&outcomes([0.2; 6]), |name, verdict| {
        assert_eq!(verdict.label, VerdictLabel::Authentic, "{name}");
        assert_eq!(verdict.risk_level, RiskLevel::Low, "{name}");
    });
}

#[test]
fn missing_metadata_alone_accuses_nobody() {
    each_shipped(&outcomes([0.2, 0.2, 0.2, 0.6, 0.2, 0.2]), |name, verdict| {
        assert_eq!(verdict.label, VerdictLabel::Authentic, "{name}");
    });
}

#[test]
fn picture_of_which_nobody_can_tell_is_inconclusive() {
    each_shipped(&outcomes([0.5; 6]), |name, verdict| {
        assert_eq!(verdict.label, VerdictLabel::Inconclusive, "{name}");
    });
}

#[test]
fn declaration_by_the_file_itself_decides() {
    let code = "provenance.declared.generator";
    let declared = Finding::new(code, Severity::Decisive, "It says so.");
    let mut outcomes = outcomes([0.1; 6]);
    outcomes[3] = found("metadata", 0.99, declared);
    each_shipped(&outcomes, |name, verdict| {
        assert_eq!(verdict.label, VerdictLabel::AiGenerated, "{name}");
        assert!(verdict.reasons.iter().any(|r| r.code == "rule.declared-generated"), "{name}");
    });
}

#[test]
fn a_picture_that_was_changed_after_it_was_signed_is_not_passed() {
    let code = "provenance.c2pa.content_changed";
    let mut outcomes = outcomes([0.1; 6]);
    outcomes[3] = found("metadata", 0.6, Finding::new(code, Severity::Warning, "It was."));
    each_shipped(&outcomes, |name, verdict| {
        // Where retouching is allowed it is worth a look, elsewhere it is the verdict.
        let expected = match name {
            "content-moderation" => VerdictLabel::Inconclusive,
            _ => VerdictLabel::Manipulated,
        };
        assert_eq!(verdict.label, expected, "{name}");
        assert!(verdict.reasons.iter().any(|r| r.code == "rule.changed-after-signing"), "{name}");
    });
}

#[test]
fn no_detector_with_much_weight_can_be_timed_out_to_get_authentic() {
    for index in [1, 3, 5] {
        let mut outcomes = outcomes([0.2; 6]);
        outcomes[index] = timed_out(SIX[index]);
        each_shipped(&outcomes, |name, verdict| {
            assert_eq!(verdict.label, VerdictLabel::Inconclusive, "{name}, {}", SIX[index]);
            assert!(verdict.risk_level >= RiskLevel::Medium, "{name}, {}", SIX[index]);
        });
    }
}
