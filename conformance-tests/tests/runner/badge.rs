// SPDX-License-Identifier: MIT OR Apache-2.0
//! Badges: who gets one, what it says, and that it can be checked again.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::support::{library, runner, Run};

/// A library that the cases take little time with, at `name` below a folder.
fn copied(folder: &Path, name: &str) -> PathBuf {
    let to = folder.join(name);
    std::fs::copy(library("assay_plugin_template"), &to).unwrap();
    to
}

fn run(library: &Path, option: &str, badge: &Path, faulty: Option<&str>) -> Run {
    let [library, badge] = [library, badge].map(|path| path.display().to_string());
    runner(&["plugin", &library, option, &badge, "--format", "tap"], faulty)
}

#[test]
fn a_badge_says_what_passed_and_holds_for_that_build_alone() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = copied(folder.path(), "libown.so");
    let file = folder.path().join("own.json");
    let given = run(&plugin, "--badge", &file, None);
    assert_eq!(given.code, 0, "{}{}", given.out, given.err);
    let badge: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!((&badge["conformance"], &badge["seed"]), (&"1.0".into(), &1.into()));
    assert_eq!((&badge["passed"], &badge["warnings"]), (&29.into(), &0.into()));
    assert_eq!(badge["cases_sha256"], assay_conformance::kit::cases_sha256());
    let digest = assay_conformance::kit::sha256(&std::fs::read(&plugin).unwrap());
    assert_eq!(
        (&badge["subject"]["kind"], &badge["subject"]["sha256"]),
        (&"plugin".into(), &digest.into())
    );
    assert!(badge["date"].as_str().unwrap().ends_with('Z'));
    let picture = std::fs::read_to_string(file.with_extension("svg")).unwrap();
    assert!(picture.contains("conformance 1.0") && picture.contains("29 cases"), "{picture}");

    // The same build elsewhere.
    let again = run(&copied(folder.path(), "libelsewhere.so"), "--verify", &file, None);
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);

    // What follows a library's last section is not mapped: another file, the same code.
    let mut bytes = std::fs::read(&plugin).unwrap();
    bytes.extend(b"another build");
    std::fs::write(&plugin, bytes).unwrap();
    let other = run(&plugin, "--verify", &file, None);
    assert_eq!((other.code, other.out.as_str()), (1, ""));
    assert!(other.err.contains("the badge is of another build"), "{}", other.err);
    for (part, by, message) in [
        ("\"1.0\"", "\"0.9\"", "another version of the kit: expected 0.9, found 1.0"),
        ("\"seed\"", "\"sed\"", "no badge: unknown field"),
    ] {
        let text = std::fs::read_to_string(&file).unwrap().replace(part, by);
        let changed = folder.path().join("changed.json");
        std::fs::write(&changed, text).unwrap();
        let run = run(&plugin, "--verify", &changed, None);
        assert!(run.code != 0 && run.err.contains(message), "{}", run.err);
    }
}

#[test]
fn who_fails_one_case_gets_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none.json");
    // It does not open, so that little else is tried.
    let run = run(&library("assay_not_a_plugin"), "--badge", &file, None);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("no badge: opens failed, descriptor skipped"), "{}", run.err);
    assert!(!file.exists() && !file.with_extension("svg").exists());
}
