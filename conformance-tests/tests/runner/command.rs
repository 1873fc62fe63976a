// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the runner prints and how it exits.

use super::support::{library, runner};

#[test]
fn wrong_usage_exits_with_2_and_names_what_is_wrong() {
    let faulty = library("assay_faulty").display().to_string();
    let cases: [(&[&str], &str); 5] = [
        (&[], "Usage"),
        (&["plugin"], "PATH"),
        (&["plugin", "no-such.so"], "no-such.so: no such file"),
        (&["plugin", &faulty, "--case", "photo"], "photos"),
        (&["plugin", &faulty, "--timeout", "0"], "--timeout"),
    ];
    for (arguments, expected) in cases {
        let run = runner(arguments, None);
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(run.err.contains(expected), "{arguments:?}: {}", run.err);
    }
}

#[test]
fn people_see_a_line_a_case_and_a_count_at_the_end() {
    let faulty = library("assay_faulty").display().to_string();
    let chosen = ["--case", "opens", "--case", "photos"];
    let run = runner(&[&["plugin", faulty.as_str()], &chosen[..]].concat(), Some("nan"));
    assert_eq!(run.code, 1);
    let lines: Vec<_> = run.out.lines().collect();
    assert!(lines[0].starts_with("ok       opens"), "{}", run.out);
    assert!(lines[1].starts_with("failed   photos"), "{}", run.out);
    assert!(lines[2].starts_with("         JPEG quality 90: "), "{}", run.out);
    assert!(lines[3].starts_with("1 success, 1 failed"), "{}", run.out);

    let failed = [&["plugin", faulty.as_str(), "--only-failed"], &chosen[..]].concat();
    let run = runner(&failed, Some("nan"));
    assert!(!run.out.contains("opens"), "{}", run.out);
}

#[test]
fn every_case_is_listed() {
    let json = runner(&["list", "--format", "json"], None).json();
    let listed = json.as_array().unwrap().len();
    assert_eq!(listed, assay_conformance::plugin::cases().count());
    let text = runner(&["list"], None).out;
    assert!(json
        .as_array()
        .unwrap()
        .iter()
        .all(|case| text.contains(case["id"].as_str().unwrap())));
}

#[test]
fn in_process_runs_need_no_child() {
    let faulty = library("assay_faulty").display().to_string();
    let arguments = ["plugin", &faulty, "--in-process", "--case", "photos", "--format", "json"];
    let run = runner(&arguments, Some("above_one"));
    assert_eq!((run.code, run.case("photos").0.as_str()), (1, "failed"));
}

#[test]
fn synthetic_pictures_are_written_where_asked() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("new/set").display().to_string();
    let run = runner(&["synth", &to, "--seed", "4"], None);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(std::fs::read_dir(&to).unwrap().count(), run.out.lines().count());
    let taken = folder.path().join("file");
    std::fs::write(&taken, "here already").unwrap();
    let run = runner(&["synth", &taken.display().to_string()], None);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("cannot be written"), "{}", run.err);
}
