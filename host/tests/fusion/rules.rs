// SPDX-License-Identifier: MIT OR Apache-2.0
//! Decisive findings.

use assay::fusion::{fuse, VerdictLabel};
use assay::policy::RiskLevel;
use assay_plugin_api::finding::{Finding, Severity};

use crate::support::{absent, assert_close, codes, failed, found, policy, scored};

const DECLARED: &str = r#"
    [[rule]]
    name = "declared"
    detector = "metadata"
    finding = "provenance.declared.*"
    min_severity = "warning"
    where = { is_trusted = true, year = { min = 2020, max = 2030 }, tool = { one_of = ["a", "b"] } }
    p_ai_generated = { at_least = 0.97 }
    reason = "A trusted signature says that a generator made it."
"#;

fn declaration() -> Finding {
    Finding::new("provenance.declared.generator", Severity::Warning, "It says so.")
        .value("is_trusted", true)
        .value("year", 2024_i64)
        .value("tool", "b")
}

#[test]
fn rule_raises_the_probability_and_passes_without_a_quorum() {
    let policy = policy(&format!("quorum.min_scored = 3\n{DECLARED}"));
    let outcomes = [found("metadata", 0.5, declaration()), scored("gan", 0.1), absent("diffusion")];
    let verdict = fuse(&outcomes, &policy);
    assert_eq!(verdict.label, VerdictLabel::AiGenerated);
    assert_close(verdict.p_ai_generated, 0.97);
    assert_eq!(verdict.risk_level, RiskLevel::High);
    assert_eq!(codes(&verdict), ["verdict.ai_generated", "rule.declared"]);
    assert_eq!(verdict.reasons[1].text, "A trusted signature says that a generator made it.");
    assert_eq!(verdict.reasons[1].detectors, ["metadata"]);
    assert!(verdict.reasons[0].text.ends_with("by a decisive finding"));
}

#[test]
fn rule_needs_code_severity_detector_and_every_condition() {
    let policy = policy(DECLARED);
    let fires = |key: &str, finding: Finding| {
        codes(&fuse(&[found(key, 0.5, finding)], &policy)).contains(&"rule.declared")
    };
    assert!(fires("metadata", declaration()));
    assert!(!fires("gan", declaration()), "another detector");
    let other = |change: &dyn Fn(&mut Finding)| {
        let mut finding = declaration();
        change(&mut finding);
        finding
    };
    assert!(!fires("metadata", other(&|f| f.code = "provenance.declared".into())));
    assert!(!fires("metadata", other(&|f| f.code = "provenance.declaredly.x".into())));
    assert!(!fires("metadata", other(&|f| f.severity = Severity::Notice)));
    assert!(fires("metadata", other(&|f| f.severity = Severity::Decisive)));
    assert!(!fires("metadata", other(&|f| f.values[0].value = false.into())));
    assert!(!fires("metadata", other(&|f| f.values[1].value = 2019_i64.into())));
    assert!(fires("metadata", other(&|f| f.values[1].value = 2030.0.into())));
    assert!(!fires("metadata", other(&|f| f.values[1].value = "2024".into())));
    assert!(!fires("metadata", other(&|f| f.values[2].value = "c".into())));
    assert!(!fires("metadata", other(&|f| drop(f.values.pop()))), "a value is missing");
}

#[test]
fn rule_that_raises_wins_over_one_that_lowers() {
    let rules = r#"
        [[rule]]
        name = "camera"
        finding = "camera.signed"
        p_ai_generated = { at_most = 0.05 }
        p_manipulated = { at_most = 0.05 }
        reason = "A camera signed it."
        [[rule]]
        name = "pasted"
        finding = "jpeg.grid.foreign"
        p_manipulated = { at_least = 0.9 }
        reason = "A part has another grid."
    "#;
    let signed = Finding::new("camera.signed", Severity::Decisive, "signed");
    let foreign = Finding::new("jpeg.grid.foreign", Severity::Decisive, "foreign");
    let mut outcomes =
        vec![scored("gan", 0.9), scored("diffusion", 0.9), found("noise", 0.5, signed)];
    let verdict = fuse(&outcomes, &policy(rules));
    assert_close(verdict.p_ai_generated, 0.05);
    assert_close(verdict.p_manipulated, 0.05);
    assert_eq!(verdict.label, VerdictLabel::Authentic);
    assert_eq!(codes(&verdict), ["verdict.authentic", "rule.camera"]);
    outcomes.push(found("splicing", 0.5, foreign));
    let verdict = fuse(&outcomes, &policy(rules));
    assert_close(verdict.p_manipulated, 0.9);
    assert_eq!(verdict.label, VerdictLabel::Manipulated);
    assert_eq!(codes(&verdict), ["verdict.manipulated", "rule.camera", "rule.pasted"]);
}

#[test]
fn failed_detector_that_could_have_set_off_a_rule_forbids_authentic() {
    let outcomes = [
        scored("gan", 0.1),
        scored("diffusion", 0.1),
        scored("splicing", 0.1),
        scored("noise", 0.1),
        failed("metadata"),
    ];
    assert_eq!(fuse(&outcomes, &policy("")).label, VerdictLabel::Authentic);
    let verdict = fuse(&outcomes, &policy(DECLARED));
    assert_eq!(verdict.label, VerdictLabel::Inconclusive);
    assert_close(verdict.risk_at_most, 0.97);
    assert_eq!(codes(&verdict), ["inconclusive.fault", "risk.raised_by_fault"]);
}

#[test]
fn rule_that_is_switched_off_does_nothing() {
    let off = DECLARED.replace("[[rule]]", "[[rule]]\nenabled = false");
    let outcomes = [found("metadata", 0.5, declaration()), scored("gan", 0.5)];
    assert_close(fuse(&outcomes, &policy(&off)).p_ai_generated, 0.5);
}
