// SPDX-License-Identifier: MIT OR Apache-2.0
//! Each way to break the contract is caught by the case that is about it.

use super::support::{library, runner};

/// Behaviour of the faulty detector, the case that must catch it, its status, part of its message.
const FAULTS: &[(&str, &str, &str, &str)] = &[
    ("panic", "photos", "failed", "a panic on demand"),
    ("abort", "photos", "crashed", "SIGABRT) at: JPEG quality 90"),
    ("hang", "photos", "crashed", "no answer within 4 s at: JPEG quality 90"),
    ("stubborn", "cancellation", "failed", "expected an answer within 2 s"),
    ("nan", "photos", "failed", "NaN"),
    ("above_one", "photos", "failed", "1.5"),
    ("heatmap_size", "photos", "failed", "heatmap"),
    ("long_detail", "photos", "failed", "detail"),
    ("empty_reason", "photos", "failed", "reason must not be empty"),
    ("leak", "no-leak-in-calls", "failed", "expected at most 4096 KiB more memory"),
    ("random", "repeats", "failed", "answered"),
    ("random", "threads", "failed", "answered"),
    ("reads_padding", "row-padding", "failed", "rows followed by"),
];

#[test]
fn each_fault_is_caught_by_its_case() {
    let faulty = library("assay_faulty").display().to_string();
    for (behaviour, case, status, message) in FAULTS {
        let timeout = if *behaviour == "hang" { "4" } else { "60" };
        let arguments =
            ["plugin", &faulty, "--case", case, "--format", "json", "--timeout", timeout];
        let sound = runner(&arguments, Some("sound"));
        assert_eq!((sound.code, sound.case(case).0.as_str()), (0, "success"), "{}", sound.out);
        let run = runner(&arguments, Some(behaviour));
        assert_eq!(run.code, 1, "{behaviour}: {}", run.out);
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
        let run = runner(&["plugin", &path, "--format", "json"], None);
        assert_eq!(run.code, 1, "{path}");
        let (status, found) = run.case("opens");
        assert_eq!(status, "failed", "{path}: {found}");
        assert!(found.contains(message) && found.contains(&path), "{found}");
        // What needs an opened library cannot be decided, and is not passed.
        assert_eq!(run.case("photos").0, "skipped", "{path}");
    }
}
