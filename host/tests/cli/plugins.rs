// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay plugins`, and what becomes of libraries that cannot be loaded.

use crate::support::{library, photo, shipped, Bench};

/// Files that are no usable plugin, each with a part of its error.
fn bad_files(bench: &Bench) -> Vec<(String, &'static str)> {
    let whole = std::fs::read(library("assay_noise")).unwrap();
    let built = |name: &str| library(name).display().to_string();
    vec![
        (bench.path("missing.so").display().to_string(), "no such file"),
        (bench.write("text.so", "no library"), "expected a dynamic library"),
        (bench.write("cut.so", &whole[..whole.len() * 2 / 3]), "cut short"),
        (built("assay_not_a_plugin"), "expected the exported symbol ASSAY_PLUGIN_CONTRACT"),
        (built("assay_other_version"), "built against plugin contract 2.0.0, expected 1."),
        (built("assay_other_layout"), "memory layout differs"),
    ]
}

fn slot(model: &str, result_key: &str, path: &str) -> String {
    format!(
        "[[plugin]]\nmodel = \"{model}\"\nresult_key = \"{result_key}\"\nlibrary = \"{path}\"\n"
    )
}

#[test]
fn list_has_a_line_for_each_configured_detector() {
    let run = Bench::new().assay(&["plugins", "list"]);
    assert_eq!(run.code, 0, "{}", run.out);
    let models: Vec<_> = run.out.lines().map(|l| l.split_whitespace().next().unwrap()).collect();
    assert_eq!(models, ["gan", "diffusion", "noise", "metadata", "frequency", "splicing"]);
}

#[test]
fn inspect_takes_a_model_or_a_file() {
    let bench = Bench::new();
    let file = library("assay_splicing").display().to_string();
    for name in ["splicing", file.as_str()] {
        let run = bench.assay(&["plugins", "inspect", name]);
        assert_eq!(run.code, 0, "{}", run.err);
        for part in ["Splicing detection (splicing ", "splicing_detection", "contract", "IPOL 2021"]
        {
            assert!(run.out.contains(part), "{part}: {}", run.out);
        }
    }
    let run = bench.assay(&["plugins", "inspect", "splicin"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("known: gan, diffusion"), "{}", run.err);
}

#[test]
fn check_says_of_each_file_whether_it_can_be_loaded() {
    let bench = Bench::new();
    let good = library("assay_gan").display().to_string();
    let run = bench.assay(&["plugins", "check", &good]);
    assert_eq!((run.code, run.out.as_str()), (0, format!("{good}: ok, gan 0.1.0\n").as_str()));
    for (file, expected) in bad_files(&bench) {
        let run = bench.assay(&["plugins", "check", &file, &good]);
        assert_eq!(run.code, 1, "{file}");
        let lines: Vec<_> = run.out.lines().collect();
        assert!(lines[0].starts_with(&file) && lines[0].contains(expected), "{}", run.out);
        assert!(run.out.contains(&format!("{good}: ok")), "{}", run.out);
    }
}

#[test]
fn a_configured_library_that_cannot_be_loaded_is_an_error_before_any_picture() {
    let bench = Bench::new();
    let picture = bench.write("photo.jpg", photo(200, 200, 1));
    for (file, expected) in bad_files(&bench) {
        let config = bench.write("assay.toml", slot("broken", "broken_test", &file));
        let run = bench.assay(&["analyze", "--config", &config, &picture]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{file}");
        assert!(run.err.contains(expected) && run.err.contains(&file), "{}", run.err);
        assert!(run.err.contains("detector `broken`"), "{}", run.err);
    }
}

#[test]
fn a_library_in_no_folder_of_the_search_names_the_folders() {
    let bench = Bench::new();
    let picture = bench.write("photo.jpg", photo(200, 200, 1));
    let config = bench.write(
        "assay.toml",
        "[plugins]\nsearch = [\"here\", \"there\"]\n[[plugin]]\nmodel = \"x\"\nlibrary = \"assay_x\"\n",
    );
    let run = bench.assay(&["analyze", "--config", &config, &picture]);
    assert_eq!(run.code, 2);
    for part in ["libassay_x", "here", "there", "cargo build --workspace"] {
        assert!(run.err.contains(part), "{}", run.err);
    }
}

#[test]
fn two_detectors_of_one_name_are_refused() {
    let bench = Bench::new();
    let picture = bench.write("photo.jpg", photo(200, 200, 1));
    let file = library("assay_plugin_template").display().to_string();
    let same_result = slot("one", "same", &file) + &slot("two", "same", &file);
    let same_model = slot("one", "first", &file) + &slot("one", "second", &file);
    for (text, expected) in
        [(same_result, "result key `same` is taken by"), (same_model, "\"one\"")]
    {
        let config = bench.write("assay.toml", text);
        let run = bench.assay(&["analyze", "--config", &config, &picture]);
        assert_eq!(run.code, 2);
        assert!(run.err.contains(expected), "{}", run.err);
    }
}

#[test]
fn two_builds_of_one_detector_run_side_by_side() {
    let bench = Bench::new();
    let picture = bench.write("photo.jpg", photo(300, 300, 1));
    let built = library("assay_plugin_template");
    // What follows a library's last section is not mapped: another file, the same code.
    let other = [std::fs::read(&built).unwrap(), b"another build".to_vec()].concat();
    let other = bench.write("libother.so", other);
    let slots = slot("one", "first", &built.display().to_string()) + &slot("two", "second", &other);
    let policy = "name = \"two\"\nversion = \"1\"\n[fusion.ai_generated]\nweights = { one = 1 }\n\
                  [fusion.manipulated]\nweights = { two = 1 }\n\
                  [detectors.two.params]\nmin_pixels = 1_000_000\n";
    let (config, policy) = (bench.write("assay.toml", slots), bench.write("two.toml", policy));
    let arguments = ["--config", &config, "--policy", &policy, &picture];
    let models = &bench.results(&arguments)[0]["model_results"];
    assert_ne!(models["first"]["digest"], models["second"]["digest"]);
    // Each has its own parameters.
    assert_eq!(models["first"]["status"], "complete");
    assert_eq!(models["second"]["status"], "not_applicable");
}

#[test]
fn a_pinned_digest_must_be_that_of_the_file() {
    let bench = Bench::new();
    let picture = bench.write("photo.jpg", photo(200, 200, 1));
    let file = library("assay_plugin_template").display().to_string();
    let pinned = slot("one", "first", &file) + &format!("sha256 = \"{}\"\n", "0".repeat(64));
    let config = bench.write("assay.toml", pinned);
    let run = bench.assay(&["analyze", "--config", &config, &picture]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("expected SHA-256 0000") && run.err.contains(&file), "{}", run.err);
}

#[test]
fn shipped_policies_are_found_and_checked() {
    let bench = Bench::new();
    for policy in ["default", "insurance-claims", "content-moderation", "kyc"] {
        let file = shipped(&format!("policies/{policy}.toml")).display().to_string();
        for name in [policy, file.as_str()] {
            let run = bench.assay(&["policy", "check", name]);
            assert_eq!(run.code, 0, "{name}: {}{}", run.out, run.err);
        }
        let run = bench.assay(&["policy", "show", policy]);
        assert!(run.out.contains(&format!("name = \"{policy}\"")), "{}", run.out);
    }
    let wrong = bench.write(
        "wrong.toml",
        "name = \"wrong\"\nversion = \"1\"\nextends = \"default\"\n[verdict]\nmanipulatd = 0.5\n",
    );
    let run = bench.assay(&["policy", "check", &wrong]);
    assert_eq!(run.code, 2, "{}", run.out);
    let said = run.out + &run.err;
    assert!(said.contains("wrong.toml:5:1") && said.contains("manipulated"), "{said}");
}
