// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a conformance case is, and what came of one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::plugin::Trial;

/// Which part of the contract a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// The file and its descriptor.
    Library,
    /// What an operator may set.
    Parameters,
    /// Answers on well-formed pictures.
    Pictures,
    /// Answers on evidence that is missing, broken or contradictory.
    Evidence,
    /// The same answer every time.
    Repeats,
    /// Time and memory.
    Limits,
}

impl Group {
    /// The word in lists and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Library => "library",
            Self::Parameters => "parameters",
            Self::Pictures => "pictures",
            Self::Evidence => "evidence",
            Self::Repeats => "repeats",
            Self::Limits => "limits",
        }
    }
}

/// What came of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The plugin keeps this part of the contract.
    Success,
    /// It breaks it.
    Failed,
    /// The process died or did not answer in time.
    Crashed,
    /// The case cannot say anything, because another one failed or the system lacks something.
    Skipped,
    /// Allowed, but not good.
    Warning,
}

impl Status {
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

    /// Whether the plugin does not conform.
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
    /// What was expected, what was found, on which evidence.
    pub message: String,
}

impl Problem {
    /// The contract is broken.
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

/// One rule of the contract and how it is tried.
pub struct Case {
    /// Stable name in kebab case.
    pub id: &'static str,
    /// Part of the contract.
    pub group: Group,
    /// One sentence: what a conforming plugin does.
    pub description: &'static str,
    /// Tries it.
    pub run: fn(&Trial<'_>) -> Result<(), Problem>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What came of one case, as it is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// [`Case::id`].
    pub id: String,
    /// [`Case::group`].
    pub group: Group,
    /// [`Case::description`].
    pub description: String,
    /// What came of it.
    pub status: Status,
    /// Empty on success.
    pub message: String,
    /// Time that it took, ms.
    pub duration_ms: u64,
}
