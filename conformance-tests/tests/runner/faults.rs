// SPDX-License-Identifier: MIT OR Apache-2.0
//! Each case catches a library that breaks its rule.

use std::collections::BTreeSet;

use super::support::{library, runner};

/// Case, behaviour of the faulty detector that it must catch, status, part of the message.
const FAULTS: &[(&str, &str, &str, &str)] = &[
    ("descriptor", "bad_default", "failed", "default of"),
    ("descriptor-stable", "restless_descriptor", "failed", "two openings gave"),
    ("model-card", "silent_card", "warning", "the card's method"),
    ("parameter-defaults", "refuses_defaults", "failed", "defaults do not please"),
    ("parameter-range-ends", "breaks_at_the_end_of_its_range", "failed", "`strength` = 1"),
    ("parameter-wrong-values", "accepts_anything", "failed", "was accepted"),
    ("photos", "panic", "failed", "a panic on demand"),
    ("photos", "abort", "crashed", "SIGABRT) at: JPEG quality 90"),
    ("photos", "hang", "crashed", "no answer within 4 s at: JPEG quality 90"),
    ("photos", "nan", "failed", "NaN"),
    ("photos", "above_one", "failed", "1.5"),
    ("photos", "heatmap_size", "failed", "heatmap"),
    ("photos", "long_detail", "failed", "detail"),
    ("photos", "empty_reason", "failed", "reason must not be empty"),
    ("grey-pictures", "dislikes_photos", "failed", "grey photo of 384x288 px"),
    ("tiny-pictures", "dislikes_tiny", "failed", "photo of 1x1 px"),
    ("thin-pictures", "dislikes_thin", "failed", "photo of 1x1000 px"),
    ("odd-sizes", "dislikes_odd", "failed", "photo of 99x101 px"),
    ("flat-pictures", "dislikes_flat", "failed", "flat [0, 0, 0]"),
    ("noise-pictures", "dislikes_noise", "failed", "noise of 256x192 px"),
    ("checkerboards", "dislikes_stripes", "failed", "squares of 1 px"),
    ("huge-picture", "dislikes_huge", "failed", "8000x6000 px"),
    ("row-padding", "reads_padding", "failed", "rows followed by"),
    ("missing-evidence", "needs_undeclared", "failed", "photo without `rgb`"),
    ("no-evidence", "always_scores", "failed", "expected NotApplicable without evidence"),
    ("undeclared-evidence", "reads_undeclared", "failed", "does not list"),
    ("any-picture", "dislikes_odd", "failed", "smallest input"),
    ("broken-file", "trusts_files", "failed", "smallest input"),
    ("contradictory-evidence", "trusts_facts", "failed", "a fact that cannot be"),
    ("repeats", "random", "failed", "answered"),
    ("threads", "random", "failed", "answered"),
    ("instances", "counts_detectors", "failed", "of three"),
    ("cancellation", "stubborn", "failed", "expected an answer within 2 s"),
    ("no-leak-in-calls", "leak", "failed", "expected at most 4096 KiB more memory"),
    ("no-leak-in-detectors", "leak_detectors", "failed", "expected at most 4096 KiB more memory"),
];
/// What [`files_that_are_no_plugin_fail_to_open_and_say_why`] shows.
const BY_FILES: &str = "opens";

#[test]
fn every_case_has_a_library_that_it_catches() {
    let caught: BTreeSet<_> = FAULTS.iter().map(|fault| fault.0).chain([BY_FILES]).collect();
    let cases: BTreeSet<_> = assay_conformance::plugin::cases().map(|case| case.id).collect();
    assert_eq!(caught, cases);
}

#[test]
fn the_library_conforms_without_a_fault() {
    let faulty = library("assay_faulty").display().to_string();
    let run = runner(&["plugin", &faulty, "--format", "json", "--only-failed"], Some("sound"));
    let summary = &run.json()["summary"];
    assert_eq!((run.code, &summary["success"]), (0, &29.into()), "{}", run.out);
}

#[test]
fn each_fault_is_caught_by_its_case() {
    let faulty = library("assay_faulty").display().to_string();
    for (case, behaviour, status, message) in FAULTS {
        let timeout = if *behaviour == "hang" { "4" } else { "60" };
        let arguments =
            ["plugin", &faulty, "--case", case, "--format", "json", "--timeout", timeout];
        let run = runner(&arguments, Some(behaviour));
        let code = if *status == "warning" { 0 } else { 1 };
        assert_eq!(run.code, code, "{behaviour}: {}", run.out);
        let (found_status, found_message) = run.case(case);
        assert_eq!(found_status, *status, "{behaviour}: {found_message}");
        assert!(found_message.contains(message), "{behaviour}: {found_message}");
    }
}

#[test]
fn files_that_are_no_plugin_fail_to_open_and_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let whole = std::fs::read(library("assay_faulty")).unwrap();
    let files = [
        (library("assay_not_a_plugin"), "not an Assay plugin"),
        (library("assay_other_version"), "contract 2.0.0"),
        (library("assay_other_layout"), "memory layout differs"),
        (written("text.so", b"no library at all"), "expected a dynamic library"),
        (written("empty.so", b""), "an empty file"),
        (written("half.so", &whole[..whole.len() / 2]), "cut short"),
        (written("header.so", &whole[..40]), "cut short"),
    ];
    for (path, message) in files {
        let path = path.display().to_string();
        let arguments =
            ["plugin", &path, "--case", "opens", "--case", "photos", "--format", "json"];
        let run = runner(&arguments, None);
        assert_eq!(run.code, 1, "{path}");
        let (status, found) = run.case("opens");
        assert_eq!(status, "failed", "{path}: {found}");
        assert!(found.contains(message) && found.contains(&path), "{found}");
        // What needs an opened library cannot be decided, and is not passed.
        assert_eq!(run.case("photos").0, "skipped", "{path}");
    }
}
