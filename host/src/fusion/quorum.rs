// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether those have answered who must have answered.

use super::ensemble::{Estimate, Standing, State};
use super::rules::{could_find, Fired};
use crate::policy::{Hypothesis, Policy};

/// Who has answered and who has not.
#[derive(Clone, Debug, PartialEq)]
pub struct Quorum {
    /// Detectors that scored.
    pub scored: usize,
    /// Whether that is enough for the policy.
    pub is_enough: bool,
    /// Hypotheses with too small a share of their weights.
    pub too_light: Vec<Hypothesis>,
    /// Required model keys that did not score, each with why.
    pub missing: Vec<(String, &'static str)>,
    /// Failed detectors that have a say: a weight, a rule that they could set off, a requirement, or
    /// a score that would be counted. Each with its status.
    pub faulted: Vec<(String, &'static str)>,
}

impl Quorum {
    /// Counts who has answered; `estimates` in the order of [`Hypothesis::ALL`].
    #[must_use]
    pub fn of(
        standings: &[Standing<'_>],
        policy: &Policy,
        fired: &Fired<'_>,
        estimates: [&Estimate; 2],
    ) -> Self {
        let scored = standings.iter().filter(is_scored).count();
        let is_enough = scored as u64 >= policy.quorum.min_scored;
        let light = |(h, estimate): (Hypothesis, &Estimate)| {
            (estimate.weight_share < policy.quorum.min_weight_share).then_some(h)
        };
        let has_say = |s: &&Standing<'_>| {
            let key = &s.detector.model_key;
            let weighs = |h| policy.fusion.of(h).weights.get(key).is_some_and(|w| *w != 0.0);
            s.state == State::Faulted
                && (!is_enough
                    || Hypothesis::ALL.into_iter().any(weighs)
                    || policy.quorum.required.contains(key)
                    || fired.possible.iter().any(|rule| could_find(s, rule)))
        };
        let faulted = standings.iter().filter(has_say);
        Self {
            scored,
            is_enough,
            too_light: Hypothesis::ALL.into_iter().zip(estimates).filter_map(light).collect(),
            missing: without_score(&policy.quorum.required, standings),
            faulted: faulted.map(|s| (s.detector.model_key.clone(), status(s))).collect(),
        }
    }

    /// Whether enough detectors scored, the required ones among them.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.is_enough && self.missing.is_empty()
    }

    /// Whether, beyond that, enough of a hypothesis's weights scored.
    #[must_use]
    pub fn is_met_for(&self, hypothesis: Hypothesis) -> bool {
        self.is_met() && !self.too_light.contains(&hypothesis)
    }
}

/// Those of `keys` whose detectors did not score, each with why.
pub(super) fn without_score(
    keys: &[String],
    standings: &[Standing<'_>],
) -> Vec<(String, &'static str)> {
    let missing = keys.iter().filter_map(|key| {
        let of_key = || standings.iter().filter(|s| s.detector.model_key == *key);
        let why = of_key().next().map_or("not asked for", status);
        of_key().find(is_scored).is_none().then(|| (key.clone(), why))
    });
    missing.collect()
}

fn is_scored(standing: &&Standing<'_>) -> bool {
    matches!(standing.state, State::Scored(_))
}

fn status(standing: &Standing<'_>) -> &'static str {
    match standing.state {
        State::Absent => "not applicable",
        State::Faulted if standing.detector.outcome.status() == "timeout" => "timed out",
        State::Faulted => "failed",
        State::Scored(_) => "scored",
    }
}
