// SPDX-License-Identifier: MIT OR Apache-2.0
//! What became of one detector on one image.

use assay_plugin_api::descriptor::Kind;
use assay_plugin_api::report::Report;

/// What became of one detector, with all that is needed to re-derive it.
#[derive(Clone, Debug)]
pub struct DetectorOutcome {
    /// Stable name of the detector: `jpeg-ghost`.
    pub id: String,
    /// Name in requests and policies: `splicing`.
    pub model_key: String,
    /// Name in results: `splicing_detection`.
    pub result_key: String,
    /// Name for a person.
    pub title: String,
    /// The hypothesis that a high score supports.
    pub kind: Kind,
    /// The detector's own version.
    pub version: String,
    /// SHA-256 of the library file, hexadecimal.
    pub digest: String,
    /// Wall time, ms.
    pub duration_ms: f64,
    /// The answer, or why there is none.
    pub outcome: Outcome,
}

/// The answer, or why there is none.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A report that kept the contract.
    Scored(Report),
    /// The test cannot speak on this evidence.
    NotApplicable {
        /// One sentence for a person.
        reason: String,
    },
    /// The detector failed, panicked or broke the contract.
    Failed {
        /// What happened.
        message: String,
    },
    /// The detector overran its deadline.
    TimedOut {
        /// The deadline, ms.
        deadline_ms: u64,
    },
}

impl Outcome {
    /// The score, where there is one.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        match self {
            Self::Scored(report) => Some(report.score),
            _ => None,
        }
    }

    /// Whether the detector should have answered and did not.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::TimedOut { .. })
    }

    /// The word in JSON: `complete`, `not_applicable`, `error` or `timeout`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self {
            Self::Scored(_) => "complete",
            Self::NotApplicable { .. } => "not_applicable",
            Self::Failed { .. } => "error",
            Self::TimedOut { .. } => "timeout",
        }
    }
}
