// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a policy holds, complete: every default is filled in.

use std::collections::BTreeMap;

use assay_plugin_api::finding::Severity;
use assay_plugin_api::report::Value;
use serde::{Serialize, Serializer};

use super::calibrated::Calibrated;
use super::calibration::Calibration;
use super::claim::ClaimPolicy;
use crate::config::document::Place;

/// A policy, read, checked and complete. [`Policy::parse`] and [`Policy::load`] make it.
#[derive(Clone, Debug, Serialize)]
pub struct Policy {
    /// Kebab-case name, as in results.
    pub name: String,
    /// The author's version.
    pub version: String,
    /// What the policy is for.
    pub description: String,
    /// Who must have answered.
    pub quorum: QuorumPolicy,
    /// Which probability gives which verdict.
    pub verdict: VerdictPolicy,
    /// Which risk gives which level.
    pub risk: RiskPolicy,
    /// Whether a verdict must survive that the picture is saved again and resized.
    pub stability: StabilityPolicy,
    /// How scores become probabilities.
    pub fusion: FusionPolicy,
    /// What the policy says of detectors, by model key.
    pub detectors: BTreeMap<String, DetectorPolicy>,
    /// How pictures that are examined as one claim are judged.
    #[serde(skip_serializing_if = "ClaimPolicy::is_default")]
    pub claim: ClaimPolicy,
    /// What its numbers were fitted to, where they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibrated: Option<Calibrated>,
    /// Decisive findings, sorted by name.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
    #[serde(skip)]
    pub(super) digest: String,
    #[serde(skip)]
    pub(super) places: Places,
}

/// Where keys and values are written, by dotted path: `detectors.gan.params.window_px`.
pub(super) type Places = BTreeMap<String, (Place, Place)>;

impl Policy {
    /// SHA-256 of the policy's canonical form, hexadecimal: the same for two files that say the
    /// same, whatever their comments, white space, order of keys and spelled-out defaults.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What the policy says of a detector; the defaults for one that it does not name.
    #[must_use]
    pub fn detector(&self, model_key: &str) -> DetectorPolicy {
        self.detectors.get(model_key).cloned().unwrap_or_default()
    }

    /// Whether a detector runs.
    #[must_use]
    pub fn is_enabled(&self, model_key: &str) -> bool {
        self.detectors.get(model_key).is_none_or(|detector| detector.enabled)
    }
}

/// What a policy says of one detector.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DetectorPolicy {
    /// Whether it runs.
    pub enabled: bool,
    /// Time it may take, ms.
    pub deadline_ms: u64,
    /// Score from which its label is its kind's positive one, 0..=1.
    pub threshold: f64,
    /// Score below which its label is AUTHENTIC, 0..=1, at most `threshold`.
    pub clear_below: f64,
    /// Parameters that the operator sets; the detector's defaults hold for the others.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, ParamValue>,
    /// What fusion makes of its score first; none takes the score as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
}

impl Default for DetectorPolicy {
    fn default() -> Self {
        Self {
            enabled: true,
            deadline_ms: 10_000,
            threshold: 0.65,
            clear_below: 0.35,
            params: BTreeMap::new(),
            calibration: None,
        }
    }
}

/// A parameter's value as the policy writes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ParamValue {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite real number.
    Real(f64),
    /// A text.
    Text(String),
}

impl From<&ParamValue> for Value {
    fn from(value: &ParamValue) -> Self {
        match value {
            ParamValue::Bool(flag) => Self::Bool(*flag),
            ParamValue::Int(number) => Self::Int(*number),
            ParamValue::Real(number) => Self::Real(*number),
            ParamValue::Text(text) => text.as_str().into(),
        }
    }
}

/// How scores become probabilities.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FusionPolicy {
    /// Most that the detectors which scored stand in for those which did not, at least 1.
    pub max_renormalisation: f64,
    /// Scores count as within `score_clamp..=1 - score_clamp`, so that no detector is infinitely
    /// sure.
    pub score_clamp: f64,
    /// "A generator made it."
    pub ai_generated: HypothesisPolicy,
    /// "Part of it was changed after capture."
    pub manipulated: HypothesisPolicy,
}

impl FusionPolicy {
    /// The part for one hypothesis.
    #[must_use]
    pub fn of(&self, hypothesis: Hypothesis) -> &HypothesisPolicy {
        match hypothesis {
            Hypothesis::AiGenerated => &self.ai_generated,
            Hypothesis::Manipulated => &self.manipulated,
        }
    }

    /// The part for one hypothesis, to change.
    pub fn of_mut(&mut self, hypothesis: Hypothesis) -> &mut HypothesisPolicy {
        match hypothesis {
            Hypothesis::AiGenerated => &mut self.ai_generated,
            Hypothesis::Manipulated => &mut self.manipulated,
        }
    }
}

/// How scores become the probability of one hypothesis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HypothesisPolicy {
    /// Log-odds when every detector says 0.5.
    pub bias: f64,
    /// Factor of each detector's log-odds, by model key; a detector not named has 0.
    pub weights: BTreeMap<String, f64>,
}

/// What an image may be other than authentic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hypothesis {
    /// A generator made it.
    AiGenerated,
    /// Part of it was changed after capture.
    Manipulated,
}

impl Hypothesis {
    /// Both.
    pub const ALL: [Self; 2] = [Self::AiGenerated, Self::Manipulated];

    /// The word in policies and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AiGenerated => "ai_generated",
            Self::Manipulated => "manipulated",
        }
    }
}

/// Which probability gives which verdict.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VerdictPolicy {
    /// `p_ai_generated` from which the verdict can be AI_GENERATED.
    pub ai_generated: f64,
    /// `p_manipulated` from which the verdict can be MANIPULATED.
    pub manipulated: f64,
    /// Both probabilities must be below this for AUTHENTIC.
    pub authentic_below: f64,
}

impl VerdictPolicy {
    /// The threshold of one hypothesis, to change.
    pub fn of_mut(&mut self, hypothesis: Hypothesis) -> &mut f64 {
        match hypothesis {
            Hypothesis::AiGenerated => &mut self.ai_generated,
            Hypothesis::Manipulated => &mut self.manipulated,
        }
    }

    /// The threshold of one hypothesis.
    #[must_use]
    pub fn of(&self, hypothesis: Hypothesis) -> f64 {
        match hypothesis {
            Hypothesis::AiGenerated => self.ai_generated,
            Hypothesis::Manipulated => self.manipulated,
        }
    }
}

/// Which risk gives which level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RiskPolicy {
    /// Smallest risk that is MEDIUM.
    pub medium: f64,
    /// Largest risk that is MEDIUM; above it is HIGH.
    pub high: f64,
    /// Level up to which a detector's fault raises the risk level: MEDIUM or HIGH.
    pub on_fault: RiskLevel,
}

impl RiskPolicy {
    /// The level of a risk.
    #[must_use]
    pub fn level(&self, risk: f64) -> RiskLevel {
        if risk > self.high {
            RiskLevel::High
        } else if risk >= self.medium {
            RiskLevel::Medium
        } else {
            RiskLevel::Low
        }
    }
}

/// The level of a risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RiskLevel {
    /// Below the policy's `medium`.
    Low,
    /// From `medium` to `high`, both included.
    Medium,
    /// Above `high`.
    High,
}

impl RiskLevel {
    /// The word in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
        }
    }
}

/// Whether a verdict must survive that the picture is saved again and resized, and how that is done.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StabilityPolicy {
    /// Whether it must.
    pub enabled: bool,
    /// Quality of both copies, 50..=100, 4:2:0.
    pub jpeg_quality: u8,
    /// Factor of the sides of the resized copy, 0.5..=0.99.
    pub scale: f64,
}

/// Who must have answered before a verdict other than INCONCLUSIVE is given.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuorumPolicy {
    /// Fewest detectors that must have scored.
    pub min_scored: u64,
    /// Smallest share of a hypothesis's weights that must have scored, 0..=1.
    pub min_weight_share: f64,
    /// Model keys that must have scored, sorted.
    pub required: Vec<String>,
}

/// A finding that settles a question by itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rule {
    /// Kebab-case name; reasons cite `rule.<name>`.
    pub name: String,
    /// Whether it is in force; an overlay switches an inherited rule off with it.
    pub enabled: bool,
    /// Code of the finding, or its first words and `.*`.
    pub finding: String,
    /// Model key of the only detector whose findings count; none for any detector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detector: Option<String>,
    /// Weakest finding that counts: `info`, `notice`, `warning`, `decisive`.
    #[serde(serialize_with = "severity_word")]
    pub min_severity: Severity,
    /// Why, for a person.
    pub reason: String,
    /// Conditions on the finding's values, all of which must hold.
    #[serde(rename = "where", skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<String, Condition>,
    /// What the finding does to `p_ai_generated`.
    #[serde(skip_serializing_if = "Bounds::is_empty")]
    pub p_ai_generated: Bounds,
    /// What the finding does to `p_manipulated`.
    #[serde(skip_serializing_if = "Bounds::is_empty")]
    pub p_manipulated: Bounds,
}

impl Rule {
    /// What the finding does to the probability of one hypothesis.
    #[must_use]
    pub fn bounds(&self, hypothesis: Hypothesis) -> Bounds {
        match hypothesis {
            Hypothesis::AiGenerated => self.p_ai_generated,
            Hypothesis::Manipulated => self.p_manipulated,
        }
    }
}

fn severity_word<S: Serializer>(severity: &Severity, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(severity.as_str())
}

/// Bounds that a rule sets to a probability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Bounds {
    /// The probability is raised to this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// The probability is lowered to this, unless another rule raises it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
}

impl Bounds {
    /// Whether neither bound is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.at_least.is_none() && self.at_most.is_none()
    }
}

/// What a finding's value must be.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Condition {
    /// Equal to this; whole and real numbers compare by value.
    Equals(ParamValue),
    /// One of these.
    OneOf {
        /// The values allowed.
        one_of: Vec<ParamValue>,
    },
    /// A number within these bounds, both included.
    Within {
        /// Smallest number allowed.
        #[serde(skip_serializing_if = "Option::is_none")]
        min: Option<f64>,
        /// Largest number allowed.
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<f64>,
    },
}
