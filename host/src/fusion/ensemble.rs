// SPDX-License-Identifier: MIT OR Apache-2.0
//! The detectors' scores as two probabilities: weighted sums of log-odds.
//!
//! For a hypothesis `h` with weights `w`, over the detectors that scored, in the order of their
//! model keys (so that the order of arrival changes no bit):
//!
//! ```text
//! z = bias + r * sum(w[d] * voice[d]),  voice[d] = logit(clamp(score[d], eps, 1 - eps))
//! r = min(max_renormalisation, W / W_scored)
//! p = 1 / (1 + exp(-z))
//! ```
//!
//! A detector with a calibration in the policy has `voice[d] = logit(clamp(c(clamp(score[d]))))`.
//!
//! `W` sums `|w|` over all detectors that the policy weighs, `W_scored` over those that scored. So
//! a detector that was not asked for and one that is not applicable are the same: absent.
//!
//! A detector that failed is absent from `p`, and has its worst answer in `p_at_most`: the largest
//! `p` that any answers of the failed detectors, "not applicable" among them, could have given. With
//! `K = sum(|w[f]| * logit(1 - eps))` over the failed ones and `S` the sum over the scored ones, any
//! such answers give `z = bias + r * (S + k)` with `k <= K` and
//! `W / (W_scored + W_failed) <= r <= W / W_scored` (both capped), so `z` is at most
//! `bias + max(r_low * (S + K), r_high * (S + K))`.

use super::voice::voice;
use crate::analysis::outcome::{DetectorOutcome, Outcome};
use crate::policy::{Hypothesis, Policy};

/// A detector's part in the fusion.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The detector and what became of it.
    pub detector: &'a DetectorOutcome,
    /// Whether it counts.
    pub state: State,
}

/// Whether a detector counts in the fusion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum State {
    /// It counts with its score, 0..=1.
    Scored(f64),
    /// It does not count: not applicable.
    Absent,
    /// It should have answered: failed, timed out, or its score is no score.
    Faulted,
}

impl State {
    fn rank(self) -> f64 {
        match self {
            Self::Scored(score) => score,
            Self::Absent => 2.0,
            Self::Faulted => 3.0,
        }
    }
}

/// The part of each detector that the policy lets run, sorted by model key.
#[must_use]
pub fn standings<'a>(outcomes: &'a [DetectorOutcome], policy: &Policy) -> Vec<Standing<'a>> {
    let state = |outcome: &Outcome| match outcome {
        Outcome::Scored(report) if (0.0..=1.0).contains(&report.score) => {
            State::Scored(report.score)
        }
        Outcome::NotApplicable { .. } => State::Absent,
        _ => State::Faulted,
    };
    let enabled = outcomes.iter().filter(|o| policy.is_enabled(&o.model_key));
    let mut standings: Vec<_> =
        enabled.map(|detector| Standing { detector, state: state(&detector.outcome) }).collect();
    standings.sort_by(|a, b| {
        let key = |s: &Standing<'a>| (s.detector.model_key.as_str(), s.detector.id.as_str());
        let rank = |s: &Standing<'_>| s.state.rank();
        key(a).cmp(&key(b)).then_with(|| rank(a).total_cmp(&rank(b)))
    });
    standings
}

/// How the probability of one hypothesis came about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The policy's bias, log-odds.
    pub bias: f64,
    /// Factor by which the detectors that scored stand in for the others.
    pub renormalisation: f64,
    /// Share of the hypothesis's weights that scored, 0..=1; 1 where nothing has a weight.
    pub weight_share: f64,
    /// Log-odds before rules.
    pub log_odds: f64,
    /// Probability, after rules, 0..=1.
    pub p: f64,
    /// The largest probability that answers of the failed detectors could have given, 0..=1; `p`
    /// without faults.
    pub p_at_most: f64,
}

/// What a detector added to the log-odds.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// Model key.
    pub detector: String,
    /// Its score, 0..=1.
    pub score: f64,
    /// Added to the log-odds of `ai_generated`.
    pub ai_generated: f64,
    /// Added to the log-odds of `manipulated`.
    pub manipulated: f64,
}

impl Contribution {
    /// Added to the log-odds of one hypothesis.
    #[must_use]
    pub fn to(&self, hypothesis: Hypothesis) -> f64 {
        match hypothesis {
            Hypothesis::AiGenerated => self.ai_generated,
            Hypothesis::Manipulated => self.manipulated,
        }
    }
}

/// The probability of one hypothesis, before rules.
#[must_use]
pub fn estimate(hypothesis: Hypothesis, standings: &[Standing<'_>], policy: &Policy) -> Estimate {
    let weights = &policy.fusion.of(hypothesis).weights;
    let bias = policy.fusion.of(hypothesis).bias;
    let weight = |s: &Standing<'_>| weights.get(&s.detector.model_key).copied().unwrap_or(0.0);
    let voice = |s: &Standing<'_>, score| voice(&s.detector.model_key, score, policy);
    let (mut sum, mut worst_sum) = (0.0, 0.0);
    let (mut scored, mut answered) = (0.0, 0.0);
    for standing in standings {
        let weight = weight(standing);
        match standing.state {
            State::Absent => {}
            State::Scored(score) => {
                let log_odds = weight * voice(standing, score);
                sum += log_odds;
                worst_sum += log_odds;
                scored += weight.abs();
                answered += weight.abs();
            }
            State::Faulted => {
                // Not |w| * logit(1 - eps): the two ends differ in the last bit.
                let [least, most] = [0.0, 1.0].map(|score| weight * voice(standing, score));
                // Or it would not have applied: by a calibration all its terms may be below 0.
                worst_sum += least.max(most).max(0.0);
                answered += weight.abs();
            }
        }
    }
    let enabled = weights.iter().filter(|(key, _)| policy.is_enabled(key));
    let total: f64 = enabled.map(|(_, weight)| weight.abs()).sum();
    let renormalisation = |part: f64| {
        let cap = policy.fusion.max_renormalisation;
        // Two detectors of one key would make the part larger than the total.
        if part > 0.0 {
            (total / part).clamp(1.0, cap)
        } else {
            cap
        }
    };
    let (low, high) = (renormalisation(answered), renormalisation(scored));
    let log_odds = bias + high * sum;
    let worst = bias + (low * worst_sum).max(high * worst_sum);
    Estimate {
        bias,
        renormalisation: high,
        weight_share: if total > 0.0 { (scored / total).min(1.0) } else { 1.0 },
        log_odds,
        p: sigmoid(log_odds),
        p_at_most: sigmoid(worst),
    }
}

/// What each detector that scored added to the log-odds of both hypotheses.
#[must_use]
pub fn contributions(
    standings: &[Standing<'_>],
    policy: &Policy,
    ai_generated: &Estimate,
    manipulated: &Estimate,
) -> Vec<Contribution> {
    let added = |hypothesis, estimate: &Estimate, key: &str, score| {
        let weight = policy.fusion.of(hypothesis).weights.get(key).copied().unwrap_or(0.0);
        estimate.renormalisation * weight * voice(key, score, policy)
    };
    let contribution = |standing: &Standing<'_>| {
        let State::Scored(score) = standing.state else { return None };
        let key = standing.detector.model_key.as_str();
        Some(Contribution {
            detector: key.to_owned(),
            score,
            ai_generated: added(Hypothesis::AiGenerated, ai_generated, key, score),
            manipulated: added(Hypothesis::Manipulated, manipulated, key, score),
        })
    };
    standings.iter().filter_map(contribution).collect()
}

/// `ln(p / (1 - p))`, for `p` within 0..1.
#[must_use]
pub fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

/// `1 / (1 + exp(-z))`.
#[must_use]
pub fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}
