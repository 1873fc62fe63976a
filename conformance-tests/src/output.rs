// SPDX-License-Identifier: MIT OR Apache-2.0
//! Outcomes and lists as text for people and as JSON.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{json, Value};

use crate::case::{Outcome, Status};
use crate::plugin::cases;

/// The cases as text, a group at a time.
#[must_use]
pub fn list_text() -> String {
    let mut text = String::new();
    let mut group = None;
    for case in cases() {
        if group.replace(case.group) != Some(case.group) {
            let _ = writeln!(text, "{}", case.group.as_str());
        }
        let _ = writeln!(text, "  {:<24} {}", case.id, case.description);
    }
    text
}

/// The cases as JSON.
#[must_use]
pub fn list_json() -> Value {
    let case = |case: &crate::case::Case| json!({ "id": case.id, "group": case.group, "description": case.description });
    json!(cases().map(case).collect::<Vec<_>>())
}

/// One outcome as text: a line, and its message below.
#[must_use]
pub fn outcome_text(outcome: &Outcome) -> String {
    let word = match outcome.status {
        Status::Success => "ok",
        other => other.as_str(),
    };
    let mut text = format!("{word:<8} {:<24} {}\n", outcome.id, outcome.description);
    for line in outcome.message.lines() {
        let _ = writeln!(text, "         {line}");
    }
    text
}

/// The last line: how many of each, and the seed to repeat them.
#[must_use]
pub fn summary_text(outcomes: &[Outcome], seed: u64) -> String {
    let mut parts = Vec::new();
    for status in STATUSES {
        let count = outcomes.iter().filter(|outcome| outcome.status == status).count();
        if count > 0 {
            parts.push(format!("{count} {}", status.as_str()));
        }
    }
    let total: u64 = outcomes.iter().map(|outcome| outcome.duration_ms).sum();
    format!("{} in {:.1} s; seed {seed}\n", parts.join(", "), total as f64 / 1000.0)
}

/// Everything as JSON.
#[must_use]
pub fn report_json(path: &Path, outcomes: &[Outcome], shown: &[Outcome], seed: u64) -> Value {
    let count = |status| outcomes.iter().filter(|outcome| outcome.status == status).count();
    let summary: serde_json::Map<_, _> = STATUSES
        .into_iter()
        .map(|status| (status.as_str().to_owned(), json!(count(status))))
        .collect();
    json!({
        "plugin": path.display().to_string(),
        "seed": seed,
        "conforms": !outcomes.iter().any(|outcome| outcome.status.is_failure()),
        "summary": summary,
        "cases": shown,
    })
}

const STATUSES: [Status; 5] =
    [Status::Success, Status::Failed, Status::Crashed, Status::Skipped, Status::Warning];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Group;

    fn outcome(id: &str, status: Status, message: &str) -> Outcome {
        Outcome {
            id: id.into(),
            group: Group::Library,
            description: "It opens.".into(),
            status,
            message: message.into(),
            duration_ms: 150,
        }
    }

    #[test]
    fn summary_counts_each_status_once() {
        let outcomes = [
            outcome("a", Status::Success, ""),
            outcome("b", Status::Crashed, "signal 6"),
            outcome("c", Status::Success, ""),
        ];
        assert_eq!(summary_text(&outcomes, 7), "2 success, 1 crashed in 0.5 s; seed 7\n");
        let json = report_json(Path::new("x.so"), &outcomes, &outcomes[1..2], 7);
        assert_eq!((&json["conforms"], &json["summary"]["success"]), (&json!(false), &json!(2)));
        assert_eq!(json["cases"][0]["message"], "signal 6");
    }

    #[test]
    fn message_stands_below_its_case() {
        let text = outcome_text(&outcome("opens", Status::Failed, "no such file\nbuild it"));
        let expected = "failed   opens                    It opens.\n         no such file\n         build it\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn list_has_every_case_under_its_group_once() {
        let text = list_text();
        assert_eq!(text.lines().filter(|line| line.starts_with("  ")).count(), cases().count());
        assert_eq!(text.lines().filter(|line| *line == "limits").count(), 1);
    }
}
