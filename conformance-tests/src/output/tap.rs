// SPDX-License-Identifier: MIT OR Apache-2.0
//! The Test Anything Protocol, version 14: <https://testanything.org/tap-version-14-specification.html>.

use std::fmt::Write as _;

use serde_json::Value;

use super::Report;
use crate::case::Status;
use crate::kit;

/// Everything as TAP.
#[must_use]
pub fn tap(report: &Report<'_>) -> String {
    let name = one_line(report.identity.name());
    let mut text = format!(
        "TAP version 14\n# conformance {}, {name}, seed {}\n1..{}\n",
        kit::VERSION,
        report.seed,
        report.shown().count()
    );
    for (outcome, number) in report.shown().zip(1..) {
        let about = &outcome.about;
        let verdict = if outcome.status.is_failure() { "not ok" } else { "ok" };
        let _ = write!(
            text,
            "{verdict} {number} - {}: {}",
            about.id,
            escaped(&one_line(about.description))
        );
        let _ = match outcome.status {
            Status::Skipped => writeln!(text, " # SKIP {}", escaped(&one_line(&outcome.message))),
            _ => writeln!(text),
        };
        if !matches!(outcome.status, Status::Success | Status::Skipped) {
            // A JSON text is a YAML one.
            let quoted = |text: &str| Value::from(text).to_string();
            let _ = writeln!(text, "  ---\n  status: {}", outcome.status.as_str());
            let _ = writeln!(text, "  message: {}", quoted(&outcome.message));
            let _ = writeln!(text, "  clause: {}", quoted(&about.clause.to_string()));
            let _ = writeln!(text, "  duration_ms: {}\n  ...", outcome.duration_ms);
        }
    }
    text
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A description in which nothing is taken for a directive.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('#', "\\#")
}
