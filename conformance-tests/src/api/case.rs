// SPDX-License-Identifier: MIT OR Apache-2.0
//! A rule of the API guide and how it is tried.

use serde::Serialize;

use super::bench::Bench;
use crate::case::{Problem, Status};

/// What a check gives.
pub type Check = Result<(), Problem>;

/// One rule and how it is tried.
pub struct Case {
    /// Stable name in kebab case.
    pub id: &'static str,
    /// Part of the API.
    pub group: &'static str,
    /// The sentence of the guide, or of its reading, that is checked.
    pub rule: &'static str,
    /// Tries it.
    pub run: fn(&Bench) -> Check,
}

/// What came of a case.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// [`Case::id`].
    pub id: &'static str,
    /// [`Case::group`].
    pub group: &'static str,
    /// [`Case::rule`].
    pub rule: &'static str,
    /// What came of it.
    pub status: Status,
    /// Expected and found, or why it was skipped; empty on success.
    pub message: String,
    /// Time that it took, ms.
    pub duration_ms: u64,
}

impl Case {
    /// Tries the rule.
    #[must_use]
    pub fn outcome(&self, bench: &Bench) -> Outcome {
        let start = std::time::Instant::now();
        let (status, message) = match (self.run)(bench) {
            Ok(()) => (Status::Success, String::new()),
            Err(problem) => (problem.status, problem.message),
        };
        let duration_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        Outcome { id: self.id, group: self.group, rule: self.rule, status, message, duration_ms }
    }
}
