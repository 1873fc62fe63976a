// SPDX-License-Identifier: MIT OR Apache-2.0
//! From the two probabilities to a verdict, its risk and its confidence.

use super::ensemble::{contributions, estimate, logit, standings, Contribution, Estimate};
use super::quorum::Quorum;
use super::reasons::{Case, Reason};
use super::rules::Fired;
use crate::analysis::outcome::DetectorOutcome;
use crate::policy::{Hypothesis, Policy, RiskLevel};

/// Distance from 0 and 1 at which probabilities are compared as log-odds.
const CERTAINTY_CLAMP: f64 = 1e-9;

/// The label of the whole image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VerdictLabel {
    /// Neither hypothesis holds, and no detector's fault could hide one.
    Authentic,
    /// A generator made it.
    AiGenerated,
    /// Part of it was changed after capture.
    Manipulated,
    /// The policy lets none of the others be said.
    Inconclusive,
}

impl VerdictLabel {
    /// The word in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authentic => "AUTHENTIC",
            Self::AiGenerated => "AI_GENERATED",
            Self::Manipulated => "MANIPULATED",
            Self::Inconclusive => "INCONCLUSIVE",
        }
    }
}

impl From<Hypothesis> for VerdictLabel {
    fn from(hypothesis: Hypothesis) -> Self {
        match hypothesis {
            Hypothesis::AiGenerated => Self::AiGenerated,
            Hypothesis::Manipulated => Self::Manipulated,
        }
    }
}

/// What is said of the image, why, and by which policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The label.
    pub label: VerdictLabel,
    /// `risk` for AI_GENERATED and MANIPULATED, `1 - risk` for AUTHENTIC, the larger of the two for
    /// INCONCLUSIVE.
    pub confidence: f64,
    /// `max(p_ai_generated, p_manipulated)`.
    pub risk: f64,
    /// The risk if every detector that failed had given its worst answer; `risk` without faults.
    pub risk_at_most: f64,
    /// The policy's band of `risk`, raised where a fault could hide more.
    pub risk_level: RiskLevel,
    /// Probability that a generator made it, 0..=1.
    pub p_ai_generated: f64,
    /// Probability that part of it was changed, 0..=1.
    pub p_manipulated: f64,
    /// Why, most telling first; never empty.
    pub reasons: Vec<Reason>,
    /// What each detector that scored added to the log-odds, by model key.
    pub contributions: Vec<Contribution>,
    /// How `p_ai_generated` came about.
    pub ai_generated: Estimate,
    /// How `p_manipulated` came about.
    pub manipulated: Estimate,
    /// The policy's name.
    pub policy_name: String,
    /// The policy's version.
    pub policy_version: String,
    /// The policy's digest.
    pub policy_digest: String,
}

/// The verdict on one image: what its detectors said, weighed by a policy. Pure: the same outcomes
/// in any order give the same bits.
///
/// `outcomes` are the detectors that were asked for. One that failed or timed out never makes the
/// image look more authentic:
/// - AUTHENTIC is only said where every possible answer of the failed detectors leaves it so;
/// - for any other label the risk level is at least the policy's `risk.on_fault`, if the detector
///   has any say in the verdict.
#[must_use]
pub fn fuse(outcomes: &[DetectorOutcome], policy: &Policy) -> Verdict {
    let standings = standings(outcomes, policy);
    let fired = Fired::of(&standings, policy);
    let estimate_of = |h| fired.apply(h, estimate(h, &standings, policy));
    let ai_generated = estimate_of(Hypothesis::AiGenerated);
    let manipulated = estimate_of(Hypothesis::Manipulated);
    let contributions = contributions(&standings, policy, &ai_generated, &manipulated);
    let case = Case {
        policy,
        quorum: Quorum::of(&standings, policy, &fired, [&ai_generated, &manipulated]),
        fired,
        ai_generated,
        manipulated,
        contributions: &contributions,
    };
    let label = label(&case);
    let risk = ai_generated.p.max(manipulated.p);
    let band = policy.risk.level(risk);
    let is_raised = label != VerdictLabel::Authentic && !case.quorum.faulted.is_empty();
    let risk_level = if is_raised { band.max(policy.risk.on_fault) } else { band };
    let confidence = match label {
        VerdictLabel::AiGenerated | VerdictLabel::Manipulated => risk,
        VerdictLabel::Authentic => 1.0 - risk,
        VerdictLabel::Inconclusive => risk.max(1.0 - risk),
    };
    let reasons = case.reasons(label, band, risk_level);
    Verdict {
        label,
        confidence,
        risk,
        risk_at_most: ai_generated.p_at_most.max(manipulated.p_at_most),
        risk_level,
        p_ai_generated: ai_generated.p,
        p_manipulated: manipulated.p,
        reasons,
        contributions,
        ai_generated,
        manipulated,
        policy_name: policy.name.clone(),
        policy_version: policy.version.clone(),
        policy_digest: policy.digest().to_owned(),
    }
}

/// The hypothesis that passes by the larger margin of log-odds; else AUTHENTIC where that holds even
/// in the worst case; else INCONCLUSIVE.
fn label(case: &Case<'_>) -> VerdictLabel {
    let margin = |h| log_odds_of(case.estimate(h).p) - log_odds_of(case.policy.verdict.of(h));
    let passing = Hypothesis::ALL.into_iter().filter(|&h| case.passes(h));
    // The first of equals wins, so the list is walked backwards.
    let widest = passing.rev().max_by(|&a, &b| margin(a).total_cmp(&margin(b)));
    match widest {
        Some(hypothesis) => hypothesis.into(),
        None if case.is_authentic() => VerdictLabel::Authentic,
        None => VerdictLabel::Inconclusive,
    }
}

fn log_odds_of(p: f64) -> f64 {
    logit(p.clamp(CERTAINTY_CLAMP, 1.0 - CERTAINTY_CLAMP))
}
