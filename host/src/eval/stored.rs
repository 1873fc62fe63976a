// SPDX-License-Identifier: MIT OR Apache-2.0
//! An outcome as a line of text: what fusion reads of it, so that another policy can fuse it again.

use assay_plugin_api::descriptor::Kind;
use assay_plugin_api::finding::{Finding, Severity};
use assay_plugin_api::report::{Attribute, Label, Report, Score, Value};
use serde::{Deserialize, Serialize};

use crate::analysis::outcome::Outcome;

/// An outcome without its text, its attributes and its map. Faults are not stored: another try may
/// do better.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub(crate) enum StoredOutcome {
    Scored {
        // As text, because JSON readers may be off by the last bit.
        score: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        label: Option<String>,
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        findings: Vec<StoredFinding>,
    },
    NotApplicable {
        reason: String,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredFinding {
    code: String,
    severity: String,
    values: Vec<(String, StoredValue)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredValue {
    Null,
    Bool(bool),
    Int(i64),
    Real(String),
    Text(String),
    Json(String),
}

impl StoredOutcome {
    /// What can be stored of an outcome.
    pub(crate) fn of(outcome: &Outcome) -> Option<Self> {
        match outcome {
            Outcome::Scored(report) => Some(Self::Scored {
                score: report.score.to_string(),
                label: report.label.into_option().map(|label| label.as_str().to_owned()),
                findings: report.findings.iter().map(StoredFinding::of).collect(),
            }),
            Outcome::NotApplicable { reason } => {
                Some(Self::NotApplicable { reason: reason.clone() })
            }
            Outcome::Failed { .. } | Outcome::TimedOut { .. } => None,
        }
    }

    /// The outcome, if the line holds one.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        let (score, label, findings) = match self {
            Self::NotApplicable { reason } => {
                return Some(Outcome::NotApplicable { reason: reason.clone() });
            }
            Self::Scored { score, label, findings } => (score, label, findings),
        };
        let mut report = Report::new(Score::new(score.parse().ok()?)?);
        if let Some(word) = label {
            report = report.label(LABELS.into_iter().find(|label| label.as_str() == word)?);
        }
        for finding in findings {
            report = report.finding(finding.finding()?);
        }
        Some(Outcome::Scored(report))
    }
}

/// What a detector answered, faults among it, as far as fusion reads it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Said(Kept);

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    Answered(StoredOutcome),
    Failed(String),
    TimedOut(u64),
}

impl Said {
    /// That of an outcome.
    #[must_use]
    pub fn of(outcome: &Outcome) -> Self {
        Self(match (StoredOutcome::of(outcome), outcome) {
            (Some(answered), _) => Kept::Answered(answered),
            (None, Outcome::TimedOut { deadline_ms }) => Kept::TimedOut(*deadline_ms),
            (None, Outcome::Failed { message }) => Kept::Failed(message.clone()),
            (None, _) => Kept::Failed("the answer cannot be kept".into()),
        })
    }

    /// The outcome; `None` if what was read is none.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        match &self.0 {
            Kept::Answered(stored) => stored.outcome(),
            Kept::Failed(message) => Some(Outcome::Failed { message: message.clone() }),
            Kept::TimedOut(deadline_ms) => Some(Outcome::TimedOut { deadline_ms: *deadline_ms }),
        }
    }
}

/// The kind of a word.
pub(crate) fn kind_of(word: &str) -> Option<Kind> {
    const KINDS: [Kind; 3] = [Kind::Generation, Kind::Manipulation, Kind::Provenance];
    KINDS.into_iter().find(|kind| kind.as_str() == word)
}

const LABELS: [Label; 5] = [
    Label::Authentic,
    Label::Synthetic,
    Label::Manipulated,
    Label::Suspicious,
    Label::Inconclusive,
];

const SEVERITIES: [Severity; 4] =
    [Severity::Info, Severity::Notice, Severity::Warning, Severity::Decisive];

impl StoredFinding {
    fn of(finding: &Finding) -> Self {
        let value = |a: &Attribute| (a.name.to_string(), StoredValue::of(&a.value));
        Self {
            code: finding.code.to_string(),
            severity: finding.severity.as_str().to_owned(),
            values: finding.values.iter().map(value).collect(),
        }
    }

    fn finding(&self) -> Option<Finding> {
        let severity = SEVERITIES.into_iter().find(|s| s.as_str() == self.severity)?;
        let mut finding = Finding::new(&self.code, severity, "");
        for (name, value) in &self.values {
            finding = finding.value(name, value.value()?);
        }
        Some(finding)
    }
}

impl StoredValue {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Int(number) => Self::Int(*number),
            Value::Real(number) => Self::Real(number.to_string()),
            Value::Text(text) => Self::Text(text.to_string()),
            Value::Json(text) => Self::Json(text.to_string()),
        }
    }

    fn value(&self) -> Option<Value> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Int(number) => Value::Int(*number),
            Self::Real(text) => Value::Real(text.parse().ok()?),
            Self::Text(text) => Value::Text(text.as_str().into()),
            Self::Json(text) => Value::Json(text.as_str().into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fusion_reads_comes_back_to_the_bit() {
        let finding = Finding::new("jpeg.grid.foreign", Severity::Decisive, "text")
            .value("log10_nfa", -12.345_678_901_234_567)
            .value("count", 3_i64)
            .value("tool", "x");
        let report = Report::new(Score::clamped(0.1 + 0.2)).label(Label::Suspicious);
        let report = report.finding(finding.clone());
        let stored = StoredOutcome::of(&Outcome::Scored(report)).unwrap();
        let line = serde_json::to_string(&stored).unwrap();
        let read: StoredOutcome = serde_json::from_str(&line).unwrap();
        let Some(Outcome::Scored(report)) = read.outcome() else { panic!("{line}") };
        assert_eq!(report.score.to_bits(), (0.1_f64 + 0.2).to_bits());
        assert_eq!(report.label.into_option(), Some(Label::Suspicious));
        assert_eq!(report.findings[0].values, finding.values);
        assert_eq!(report.findings[0].severity, Severity::Decisive);
    }

    #[test]
    fn score_outside_its_range_is_no_outcome() {
        for score in ["1.5", "NaN", "x"] {
            let stored =
                StoredOutcome::Scored { score: score.into(), label: None, findings: Vec::new() };
            assert!(stored.outcome().is_none(), "{score}");
        }
    }

    #[test]
    fn fault_is_not_stored() {
        assert!(StoredOutcome::of(&Outcome::TimedOut { deadline_ms: 1 }).is_none());
    }
}
