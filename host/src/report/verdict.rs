// SPDX-License-Identifier: MIT OR Apache-2.0
//! The verdict in words: what it means, what it does not, and how it was weighed.

use serde::Serialize;

use super::node::Node;
use super::text::SHORT;
use crate::analysis::Derivation;
use crate::fusion::fuse_with_copies;
use crate::policy::Policy;

/// Most reasons that are told.
const MOST_REASONS: usize = 64;

/// The verdict, in the words of the answer and in plain ones.
#[derive(Clone, Debug, Serialize)]
pub struct VerdictPart {
    /// `AUTHENTIC`, `AI_GENERATED`, `MANIPULATED`, `INCONCLUSIVE`.
    pub label: String,
    /// The label as a person says it.
    pub title: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What it does not mean.
    pub caution: &'static str,
    /// How sure the label is, 0..=1.
    pub confidence: Option<f64>,
    /// The same in words.
    pub confidence_words: &'static str,
    /// `LOW`, `MEDIUM`, `HIGH`.
    pub risk_level: String,
    /// The probability that the picture is not authentic, 0..=1.
    pub risk: Option<f64>,
    /// The probability that a generator made it, 0..=1.
    pub p_ai_generated: Option<f64>,
    /// The probability that a part was changed, 0..=1.
    pub p_manipulated: Option<f64>,
    /// Why, the weightiest first.
    pub reasons: Vec<ReasonPart>,
    /// How the detectors were weighed; null where that cannot be made again.
    pub weighing: Option<Weighing>,
}

/// One reason.
#[derive(Clone, Debug, Serialize)]
pub struct ReasonPart {
    /// Its dotted code.
    pub code: String,
    /// A sentence.
    pub text: String,
    /// The detectors that it is from, by model.
    pub detectors: Vec<String>,
}

/// How scores became probabilities, in log-odds.
#[derive(Clone, Debug, Serialize)]
pub struct Weighing {
    /// What the policy starts from: `ai_generated`, `manipulated`.
    pub bias: [f64; 2],
    /// What each detector added.
    pub contributions: Vec<ContributionPart>,
    /// The sums, before rules.
    pub log_odds: [f64; 2],
}

/// What one detector added.
#[derive(Clone, Debug, Serialize)]
pub struct ContributionPart {
    /// Its model.
    pub detector: String,
    /// Its score, 0..=1.
    pub score: f64,
    /// Added to the log-odds of `ai_generated`.
    pub ai_generated: f64,
    /// Added to the log-odds of `manipulated`.
    pub manipulated: f64,
}

impl VerdictPart {
    pub(super) fn of(verdict: Node<'_>, weighing: Option<Weighing>) -> Self {
        let label = verdict.at("label").word();
        let [title, meaning, caution] = words(&label);
        let confidence = verdict.at("confidence").share();
        let reason = |reason: Node<'_>| ReasonPart {
            code: reason.at("code").word(),
            text: reason.at("text").sentence(),
            detectors: reason.at("detectors").words(SHORT),
        };
        Self {
            confidence_words: confidence_words(&label, confidence),
            label,
            title,
            meaning,
            caution,
            confidence,
            risk_level: verdict.at("risk_level").word(),
            risk: verdict.at("risk").share(),
            p_ai_generated: verdict.at("p_ai_generated").share(),
            p_manipulated: verdict.at("p_manipulated").share(),
            reasons: verdict.at("reasons").items(MOST_REASONS).map(reason).collect(),
            weighing,
        }
    }

    /// The risk level as a person says it.
    #[must_use]
    pub fn risk_words(&self) -> &'static str {
        match self.risk_level.as_str() {
            "LOW" => "low",
            "MEDIUM" => "medium",
            "HIGH" => "high",
            _ => "not known",
        }
    }
}

impl Weighing {
    /// How a stored or fresh derivation is weighed by the policy that was applied.
    pub(super) fn of(derivation: &Derivation, policy: &Policy) -> Option<Self> {
        let (outcomes, reruns) = (derivation.outcomes().ok()?, derivation.reruns().ok()?);
        let verdict = fuse_with_copies(&outcomes, &reruns, policy);
        let contributions = verdict.contributions.into_iter().map(|part| ContributionPart {
            detector: part.detector,
            score: part.score,
            ai_generated: part.ai_generated,
            manipulated: part.manipulated,
        });
        let (ai_generated, manipulated) = (verdict.ai_generated, verdict.manipulated);
        Some(Self {
            bias: [ai_generated.bias, manipulated.bias],
            contributions: contributions.collect(),
            log_odds: [ai_generated.log_odds, manipulated.log_odds],
        })
    }
}

/// Title, meaning and caution of a label.
fn words(label: &str) -> [&'static str; 3] {
    match label {
        "AUTHENTIC" => [
            "No sign of a generator or of a change was found",
            "The tests that could be made found too little that speaks for a generator or for a changed \
             part, and enough of them could be made for the policy to say so.",
            "It does not prove that a camera took the picture, nor that the picture shows what it is \
             said to show: a staged scene, an old picture and a false caption are not tested. Traces \
             can be removed, and some generators and forgeries leave none that are known.",
        ],
        "AI_GENERATED" => [
            "The picture is taken for made by a generator",
            "What speaks for a generator having made the picture reaches the threshold of the policy.",
            "It does not tell who made the picture, why, or whether somebody was to be deceived. \
             Authentic pictures are called so too, as often as the error rates below tell; a drawing, \
             a strongly processed photograph or a screenshot are likelier to be.",
        ],
        "MANIPULATED" => [
            "A part of the picture is taken for changed",
            "What speaks for a part having been changed after the picture was taken reaches the \
             threshold of the policy.",
            "It does not tell who changed it or with what intent: retouching, a logo or a blurred face \
             are changes too. The regions are places to look at, not outlines of what was changed.",
        ],
        "INCONCLUSIVE" => [
            "No verdict can be given",
            "The tests speak neither clearly for nor clearly against the picture, or too few of them \
             could be made. The reasons tell which.",
            "It is neither a suspicion nor a clearance.",
        ],
        _ => [
            "The stored verdict cannot be read",
            "The answer holds no verdict that this version knows.",
            "Nothing follows from it.",
        ],
    }
}

/// What the confidence is in words. The bands are only words: nothing is decided by them.
fn confidence_words(label: &str, confidence: Option<f64>) -> &'static str {
    match (label, confidence) {
        (_, None) => "not known",
        ("INCONCLUSIVE", _) => "no verdict to be sure of",
        (_, Some(share)) if share >= 0.95 => "very high",
        (_, Some(share)) if share >= 0.85 => "high",
        (_, Some(share)) if share >= 0.7 => "moderate",
        _ => "low",
    }
}
