// SPDX-License-Identifier: MIT OR Apache-2.0
//! Verdicts that copies of the picture confirm, undo or leave unchecked.

use assay::analysis::copies::{CopyKind, Rerun};
use assay::analysis::outcome::DetectorOutcome;
use assay::fusion::{fuse, fuse_with_copies, supporters, VerdictLabel};
use assay::policy::{Policy, RiskLevel};
use assay_plugin_api::descriptor::Kind;
use assay_plugin_api::finding::{Finding, Severity};

use crate::support::{absent, assert_close, codes, failed, found, policy, scored, timed_out};

fn checking(more: &str) -> Policy {
    policy(&format!("stability.enabled = true\n{more}"))
}

fn four([gan, diffusion, splicing, noise]: [f64; 4]) -> Vec<DetectorOutcome> {
    vec![
        scored("gan", gan),
        scored("diffusion", diffusion),
        scored("splicing", splicing),
        scored("noise", noise),
    ]
}

fn on(copy: CopyKind, outcomes: Vec<DetectorOutcome>) -> Rerun {
    Rerun { copy, outcomes: Ok(outcomes) }
}

fn recompressed(outcomes: Vec<DetectorOutcome>) -> Rerun {
    on(CopyKind::Recompressed, outcomes)
}

fn resized(outcomes: Vec<DetectorOutcome>) -> Rerun {
    on(CopyKind::Resized, outcomes)
}

#[test]
fn supporters_are_the_detectors_of_pixels_that_speak_for_the_verdict_strongest_first() {
    let generated = four([0.7, 0.8, 0.2, 0.6]);
    assert_eq!(supporters(&generated, &checking("")), ["diffusion", "gan"]);
    assert_eq!(supporters(&four([0.3, 0.6, 0.9, 0.8]), &checking("")), ["splicing", "noise"]);
    let authentic = four([0.2, 0.1, 0.25, 0.5]);
    assert_eq!(supporters(&authentic, &checking("")), ["diffusion", "gan", "splicing"]);

    let mut declaring = generated.clone();
    declaring[1].kind = Kind::Provenance;
    assert_eq!(supporters(&declaring, &checking("")), ["gan"]);
    let undecided = four([0.5, 0.6, 0.2, 0.2]);
    assert!(supporters(&undecided, &checking("")).is_empty(), "INCONCLUSIVE has none");
    assert!(supporters(&generated, &policy("")).is_empty(), "the policy does not ask for it");
}

#[test]
fn verdict_of_a_rule_alone_has_no_supporters() {
    let rules = r#"
        [[rule]]
        name = "declared"
        finding = "declared.generator"
        p_ai_generated = { at_least = 0.9 }
        reason = "It says so."
        [[rule]]
        name = "signed"
        finding = "camera.signed"
        p_ai_generated = { at_most = 0.05 }
        p_manipulated = { at_most = 0.05 }
        reason = "A camera signed it."
    "#;
    for (code, label) in [
        ("declared.generator", VerdictLabel::AiGenerated),
        ("camera.signed", VerdictLabel::Authentic),
    ] {
        let scores = if label == VerdictLabel::Authentic { [0.2; 4] } else { [0.8; 4] };
        let finding = Finding::new(code, Severity::Decisive, "found");
        let outcomes = [four(scores), vec![found("metadata", 0.5, finding)]].concat();
        let policy = checking(rules);
        assert_eq!(fuse(&outcomes, &policy).label, label);
        assert!(supporters(&outcomes, &policy).is_empty(), "{code}");
        let reruns = [recompressed(four([0.5; 4])), resized(four([0.5; 4]))];
        assert_eq!(fuse_with_copies(&outcomes, &reruns, &policy), fuse(&outcomes, &policy));
    }
}

#[test]
fn verdict_that_both_copies_confirm_stands() {
    let outcomes = four([0.8, 0.8, 0.2, 0.2]);
    let reruns = [recompressed(four([0.75, 0.8, 0.2, 0.2])), resized(four([0.7, 0.7, 0.2, 0.2]))];
    let verdict = fuse_with_copies(&outcomes, &reruns, &checking(""));
    assert_eq!(verdict.label, VerdictLabel::AiGenerated);
    assert_eq!(codes(&verdict), ["verdict.ai_generated"]);
    let stability = verdict.stability.unwrap();
    assert_eq!(stability.status(), "stable");
    assert_eq!(stability.supporters, ["diffusion", "gan"]);
}

#[test]
fn copy_that_gives_another_label_withholds_the_verdict_and_is_named() {
    let outcomes = four([0.8, 0.8, 0.2, 0.2]);
    let reruns = [recompressed(four([0.5, 0.5, 0.9, 0.9])), resized(four([0.8, 0.8, 0.2, 0.2]))];
    let verdict = fuse_with_copies(&outcomes, &reruns, &checking(""));
    assert_eq!(verdict.label, VerdictLabel::Inconclusive);
    assert_eq!(codes(&verdict), ["inconclusive.unstable"]);
    // Splicing and noise spoke against the verdict and are not asked again: odds 1/16 stay.
    assert_eq!(
        verdict.reasons[0].text,
        "the picture itself gives AI_GENERATED, but the copy saved as JPEG 85 gives INCONCLUSIVE \
         (p_ai_generated 0.50, p_manipulated 0.06)"
    );
    assert_eq!(verdict.reasons[0].detectors, ["diffusion", "gan"]);
    assert_eq!(verdict.stability.as_ref().unwrap().status(), "unstable");
    // Probabilities, risk and its level are the picture's own.
    assert_close(verdict.p_ai_generated, 16.0 / 17.0);
    assert_close(verdict.confidence, 16.0 / 17.0);
    assert_eq!(verdict.risk_level, RiskLevel::High);
}

#[test]
fn unstable_authentic_is_at_least_medium() {
    let outcomes = four([0.2; 4]);
    let policy = checking("stability.jpeg_quality = 70\nstability.scale = 0.75");
    let reruns = [recompressed(four([0.2; 4])), resized(four([0.9, 0.9, 0.2, 0.2]))];
    let verdict = fuse_with_copies(&outcomes, &reruns, &policy);
    assert_eq!(verdict.label, VerdictLabel::Inconclusive);
    assert_eq!(verdict.risk_level, RiskLevel::Medium);
    assert_eq!(codes(&verdict), ["inconclusive.unstable", "risk.raised_by_instability"]);
    assert!(
        verdict.reasons[0]
            .text
            .contains("the copy resized to 0.75 and saved as JPEG 70 gives AI_GENERATED"),
        "{}",
        verdict.reasons[0].text
    );
    assert_eq!(
        verdict.reasons[1].text,
        "the risk level is MEDIUM and not LOW, because the verdict is unstable"
    );
    assert_close(verdict.confidence, 16.0 / 17.0);
}

#[test]
fn supporter_without_a_score_on_a_copy_leaves_it_unchecked_and_the_verdict_stands() {
    let outcomes = four([0.8, 0.8, 0.2, 0.2]);
    let silent = vec![timed_out("gan"), absent("diffusion")];
    let missing = Rerun { copy: CopyKind::Resized, outcomes: Err("no such copy".into()) };
    let verdict = fuse_with_copies(&outcomes, &[missing, recompressed(silent)], &checking(""));
    assert_eq!(verdict.label, VerdictLabel::AiGenerated);
    assert_eq!(codes(&verdict), ["verdict.ai_generated", "stability.not_checked"]);
    assert_eq!(
        verdict.reasons[1].text,
        "the verdict was not checked on the copy saved as JPEG 85: diffusion not applicable, gan \
         timed out; the copy resized to 0.9 and saved as JPEG 85: no such copy"
    );
    assert_eq!(verdict.reasons[1].detectors, ["diffusion", "gan"]);
    assert_eq!(verdict.stability.unwrap().status(), "not_checked");

    // What one copy undoes, another that was not checked does not save.
    let reruns = [recompressed(vec![failed("gan")]), resized(four([0.5; 4]))];
    let verdict = fuse_with_copies(&outcomes, &reruns, &checking(""));
    assert_eq!(codes(&verdict), ["inconclusive.unstable", "stability.not_checked"]);
    assert!(verdict.reasons[1].text.ends_with("diffusion not asked for, gan failed"));
}

#[test]
fn tolerated_fault_of_an_unstable_verdict_raises_its_level_as_any_fault_does() {
    let policy = checking("fusion.ai_generated.weights.extra = 0.1\nrisk.on_fault = \"HIGH\"");
    let outcomes = [four([0.1, 0.1, 0.2, 0.2]), vec![failed("extra")]].concat();
    assert_eq!(fuse(&outcomes, &policy).label, VerdictLabel::Authentic);
    let reruns = [recompressed(four([0.6, 0.6, 0.2, 0.2])), resized(four([0.1, 0.1, 0.2, 0.2]))];
    let verdict = fuse_with_copies(&outcomes, &reruns, &policy);
    assert_eq!(verdict.risk_level, RiskLevel::High);
    assert_eq!(
        codes(&verdict),
        ["inconclusive.unstable", "inconclusive.fault", "risk.raised_by_fault"]
    );
}
