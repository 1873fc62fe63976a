// SPDX-License-Identifier: MIT OR Apache-2.0
//! One thing that was looked at, and what came of it.

use serde::Serialize;

/// How it stands with what was looked at; the worse is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// The server works, but not as well or not as safely as it could.
    Warning,
    /// The server does not start, or does not do what it is there for.
    Failed,
}

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// One line of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    pub(super) level: Level,
    /// What was looked at: `memory`.
    pub(super) subject: &'static str,
    /// Which of several: `gan` of the detectors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// What was found.
    pub(super) found: String,
    /// What to do about it, unless it is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) advice: Option<String>,
}

impl Check {
    pub(super) fn ok(subject: &'static str, found: impl Into<String>) -> Self {
        Self { level: Level::Ok, subject, name: None, found: found.into(), advice: None }
    }

    pub(super) fn warning(
        subject: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let advice = Some(advice.into());
        Self { level: Level::Warning, advice, ..Self::ok(subject, found) }
    }

    /// What failed; errors of ours say themselves what to do.
    pub(super) fn failed(subject: &'static str, found: impl ToString) -> Self {
        Self { level: Level::Failed, ..Self::ok(subject, found.to_string()) }
    }

    pub(super) fn advised(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    pub(super) fn of(self, name: &str) -> Self {
        Self { name: Some(name.into()), ..self }
    }
}

impl std::fmt::Display for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = self.name.as_deref().unwrap_or_default();
        write!(f, "{:8} {:13} {name:12} {}", self.level.as_str(), self.subject, self.found)?;
        self.advice.as_ref().map_or(Ok(()), |advice| write!(f, "; {advice}"))
    }
}
