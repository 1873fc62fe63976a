// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a conformance case is, and what came of one.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a case gives.
pub type Check = Result<(), Problem>;

/// Where a rule is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// Document and section.
    pub place: &'static str,
    /// Its words there.
    pub words: &'static str,
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: \u{201c}{}\u{201d}", self.place, self.words)
    }
}

/// What is known of a case before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct About {
    /// What it is tried on: `plugin` or `deployment`.
    pub subject: &'static str,
    /// Stable name in kebab case.
    pub id: &'static str,
    /// Part of the contract or of the API.
    pub group: &'static str,
    /// One sentence: what a conforming subject does.
    pub description: &'static str,
    /// Where that is written.
    pub clause: Clause,
}

/// One rule and `run`, which tries it.
pub struct Case<R> {
    /// [`About::id`].
    pub id: &'static str,
    /// [`About::group`].
    pub group: &'static str,
    /// [`About::description`].
    pub description: &'static str,
    /// [`About::clause`].
    pub clause: Clause,
    /// Tries it.
    pub run: R,
}

impl<R> Case<R> {
    /// What is known of the case, which is tried on a `subject`.
    #[must_use]
    pub fn about(&self, subject: &'static str) -> About {
        let Self { id, group, description, clause, .. } = *self;
        About { subject, id, group, description, clause }
    }
}

impl<R> fmt::Debug for Case<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What came of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The subject keeps this rule.
    Success,
    /// It breaks it.
    Failed,
    /// The process died or did not answer in time.
    Crashed,
    /// The case cannot say anything, because another one failed or something is lacking.
    Skipped,
    /// Allowed, but not good.
    Warning,
}

impl Status {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 5] =
        [Self::Success, Self::Failed, Self::Crashed, Self::Skipped, Self::Warning];

    /// The word in lists and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Crashed => "crashed",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
        }
    }

    /// Whether the subject does not conform.
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Crashed)
    }
}

/// Why a case did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Anything but `Success`.
    pub status: Status,
    /// What was expected, what was found, on what.
    pub message: String,
}

impl Problem {
    /// The rule is broken.
    #[must_use]
    pub fn failed(message: impl Into<String>) -> Self {
        Self { status: Status::Failed, message: message.into() }
    }

    /// The case cannot be decided.
    #[must_use]
    pub fn skipped(message: impl Into<String>) -> Self {
        Self { status: Status::Skipped, message: message.into() }
    }

    /// Allowed, but not good.
    #[must_use]
    pub fn warning(message: impl Into<String>) -> Self {
        Self { status: Status::Warning, message: message.into() }
    }
}

/// What came of one case, as it is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The case.
    #[serde(flatten)]
    pub about: About,
    /// What came of it.
    pub status: Status,
    /// Expected and found, or why it was skipped; empty on success.
    pub message: String,
    /// Time that it took, ms.
    pub duration_ms: u64,
}
