// SPDX-License-Identifier: MIT OR Apache-2.0
//! What outcomes look like in each format.

use assay_conformance::case::{About, Clause, Outcome, Status};
use assay_conformance::kit;
use assay_conformance::output::{self, junit, summary, tap, Report};
use assay_conformance::subject::Identity;
use serde_json::json;

fn outcome(id: &'static str, status: Status, message: &str) -> Outcome {
    let clause = Clause { place: "contract, Files", words: "A file \"opens\"." };
    let about = About { subject: "plugin", id, group: "library", description: "It opens.", clause };
    Outcome { about, status, message: message.into(), duration_ms: 150 }
}

fn outcomes() -> [Outcome; 4] {
    [
        outcome("a", Status::Success, ""),
        outcome("b", Status::Crashed, "signal 6 <at> \"flat\"\nand more"),
        outcome("c", Status::Skipped, "no # file"),
        outcome("d", Status::Warning, "silent"),
    ]
}

fn identity() -> Identity {
    Identity::Plugin { file: "x&y.so".into(), sha256: "ab".into() }
}

#[test]
fn each_format_has_the_version_the_seed_and_every_case() {
    let (identity, outcomes) = (identity(), outcomes());
    let report = Report { identity: &identity, seed: 77, outcomes: &outcomes, only_failed: false };
    for text in [summary(&report), report.json().to_string(), junit(&report), tap(&report)] {
        assert!(text.contains("77") && text.contains(kit::VERSION), "{text}");
    }
    let expected =
        "1 success, 1 crashed, 1 skipped, 1 warning in 0.6 s; conformance 1.0, seed 77\n";
    assert_eq!(summary(&report), expected);
}

#[test]
fn failures_alone_are_shown_and_all_are_counted() {
    let (identity, outcomes) = (identity(), outcomes());
    let report = Report { identity: &identity, seed: 7, outcomes: &outcomes, only_failed: true };
    let json = report.json();
    assert_eq!((&json["conforms"], &json["summary"]["success"]), (&json!(false), &json!(1)));
    assert_eq!(json["cases"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["cases"][0]["clause"]["place"], "contract, Files");
    assert_eq!(tap(&report).lines().nth(2), Some("1..1"));
    // A test that is counted is there.
    let counts = "tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\"";
    assert!(junit(&report).contains(counts));
}

#[test]
fn message_and_clause_stand_below_a_case_that_failed() {
    let text = output::outcome(&outcomes()[1]);
    let expected = format!(
        "crashed  {:<34} It opens.\n         signal 6 <at> \"flat\"\n         and more\n         \
         contract, Files: \u{201c}A file \"opens\".\u{201d}\n",
        "b"
    );
    assert_eq!(text, expected);
    assert_eq!(output::outcome(&outcomes()[0]).lines().count(), 1);
}

#[test]
fn tap_says_what_the_protocol_wants() {
    let (identity, outcomes) = (identity(), outcomes());
    let report = Report { identity: &identity, seed: 7, outcomes: &outcomes, only_failed: false };
    let text = tap(&report);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "TAP version 14");
    assert_eq!(lines[1], "# conformance 1.0, x&y.so, seed 7");
    assert_eq!(lines[2..5], ["1..4", "ok 1 - a: It opens.", "not ok 2 - b: It opens."]);
    assert!(text.contains("  message: \"signal 6 <at> \\\"flat\\\"\\nand more\"\n"), "{text}");
    assert!(text.contains("ok 3 - c: It opens. # SKIP no \\# file\n"), "{text}");
    assert!(text.contains("ok 4 - d: It opens.\n"), "{text}");
}

#[test]
fn junit_tells_failures_from_crashes_and_skips_and_holds_any_text() {
    let (identity, outcomes) = (identity(), outcomes());
    let report = Report { identity: &identity, seed: 7, outcomes: &outcomes, only_failed: false };
    let text = junit(&report);
    let counts = "tests=\"4\" failures=\"0\" errors=\"1\" skipped=\"1\"";
    assert!(text.contains(counts), "{text}");
    assert!(text.contains("<property name=\"seed\" value=\"7\"/>"), "{text}");
    assert!(text.contains("signal 6 &lt;at&gt; &quot;flat&quot;&#10;and more"), "{text}");
    assert!(!text.contains("x&y"), "{text}");
}
