// SPDX-License-Identifier: MIT OR Apache-2.0
//! Probabilities by hand, and the verdicts, levels and reasons that follow from them.

use assay::fusion::{fuse, VerdictLabel};
use assay::policy::{Policy, RiskLevel};

use crate::support::{absent, assert_close, codes, failed, outcome, policy, scored, timed_out};

#[test]
fn odds_of_detectors_multiply() {
    // odds 4 * 4 = 16 for a generator, 1/4 * 1/4 for a manipulation.
    let outcomes = [
        scored("gan", 0.8),
        scored("diffusion", 0.8),
        scored("splicing", 0.2),
        scored("noise", 0.2),
    ];
    let verdict = fuse(&outcomes, &policy(""));
    assert_close(verdict.p_ai_generated, 16.0 / 17.0);
    assert_close(verdict.p_manipulated, 1.0 / 17.0);
    assert_eq!(verdict.label, VerdictLabel::AiGenerated);
    assert_close(verdict.risk, 16.0 / 17.0);
    assert_close(verdict.confidence, 16.0 / 17.0);
    assert_eq!(verdict.risk_level, RiskLevel::High);
    assert_eq!(codes(&verdict), ["verdict.ai_generated"]);
    assert_eq!(verdict.reasons[0].detectors, ["diffusion", "gan"]);
    assert_eq!(
        verdict.reasons[0].text,
        "p_ai_generated 0.94 reaches the threshold 0.70 by diffusion +1.4, gan +1.4 (log-odds)"
    );
}

#[test]
fn bias_is_the_log_odds_of_silence() {
    // ln 3 is odds 3.
    let policy = policy("fusion.ai_generated.bias = 1.0986122886681098");
    let outcomes = [scored("gan", 0.5), scored("diffusion", 0.5)];
    assert_close(fuse(&outcomes, &policy).p_ai_generated, 0.75);
}

#[test]
fn absent_detector_is_stood_in_for_up_to_the_limit() {
    let outcomes = [scored("gan", 0.8), absent("diffusion")];
    // Weight 2 of 2: r = 2, odds 4 * 4.
    assert_close(fuse(&outcomes, &policy("")).p_ai_generated, 16.0 / 17.0);
    // r = 1.5, odds 4^1.5 = 8.
    let limited = policy("fusion.max_renormalisation = 1.5");
    let verdict = fuse(&outcomes, &limited);
    assert_close(verdict.p_ai_generated, 8.0 / 9.0);
    assert_close(verdict.ai_generated.renormalisation, 1.5);
    assert_close(verdict.ai_generated.weight_share, 0.5);
    assert_close(verdict.contributions[0].ai_generated, 8_f64.ln());
}

#[test]
fn certain_score_counts_as_the_clamp() {
    // 0.99 / 0.01 = 99, twice.
    let outcomes = [scored("gan", 1.0), scored("diffusion", 1.0)];
    assert_close(fuse(&outcomes, &policy("")).p_ai_generated, 9801.0 / 9802.0);
}

#[test]
fn authentic_has_the_confidence_that_the_risk_leaves() {
    let outcomes = [
        scored("gan", 0.2),
        scored("diffusion", 0.2),
        scored("splicing", 0.4),
        scored("noise", 0.4),
    ];
    let verdict = fuse(&outcomes, &policy(""));
    assert_eq!(verdict.label, VerdictLabel::Inconclusive, "4/13 is not below 0.3");
    let verdict = fuse(&outcomes, &policy("verdict.authentic_below = 0.31"));
    assert_eq!(verdict.label, VerdictLabel::Authentic);
    assert_close(verdict.risk, 4.0 / 13.0);
    assert_close(verdict.confidence, 9.0 / 13.0);
    assert_eq!(verdict.risk_level, RiskLevel::Low);
    assert_eq!(codes(&verdict), ["verdict.authentic"]);
}

#[test]
fn between_the_thresholds_is_inconclusive() {
    let outcomes = [
        scored("gan", 0.5),
        scored("diffusion", 0.6),
        scored("splicing", 0.2),
        scored("noise", 0.2),
    ];
    let verdict = fuse(&outcomes, &policy(""));
    assert_eq!(verdict.label, VerdictLabel::Inconclusive);
    assert_close(verdict.risk, 0.6);
    assert_close(verdict.confidence, 0.6);
    assert_eq!(verdict.risk_level, RiskLevel::Medium);
    assert_eq!(codes(&verdict), ["inconclusive.between_thresholds"]);
}

#[test]
fn edges_of_the_bands_are_medium() {
    let risk = policy("").risk;
    assert_eq!(risk.level(0.0), RiskLevel::Low);
    assert_eq!(risk.level(0.599_999), RiskLevel::Low);
    assert_eq!(risk.level(0.60), RiskLevel::Medium);
    assert_eq!(risk.level(0.85), RiskLevel::Medium);
    assert_eq!(risk.level(0.850_001), RiskLevel::High);
}

#[test]
fn larger_margin_of_log_odds_wins_when_both_hypotheses_pass() {
    // Odds 9 of a generator against the threshold's 7/3, odds 16 of a manipulation against 19:
    // below; against 9: a smaller margin than 9 * 3 / 7.
    let outcomes = [
        scored("gan", 0.75),
        scored("diffusion", 0.75),
        scored("splicing", 0.8),
        scored("noise", 0.8),
    ];
    let verdict = fuse(&outcomes, &policy("verdict.manipulated = 0.9"));
    assert_eq!(verdict.label, VerdictLabel::AiGenerated);
    assert_close(verdict.confidence, 16.0 / 17.0);
    let verdict = fuse(&outcomes, &policy(""));
    assert_eq!(verdict.label, VerdictLabel::Manipulated);
}

#[test]
fn equal_margins_are_called_ai_generated() {
    let outcomes = [
        scored("gan", 0.8),
        scored("diffusion", 0.8),
        scored("splicing", 0.8),
        scored("noise", 0.8),
    ];
    assert_eq!(fuse(&outcomes, &policy("")).label, VerdictLabel::AiGenerated);
}

#[test]
fn fault_that_could_hide_something_forbids_authentic_and_raises_the_level() {
    let outcomes =
        [scored("gan", 0.2), timed_out("diffusion"), scored("splicing", 0.2), scored("noise", 0.2)];
    let verdict = fuse(&outcomes, &policy(""));
    assert_eq!(verdict.label, VerdictLabel::Inconclusive);
    assert_close(verdict.p_ai_generated, 1.0 / 17.0);
    // Odds 1/4 * 99 with r = 1, squared with r = 2, as if it had been not applicable.
    let odds = (99.0_f64 / 4.0).powi(2);
    assert_close(verdict.ai_generated.p_at_most, odds / (odds + 1.0));
    assert_eq!(verdict.risk_level, RiskLevel::Medium);
    assert_eq!(codes(&verdict), ["inconclusive.fault", "risk.raised_by_fault"]);
    assert_eq!(verdict.reasons[0].detectors, ["diffusion"]);
    assert!(verdict.reasons[0].text.starts_with("diffusion timed out; with the worst answer"));
    let strict = fuse(&outcomes, &policy("risk.on_fault = \"HIGH\""));
    assert_eq!(strict.risk_level, RiskLevel::High);
}

#[test]
fn fault_that_could_not_change_authentic_is_tolerated() {
    let small = policy("fusion.ai_generated.weights.extra = 0.1\n");
    let outcomes = [
        scored("gan", 0.1),
        scored("diffusion", 0.1),
        failed("extra"),
        scored("splicing", 0.2),
        scored("noise", 0.2),
    ];
    let verdict = fuse(&outcomes, &small);
    assert_eq!(verdict.label, VerdictLabel::Authentic);
    assert_eq!(verdict.risk_level, RiskLevel::Low);
    assert_eq!(codes(&verdict), ["verdict.authentic", "fault.tolerated"]);
    // Odds 1/81 * 99^0.1; r = 1 is worse than 2.1/2 for odds below 1.
    let odds = 99_f64.powf(0.1) / 81.0;
    assert_close(verdict.ai_generated.p_at_most, odds / (odds + 1.0));
}

#[test]
fn fault_of_a_detector_without_a_say_changes_nothing() {
    let outcomes = [
        scored("gan", 0.1),
        scored("diffusion", 0.1),
        scored("splicing", 0.1),
        scored("noise", 0.1),
    ];
    let with_fault = [outcomes.to_vec(), vec![failed("other")]].concat();
    assert_eq!(fuse(&with_fault, &policy("")), fuse(&outcomes, &policy("")));
}

#[test]
fn score_that_is_no_score_is_a_fault() {
    use assay::analysis::outcome::Outcome;
    use assay_plugin_api::report::{Report, Score};
    for bad in [f64::NAN, -0.1, 1.1, f64::INFINITY] {
        let mut report = Report::new(Score::clamped(0.0));
        report.score = bad;
        let outcomes = [scored("gan", 0.2), outcome("diffusion", Outcome::Scored(report))];
        let verdict = fuse(&outcomes, &policy(""));
        assert_eq!(verdict.label, VerdictLabel::Inconclusive);
        assert!(codes(&verdict).contains(&"inconclusive.fault"));
        assert_close(verdict.p_ai_generated, 1.0 / 17.0);
    }
}

#[test]
fn missing_required_detector_is_inconclusive_and_says_why() {
    let policy = policy("quorum.required = [\"gan\", \"noise\", \"splicing\"]");
    let outcomes = [scored("diffusion", 0.9), absent("noise"), failed("splicing")];
    let verdict = fuse(&outcomes, &policy);
    assert_eq!(verdict.label, VerdictLabel::Inconclusive);
    assert_eq!(codes(&verdict)[0], "inconclusive.required_missing");
    assert_eq!(verdict.reasons[0].detectors, ["gan", "noise", "splicing"]);
    assert_eq!(
        verdict.reasons[0].text,
        "required detectors gave no score: gan (not asked for), noise (not applicable), splicing \
         (failed)"
    );
}

#[test]
fn too_few_scores_or_too_little_weight_is_no_quorum() {
    let outcomes = [scored("gan", 0.9), scored("diffusion", 0.9)];
    let many = fuse(&outcomes, &policy("quorum.min_scored = 3"));
    assert_eq!(codes(&many), ["inconclusive.quorum", "inconclusive.between_thresholds"]);
    assert_eq!(many.reasons[0].text, "2 detectors scored, 3 are needed");
    assert_close(many.confidence, 81.0 / 82.0);

    // What is asked of one hypothesis does not hinder the other from being said, but AUTHENTIC.
    let share = policy("quorum.min_weight_share = 0.5");
    assert_eq!(fuse(&outcomes, &share).label, VerdictLabel::AiGenerated);
    let outcomes = [scored("gan", 0.1), scored("diffusion", 0.1)];
    let verdict = fuse(&outcomes, &share);
    assert_eq!(codes(&verdict)[0], "inconclusive.quorum");
    assert_eq!(verdict.reasons[0].text, "0 % of the weight of manipulated scored, 50 % are needed");
}

#[test]
fn fault_that_costs_the_quorum_is_told_even_of_a_detector_without_weight() {
    let outcomes = [scored("gan", 0.9), scored("diffusion", 0.9), failed("other")];
    let verdict = fuse(&outcomes, &policy("quorum.min_scored = 3"));
    assert_eq!(verdict.label, VerdictLabel::Inconclusive);
    let fault = verdict.reasons.iter().find(|reason| reason.code == "inconclusive.fault");
    assert_eq!(fault.unwrap().detectors, ["other"]);
}

#[test]
fn no_outcomes_at_all_are_inconclusive_under_every_shipped_policy() {
    for name in assay::policy::shipped::names() {
        let policy = Policy::load(name, &[]).unwrap();
        let verdict = fuse(&[], &policy);
        assert_eq!(verdict.label, VerdictLabel::Inconclusive, "{name}");
        assert_eq!(verdict.policy_name, name);
        assert_eq!(verdict.policy_digest, policy.digest());
    }
}

#[test]
fn disabled_detector_drops_out() {
    let outcomes = [scored("gan", 0.8), scored("diffusion", 0.1)];
    let without = policy("detectors.diffusion.enabled = false");
    let verdict = fuse(&outcomes, &without);
    assert_close(verdict.p_ai_generated, 0.8);
    assert_close(verdict.ai_generated.weight_share, 1.0);
}
