// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the runner prints and how it exits.

use super::support::{library, runner};

#[test]
fn wrong_usage_exits_with_2_and_names_what_is_wrong() {
    let faulty = library("assay_faulty").display().to_string();
    let cases: [(&[&str], &str); 10] = [
        (&[], "Usage"),
        (&["plugin"], "PATH"),
        (&["plugin", "no-such.so"], "no-such.so: no such file"),
        (&["plugin", &faulty, "--case", "photo"], "no case `photo`; known: any-picture, "),
        (&["plugin", &faulty, "--group", "photos"], "no group `photos`; known: evidence, "),
        (&["plugin", &faulty, "--case", "opens", "--badge", "b.json"], "--badge"),
        (&["plugin", &faulty, "--verify", "no.json"], "no.json"),
        (
            &["deployment", "--key", "a", "--base-url", "file:///v1"],
            "expected an http or https address",
        ),
        (
            &["deployment", "--key", "a", "--base-url", "http://a.example", "--case", "photos"],
            "no case",
        ),
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
    assert!(lines[3].contains("plugin contract, What a detector must keep: "), "{}", run.out);
    assert!(lines[4].starts_with("1 success, 1 failed"), "{}", run.out);
    assert!(lines[4].ends_with("conformance 1.0, seed 1"), "{}", run.out);

    let failed = [&["plugin", faulty.as_str(), "--only-failed"], &chosen[..]].concat();
    let run = runner(&failed, Some("nan"));
    assert!(!run.out.contains("opens"), "{}", run.out);
}

#[test]
fn every_case_is_listed_with_its_sentence_and_its_clause() {
    let json = runner(&["list", "--format", "json"], None).json();
    let cases = json["cases"].as_array().unwrap();
    assert_eq!(cases.len(), assay_conformance::kit::all().count());
    let text = runner(&["list"], None).out;
    for case in cases {
        let words = [&case["id"], &case["description"]].map(|words| words.as_str().unwrap());
        assert!(words.iter().all(|words| text.contains(words)), "{case}");
        let clause = [&case["clause"]["place"], &case["clause"]["words"]];
        assert!(clause.iter().all(|part| !part.as_str().unwrap().is_empty()), "{case}");
    }
}

#[test]
fn lists_and_runs_take_the_same_choice() {
    let faulty = library("assay_faulty").display().to_string();
    let ids = |json: &serde_json::Value| -> Vec<String> {
        let cases = json["cases"].as_array().unwrap().iter();
        cases.map(|case| case["id"].as_str().unwrap().to_owned()).collect()
    };
    let choice = ["--group", "library", "--case", "parameter-defaults", "--format", "json"];
    let listed = runner(&[&["list", "plugin"], &choice[..]].concat(), None).json();
    let run = runner(&[&["plugin", faulty.as_str()], &choice[..]].concat(), Some("sound")).json();
    assert_eq!(ids(&listed), ids(&run));
    let expected = ["opens", "descriptor", "descriptor-stable", "model-card", "parameter-defaults"];
    assert_eq!(ids(&run), expected);
    assert!(ids(&runner(&["list", "deployment", "--format", "json"], None).json())
        .iter()
        .all(|id| id != "opens"));
}

#[test]
fn every_format_says_what_failed_and_by_which_seed() {
    let faulty = library("assay_faulty").display().to_string();
    let folder = tempfile::tempdir().unwrap();
    let junit = folder.path().join("run.xml").display().to_string();
    for format in ["human", "json", "junit", "tap"] {
        let arguments = [
            "plugin", &faulty, "--case", "photos", "--case", "opens", "--seed", "41", "--format",
            format, "--junit", &junit,
        ];
        let run = runner(&arguments, Some("nan"));
        assert_eq!(run.code, 1, "{format}");
        let file = std::fs::read_to_string(&junit).unwrap();
        for text in [&run.out, &file] {
            for part in ["41", "1.0", "photos", "NaN"] {
                assert!(text.contains(part), "{format}: {part}: {text}");
            }
        }
    }
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
