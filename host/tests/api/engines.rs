// SPDX-License-Identifier: MIT OR Apache-2.0
//! PostgreSQL in the place of the file: these tests again, and what only several hosts can show.

use std::process::Command;

use crate::cluster::cluster;

/// The parts of these tests that meet the store.
const PARTS: [&str; 11] = [
    "admin::",
    "audit::",
    "batches::",
    "cache::",
    "claims::",
    "crash::",
    "keys::",
    "rate_limits::",
    "replay::",
    "reporting::",
    "webhooks::",
];
/// What is about the file.
const ONLY_FILES: [&str; 1] = ["acts_of_earlier_versions_are_taken_over"];

#[test]
fn what_holds_on_a_file_holds_on_a_server() {
    let (Some(server), None) = (cluster(), crate::database::server()) else { return };
    let mut tests = Command::new(std::env::current_exe().unwrap());
    tests.env("ASSAY_TEST_DATABASE", server).args(PARTS);
    for name in ONLY_FILES {
        tests.args(["--skip", name]);
    }
    let done = tests.args(["--skip", "engines::", "--test-threads", "2"]).output().unwrap();
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{text}\n{}", String::from_utf8_lossy(&done.stderr));
    let number = text.lines().filter(|line| line.ends_with("... ok")).count();
    assert!(number > 60, "{number} tests, of which there are more: {text}");
}
