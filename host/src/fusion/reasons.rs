// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why a verdict is what it is: a stable code for machines, a sentence for people.

use super::case::Case;
use super::ensemble::Contribution;
use super::stability::Stability;
use super::verdict::{RiskLevels, VerdictLabel};
use crate::policy::{Hypothesis, RiskLevel};

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
    pub(super) fn new(code: impl Into<String>, text: String, detectors: Vec<String>) -> Self {
        Self { code: code.into(), text, detectors }
    }
}

impl Case<'_> {
    /// The reasons of a label, most telling first.
    pub(super) fn reasons(
        &self,
        label: VerdictLabel,
        levels: RiskLevels,
        stability: Option<&Stability>,
    ) -> Vec<Reason> {
        let unstable = stability.and_then(|found| found.unstable(self.policy));
        let mut reasons = match label {
            VerdictLabel::AiGenerated => vec![self.passed(Hypothesis::AiGenerated)],
            VerdictLabel::Manipulated => vec![self.passed(Hypothesis::Manipulated)],
            VerdictLabel::Authentic => vec![self.authentic()],
            VerdictLabel::Inconclusive => match unstable {
                Some(unstable) => [unstable].into_iter().chain(self.fault()).collect(),
                None => self.inconclusive(),
            },
        };
        reasons.extend(self.fired.matched.iter().map(|(rule, detectors)| {
            Reason::new(format!("rule.{}", rule.name), rule.reason.clone(), detectors.clone())
        }));
        if label != VerdictLabel::Inconclusive && !self.quorum.faulted.is_empty() {
            let (names, keys) = self.faulted();
            let text = format!("{names}; the verdict stands all the same");
            reasons.push(Reason::new("fault.tolerated", text, keys));
        }
        reasons.extend(stability.and_then(|found| found.not_checked(self.policy)));
        reasons.extend(self.raised(levels, stability));
        reasons
    }

    /// Why the risk level is higher than the band of the risk, if it is.
    fn raised(&self, levels: RiskLevels, stability: Option<&Stability>) -> Vec<Reason> {
        let RiskLevels { band, with_faults, level } = levels;
        let text = |to: RiskLevel, from: RiskLevel, why: &str| {
            format!("the risk level is {} and not {}, because {why}", to.as_str(), from.as_str())
        };
        let mut reasons = Vec::new();
        if with_faults > band {
            let (names, keys) = self.faulted();
            let text = text(with_faults, band, &names);
            reasons.push(Reason::new("risk.raised_by_fault", text, keys));
        }
        if level > with_faults {
            let keys = stability.map(|found| found.supporters.clone()).unwrap_or_default();
            let text = text(level, with_faults, "the verdict is unstable");
            reasons.push(Reason::new("risk.raised_by_instability", text, keys));
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
        reasons.extend(self.fault());
        reasons.extend(Hypothesis::ALL.into_iter().filter_map(|h| self.between(h)));
        reasons
    }

    fn fault(&self) -> Option<Reason> {
        let (names, keys) = self.faulted();
        let text = format!(
            "{names}; with the worst answer p_ai_generated could be {:.2} and p_manipulated {:.2}",
            self.ai_generated.p_at_most, self.manipulated.p_at_most
        );
        (!keys.is_empty()).then(|| Reason::new("inconclusive.fault", text, keys))
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
