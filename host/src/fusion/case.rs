// SPDX-License-Identifier: MIT OR Apache-2.0
//! All that a verdict rests on, and the label that follows from it.

use assay_plugin_api::descriptor::Kind;

use super::ensemble::{contributions, estimate, logit, Contribution, Estimate, Standing};
use super::quorum::Quorum;
use super::rules::Fired;
use super::verdict::VerdictLabel;
use crate::policy::{Hypothesis, Policy};

/// Distance from 0 and 1 at which probabilities are compared as log-odds.
const CERTAINTY_CLAMP: f64 = 1e-9;

/// All that a verdict rests on.
pub(super) struct Case<'a> {
    pub(super) policy: &'a Policy,
    pub(super) quorum: Quorum,
    pub(super) fired: Fired<'a>,
    pub(super) ai_generated: Estimate,
    pub(super) manipulated: Estimate,
    pub(super) contributions: Vec<Contribution>,
}

impl<'a> Case<'a> {
    /// What a policy makes of the detectors' standings.
    pub(super) fn of(standings: &[Standing<'_>], policy: &'a Policy) -> Self {
        let fired = Fired::of(standings, policy);
        let estimate_of = |h| fired.apply(h, estimate(h, standings, policy));
        let ai_generated = estimate_of(Hypothesis::AiGenerated);
        let manipulated = estimate_of(Hypothesis::Manipulated);
        Self {
            policy,
            quorum: Quorum::of(standings, policy, &fired, [&ai_generated, &manipulated]),
            contributions: contributions(standings, policy, &ai_generated, &manipulated),
            fired,
            ai_generated,
            manipulated,
        }
    }

    pub(super) fn estimate(&self, hypothesis: Hypothesis) -> &Estimate {
        match hypothesis {
            Hypothesis::AiGenerated => &self.ai_generated,
            Hypothesis::Manipulated => &self.manipulated,
        }
    }

    /// The hypothesis that passes by the larger margin of log-odds; else AUTHENTIC where that holds
    /// even in the worst case; else INCONCLUSIVE.
    pub(super) fn label(&self) -> VerdictLabel {
        let margin = |h| log_odds_of(self.estimate(h).p) - log_odds_of(self.policy.verdict.of(h));
        let passing = Hypothesis::ALL.into_iter().filter(|&h| self.passes(h));
        // The first of equals wins, so the list is walked backwards.
        let widest = passing.rev().max_by(|&a, &b| margin(a).total_cmp(&margin(b)));
        match widest {
            Some(hypothesis) => hypothesis.into(),
            None if self.is_authentic() => VerdictLabel::Authentic,
            None => VerdictLabel::Inconclusive,
        }
    }

    /// The detectors of pixels that speak for a label by their scores, strongest first; none for a
    /// label that rules alone bring about, and none for INCONCLUSIVE.
    pub(super) fn supporters(
        &self,
        label: VerdictLabel,
        standings: &[Standing<'_>],
    ) -> Vec<String> {
        let of_pixels = |key: &str| {
            let of_key = |s: &Standing<'_>| s.detector.model_key == key;
            standings.iter().any(|s| of_key(s) && s.detector.kind != Kind::Provenance)
        };
        let support = |c: &Contribution| match label {
            VerdictLabel::AiGenerated => c.ai_generated,
            VerdictLabel::Manipulated => c.manipulated,
            VerdictLabel::Authentic => -c.ai_generated.min(c.manipulated),
            VerdictLabel::Inconclusive => 0.0,
        };
        if self.is_ruled(label) {
            return Vec::new();
        }
        let contributions = self.contributions.iter();
        let mut supporters: Vec<_> =
            contributions.filter(|c| support(c) > 0.0 && of_pixels(&c.detector)).collect();
        supporters.sort_by(|a, b| support(b).total_cmp(&support(a)));
        supporters.into_iter().map(|c| c.detector.clone()).collect()
    }

    /// Whether a rule alone brings the probability to the threshold.
    pub(super) fn is_decided(&self, hypothesis: Hypothesis) -> bool {
        let raised = self.fired.bounds(hypothesis).at_least;
        raised.is_some_and(|p| p >= self.policy.verdict.of(hypothesis))
    }

    /// Whether rules alone bring a label about.
    fn is_ruled(&self, label: VerdictLabel) -> bool {
        let is_lowered = |h| {
            let lowered = self.fired.bounds(h).at_most;
            lowered.is_some_and(|p| p < self.policy.verdict.authentic_below)
        };
        match label {
            VerdictLabel::AiGenerated => self.is_decided(Hypothesis::AiGenerated),
            VerdictLabel::Manipulated => self.is_decided(Hypothesis::Manipulated),
            VerdictLabel::Authentic => Hypothesis::ALL.into_iter().all(is_lowered),
            VerdictLabel::Inconclusive => false,
        }
    }

    /// Whether the policy lets the hypothesis be said: its probability reaches the threshold, by a
    /// decisive finding or with a quorum.
    fn passes(&self, hypothesis: Hypothesis) -> bool {
        let threshold = self.policy.verdict.of(hypothesis);
        self.estimate(hypothesis).p >= threshold
            && (self.is_decided(hypothesis) || self.quorum.is_met_for(hypothesis))
    }

    /// Whether both hypotheses stay below the policy's `authentic_below` in the worst case, with a
    /// quorum for both.
    fn is_authentic(&self) -> bool {
        let holds = |h| {
            self.quorum.is_met_for(h)
                && self.estimate(h).p_at_most < self.policy.verdict.authentic_below
        };
        Hypothesis::ALL.into_iter().all(holds)
    }
}

fn log_odds_of(p: f64) -> f64 {
    logit(p.clamp(CERTAINTY_CLAMP, 1.0 - CERTAINTY_CLAMP))
}
