// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why a verdict is what it is: a stable code for machines, a sentence for people.

use super::ensemble::{Contribution, Estimate};
use super::quorum::Quorum;
use super::rules::Fired;
use super::verdict::VerdictLabel;
use crate::policy::{Hypothesis, Policy, RiskLevel};

/// Log-odds below which a detector's part is not worth a word.
const TELLING_LOG_ODDS: f64 = 0.05;

/// One reason of a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Stable dotted code: `verdict.ai_generated`, `rule.<name>`, `inconclusive.quorum`.
    pub code: String,
    /// One sentence for a person.
    pub text: String,
    /// Model keys of the detectors it speaks of, most telling first.
    pub detectors: Vec<String>,
}

impl Reason {
    fn new(code: impl Into<String>, text: String, detectors: Vec<String>) -> Self {
        Self { code: code.into(), text, detectors }
    }
}

/// All that a verdict rests on.
pub(super) struct Case<'a> {
    pub(super) policy: &'a Policy,
    pub(super) quorum: Quorum,
    pub(super) fired: Fired<'a>,
    pub(super) ai_generated: Estimate,
    pub(super) manipulated: Estimate,
    pub(super) contributions: &'a [Contribution],
}

impl Case<'_> {
    pub(super) fn estimate(&self, hypothesis: Hypothesis) -> &Estimate {
        match hypothesis {
            Hypothesis::AiGenerated => &self.ai_generated,
            Hypothesis::Manipulated => &self.manipulated,
        }
    }

    /// Whether the policy lets the hypothesis be said: its probability reaches the threshold, by a
    /// decisive finding or with a quorum.
    pub(super) fn passes(&self, hypothesis: Hypothesis) -> bool {
        let threshold = self.policy.verdict.of(hypothesis);
        self.estimate(hypothesis).p >= threshold
            && (self.is_decided(hypothesis) || self.quorum.is_met_for(hypothesis))
    }

    /// Whether a rule alone brings the probability to the threshold.
    fn is_decided(&self, hypothesis: Hypothesis) -> bool {
        let raised = self.fired.bounds(hypothesis).at_least;
        raised.is_some_and(|p| p >= self.policy.verdict.of(hypothesis))
    }

    /// Whether both hypotheses stay below the policy's `authentic_below` in the worst case, with a
    /// quorum for both.
    pub(super) fn is_authentic(&self) -> bool {
        let holds = |h| {
            self.quorum.is_met_for(h)
                && self.estimate(h).p_at_most < self.policy.verdict.authentic_below
        };
        Hypothesis::ALL.into_iter().all(holds)
    }

    /// The reasons of a label, most telling first.
    pub(super) fn reasons(
        &self,
        label: VerdictLabel,
        band: RiskLevel,
        risk_level: RiskLevel,
    ) -> Vec<Reason> {
        let mut reasons = match label {
            VerdictLabel::AiGenerated => vec![self.passed(Hypothesis::AiGenerated)],
            VerdictLabel::Manipulated => vec![self.passed(Hypothesis::Manipulated)],
            VerdictLabel::Authentic => vec![self.authentic()],
            VerdictLabel::Inconclusive => self.inconclusive(),
        };
        reasons.extend(self.fired.matched.iter().map(|(rule, detectors)| {
            Reason::new(format!("rule.{}", rule.name), rule.reason.clone(), detectors.clone())
        }));
        if label != VerdictLabel::Inconclusive && !self.quorum.faulted.is_empty() {
            let (names, keys) = self.faulted();
            let text = format!("{names}; the verdict stands all the same");
            reasons.push(Reason::new("fault.tolerated", text, keys));
        }
        if risk_level > band {
            let (names, keys) = self.faulted();
            let text = format!(
                "the risk level is {} and not {}, because {names}",
                risk_level.as_str(),
                band.as_str()
            );
            reasons.push(Reason::new("risk.raised_by_fault", text, keys));
        }
        reasons
    }

    fn passed(&self, hypothesis: Hypothesis) -> Reason {
        let name = hypothesis.as_str();
        let (p, threshold) = (self.estimate(hypothesis).p, self.policy.verdict.of(hypothesis));
        let (telling, detectors) = self.telling(hypothesis);
        let by = match self.is_decided(hypothesis) {
            true => "by a decisive finding".to_owned(),
            false => format!("by {telling}"),
        };
        let text = format!("p_{name} {p:.2} reaches the threshold {threshold:.2} {by}");
        Reason::new(format!("verdict.{name}"), text, detectors)
    }

    fn authentic(&self) -> Reason {
        let text = format!(
            "p_ai_generated {:.2} and p_manipulated {:.2} are below {:.2}",
            self.ai_generated.p, self.manipulated.p, self.policy.verdict.authentic_below
        );
        let detectors = self.contributions.iter().map(|c| c.detector.clone()).collect();
        Reason::new("verdict.authentic", text, detectors)
    }

    fn inconclusive(&self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if !self.quorum.missing.is_empty() {
            let missing = &self.quorum.missing;
            let names: Vec<_> = missing.iter().map(|(key, why)| format!("{key} ({why})")).collect();
            let text = format!("required detectors gave no score: {}", names.join(", "));
            let keys = missing.iter().map(|(key, _)| key.clone()).collect();
            reasons.push(Reason::new("inconclusive.required_missing", text, keys));
        }
        if let Some(text) = self.no_quorum() {
            reasons.push(Reason::new("inconclusive.quorum", text, Vec::new()));
        }
        if !self.quorum.faulted.is_empty() {
            let (names, keys) = self.faulted();
            let text = format!(
                "{names}; with the worst answer p_ai_generated could be {:.2} and p_manipulated {:.2}",
                self.ai_generated.p_at_most, self.manipulated.p_at_most
            );
            reasons.push(Reason::new("inconclusive.fault", text, keys));
        }
        reasons.extend(Hypothesis::ALL.into_iter().filter_map(|h| self.between(h)));
        reasons
    }

    fn no_quorum(&self) -> Option<String> {
        let quorum = &self.policy.quorum;
        let mut texts = Vec::new();
        if !self.quorum.is_enough {
            let scored = self.quorum.scored;
            texts.push(format!("{scored} detectors scored, {} are needed", quorum.min_scored));
        }
        for &hypothesis in &self.quorum.too_light {
            texts.push(format!(
                "{:.0} % of the weight of {} scored, {:.0} % are needed",
                self.estimate(hypothesis).weight_share * 100.0,
                hypothesis.as_str(),
                quorum.min_weight_share * 100.0
            ));
        }
        (!texts.is_empty()).then(|| texts.join("; "))
    }

    fn between(&self, hypothesis: Hypothesis) -> Option<Reason> {
        let (p, name) = (self.estimate(hypothesis).p, hypothesis.as_str());
        let (low, high) = (self.policy.verdict.authentic_below, self.policy.verdict.of(hypothesis));
        let (_, detectors) = self.telling(hypothesis);
        (low..high).contains(&p).then(|| {
            let text = format!(
                "p_{name} {p:.2} is neither below {low:.2} (authentic) nor at {high:.2} ({name})"
            );
            Reason::new("inconclusive.between_thresholds", text, detectors)
        })
    }

    /// The detectors that speak for a hypothesis, strongest first, for a person and as keys.
    fn telling(&self, hypothesis: Hypothesis) -> (String, Vec<String>) {
        let mut telling: Vec<_> =
            self.contributions.iter().filter(|c| c.to(hypothesis) >= TELLING_LOG_ODDS).collect();
        telling.sort_by(|a, b| b.to(hypothesis).total_cmp(&a.to(hypothesis)));
        let word = |c: &&Contribution| format!("{} {:+.1}", c.detector, c.to(hypothesis));
        let words: Vec<_> = telling.iter().map(word).collect();
        let text = match words.is_empty() {
            true => "the policy's bias".to_owned(),
            false => format!("{} (log-odds)", words.join(", ")),
        };
        (text, telling.into_iter().map(|c| c.detector.clone()).collect())
    }

    fn faulted(&self) -> (String, Vec<String>) {
        let faulted = &self.quorum.faulted;
        let names: Vec<_> = faulted.iter().map(|(key, status)| format!("{key} {status}")).collect();
        (names.join(", "), faulted.iter().map(|(key, _)| key.clone()).collect())
    }
}
