// SPDX-License-Identifier: MIT OR Apache-2.0
//! For people.

use std::fmt::Write as _;

use super::Report;
use crate::case::{Outcome, Status};
use crate::kit;

/// One outcome: a line, and below it what was found and the clause where that is not all well.
#[must_use]
pub fn outcome(outcome: &Outcome) -> String {
    let word = if outcome.status == Status::Success { "ok" } else { outcome.status.as_str() };
    let about = &outcome.about;
    let mut text = format!("{word:<8} {:<34} {}\n", about.id, about.description);
    for line in outcome.message.lines() {
        let _ = writeln!(text, "         {line}");
    }
    if outcome.status.is_failure() || outcome.status == Status::Warning {
        let _ = writeln!(text, "         {}", about.clause);
    }
    text
}

/// The last line: how many of each, and the seed to repeat them.
#[must_use]
pub fn summary(report: &Report<'_>) -> String {
    let counts = Status::ALL.into_iter().map(|status| (report.count(status), status.as_str()));
    let counts = counts.filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts.map(|(count, word)| format!("{count} {word}")).collect();
    let total: u64 = report.outcomes.iter().map(|outcome| outcome.duration_ms).sum();
    let (counts, seconds) = (counts.join(", "), total as f64 / 1000.0);
    let (version, seed) = (kit::VERSION, report.seed);
    format!("{counts} in {seconds:.1} s; conformance {version}, seed {seed}\n")
}
