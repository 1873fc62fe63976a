// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lists and outcomes in each format: for people, JSON, JUnit XML, TAP.

use clap::ValueEnum;
use serde_json::{json, Value};

use crate::case::{Outcome, Status};
use crate::kit;
use crate::subject::Identity;

mod human;
mod junit;
mod list;
mod tap;

pub use human::{outcome, summary};
pub use junit::junit;
pub use list::{list_json, list_text};
pub use tap::tap;

/// How outcomes are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A line a case, for people.
    #[default]
    Human,
    /// One object.
    Json,
    /// JUnit XML.
    Junit,
    /// Test Anything Protocol, version 14.
    Tap,
}

/// A whole run.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What was tried.
    pub identity: &'a Identity,
    /// Seed of everything that was random.
    pub seed: u64,
    /// What came of each case.
    pub outcomes: &'a [Outcome],
    /// Whether only failures are shown; all are counted.
    pub only_failed: bool,
}

impl Report<'_> {
    /// How many cases came to a status.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.status == status).count()
    }

    /// Whether no case failed.
    #[must_use]
    pub fn conforms(&self) -> bool {
        !self.outcomes.iter().any(|outcome| outcome.status.is_failure())
    }

    /// What is shown of the outcomes.
    fn shown(&self) -> impl Iterator<Item = &Outcome> {
        let only_failed = self.only_failed;
        self.outcomes.iter().filter(move |outcome| !only_failed || outcome.status.is_failure())
    }

    /// Everything as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let count = |status: Status| (status.as_str().to_owned(), json!(self.count(status)));
        let summary: serde_json::Map<_, _> = Status::ALL.into_iter().map(count).collect();
        json!({
            "conformance": kit::VERSION,
            "subject": self.identity,
            "seed": self.seed,
            "conforms": self.conforms(),
            "summary": summary,
            "cases": self.shown().collect::<Vec<_>>(),
        })
    }
}
