// SPDX-License-Identifier: MIT OR Apache-2.0
//! From the two probabilities to a verdict, its risk and its confidence.

use super::case::Case;
use super::ensemble::{standings, Contribution, Estimate};
use super::reasons::Reason;
use super::stability::Stability;
use crate::analysis::copies::Rerun;
use crate::analysis::outcome::DetectorOutcome;
use crate::policy::{Hypothesis, Policy, RiskLevel};

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
    /// The policy's band of `risk`, raised where a fault could hide more or the verdict is unstable.
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
    /// What copies of the picture give; `None` where no detector was run again.
    pub stability: Option<Stability>,
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
    fuse_with_copies(outcomes, &[], policy)
}

/// The verdict on one image, withheld where it is unstable: what [`fuse`] gives or, where copies of
/// the picture give another label, INCONCLUSIVE with a risk level of at least MEDIUM. Probabilities
/// and risk are those of the picture itself. Pure as well.
///
/// `reruns` are what [`super::supporters`] answered on copies. They count if the policy asks for them;
/// answers of other detectors do not.
#[must_use]
pub fn fuse_with_copies(
    outcomes: &[DetectorOutcome],
    reruns: &[Rerun],
    policy: &Policy,
) -> Verdict {
    let standings = standings(outcomes, policy);
    let case = Case::of(&standings, policy);
    let stability = Stability::of(&case, &standings, outcomes, reruns);
    let is_unstable = stability.as_ref().is_some_and(Stability::is_unstable);
    let label = if is_unstable { VerdictLabel::Inconclusive } else { case.label() };
    let risk = case.ai_generated.p.max(case.manipulated.p);
    let levels = RiskLevels::of(risk, label, &case, is_unstable);
    let confidence = match label {
        VerdictLabel::AiGenerated | VerdictLabel::Manipulated => risk,
        VerdictLabel::Authentic => 1.0 - risk,
        VerdictLabel::Inconclusive => risk.max(1.0 - risk),
    };
    Verdict {
        label,
        confidence,
        risk,
        risk_at_most: case.ai_generated.p_at_most.max(case.manipulated.p_at_most),
        risk_level: levels.level,
        p_ai_generated: case.ai_generated.p,
        p_manipulated: case.manipulated.p,
        reasons: case.reasons(label, levels, stability.as_ref()),
        contributions: case.contributions,
        ai_generated: case.ai_generated,
        manipulated: case.manipulated,
        stability,
        policy_name: policy.name.clone(),
        policy_version: policy.version.clone(),
        policy_digest: policy.digest().to_owned(),
    }
}

/// The risk level, and what raised it.
#[derive(Clone, Copy)]
pub(super) struct RiskLevels {
    /// The policy's band of the risk.
    pub(super) band: RiskLevel,
    /// Raised by faults.
    pub(super) with_faults: RiskLevel,
    /// Raised further where the verdict is unstable: the risk level.
    pub(super) level: RiskLevel,
}

impl RiskLevels {
    fn of(risk: f64, label: VerdictLabel, case: &Case<'_>, is_unstable: bool) -> Self {
        let policy = &case.policy.risk;
        let band = policy.level(risk);
        let is_raised = label != VerdictLabel::Authentic && !case.quorum.faulted.is_empty();
        let with_faults = if is_raised { band.max(policy.on_fault) } else { band };
        let level = if is_unstable { with_faults.max(RiskLevel::Medium) } else { with_faults };
        Self { band, with_faults, level }
    }
}
