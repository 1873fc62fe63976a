// SPDX-License-Identifier: MIT OR Apache-2.0
//! A detector that attacks costs its own answer and reaches nothing; what is sound says the same in a
//! process of its own as in the host's.

use assay_conformance::synth::codec::Jpeg;
use assay_conformance::synth::{Camera, Scene};
use serde_json::Value;

use crate::support::{library, photo, png, shipped, Bench};

/// The shipped detectors and a hostile seventh that attacks as a policy says.
fn with_hostile(bench: &Bench, attack: &str, file: &str) -> (String, String) {
    let config = std::fs::read_to_string(shipped("assay.toml")).unwrap();
    let hostile = library("assay_hostile").display().to_string();
    let slot = format!("\n[[plugin]]\nmodel = \"hostile\"\nlibrary = \"{hostile}\"\n");
    let policy = format!(
        "name = \"trial\"\nversion = \"1\"\nextends = \"default\"\n\
         [detectors.hostile]\ndeadline_ms = 3000\n\
         params = {{ attack = \"{attack}\", file = \"{file}\" }}\n"
    );
    (bench.write("assay.toml", config + &slot), bench.write("trial.toml", policy))
}

/// The hostile detector's part of the answer, after checking that another one has answered.
fn attack(bench: &Bench, attack: &str, file: &str) -> Value {
    let (config, policy) = with_hostile(bench, attack, file);
    let picture = bench.write("photo.jpg", photo(300, 240, 3));
    let arguments =
        ["--config", &config, "--policy", &policy, "--models", "frequency,hostile", &picture];
    let result = bench.results(&arguments).remove(0);
    assert_eq!(result["status"], "complete", "{attack}: {result}");
    let other = &result["model_results"]["frequency_analysis"];
    assert_eq!(other["status"], "complete", "{attack}: {result}");
    result["model_results"]["hostile_test"].clone()
}

fn detail(bench: &Bench, name: &str, file: &str) -> String {
    let found = attack(bench, name, file);
    assert_eq!(found["status"], "complete", "{name}: {found}");
    found["detail"].as_str().unwrap().to_owned()
}

#[test]
fn an_attack_ends_its_own_process_and_is_told_as_what_it_was() {
    let bench = Bench::new();
    let attacks = [
        ("segfault", "error", "SIGSEGV"),
        ("overflow", "error", "SIG"),
        ("allocate", "error", "SIGABRT"),
        ("abort", "error", "SIGABRT"),
        ("exit", "error", "ended by itself"),
        ("spin", "timeout", "overran its deadline"),
        ("forge", "error", "broke the protocol"),
        ("flood", "error", "broke the protocol"),
        ("huge_report", "error", "which is too long"),
        ("write_picture", "error", "SIGSEGV"),
    ];
    for (name, status, told) in attacks {
        let found = attack(&bench, name, "");
        assert_eq!(found["status"], status, "{name}: {found}");
        assert_eq!(found["score"], Value::Null, "{name}");
        let text = found["detail"].as_str().unwrap();
        assert!(text.contains(told) && text.len() < 5_000, "{name}: {text}");
    }
}

#[test]
fn nothing_outside_the_process_can_be_reached() {
    let bench = Bench::new();
    let doctor = bench.assay(&["doctor"]);
    let (no_calls, no_files) =
        (doctor.out.contains("seccomp missing"), doctor.out.contains("landlock missing"));
    // A kernel without one of them is told of, and what the other does holds.
    assert_eq!(doctor.code == 0, !no_calls && !no_files, "{}{}", doctor.out, doctor.err);
    let by_calls = ["process", "kill_host", "tcp", "udp", "listen", "unix"];
    for name in by_calls.into_iter().filter(|_| !no_calls) {
        let told = detail(&bench, name, "");
        assert!(told.starts_with("refused: "), "{name}: {told}");
    }
    let own = bench.write("own.txt", "mine");
    let by_files = ["read_secret", "trace_host", "write_file"];
    for name in by_files.into_iter().filter(|_| !no_files) {
        let told = detail(&bench, name, &own);
        assert!(told.starts_with("refused: "), "{name}: {told}");
    }
    assert!(no_files || std::fs::read_to_string(&own).unwrap() == "mine");
    let told = detail(&bench, "unseal_picture", "");
    assert!(told.starts_with("refused: "), "{told}");
    assert_eq!(detail(&bench, "environment", ""), "environment: ");
    assert_eq!(detail(&bench, "print", ""), "done");
    // The standard three, the channel, the library twice, the picture.
    let told = detail(&bench, "descriptors", "");
    let open = told.strip_prefix("descriptors: ").unwrap().split(' ').count();
    assert!(open <= 10, "{told}");
}

#[test]
fn a_file_that_the_policy_names_can_be_read() {
    let bench = Bench::new();
    let own = bench.write("own.txt", "mine");
    // Also by its name in the folder that the program was started in.
    for name in [own.as_str(), "own.txt"] {
        assert_eq!(detail(&bench, "read_own_file", name), "done: it worked", "{name}");
    }
}

#[test]
fn a_detector_that_crashes_on_every_picture_is_left_alone_for_a_while() {
    let bench = Bench::new();
    let (config, policy) = with_hostile(&bench, "segfault", "");
    let files: Vec<_> =
        (0..6).map(|i| bench.write(&format!("{i}.jpg"), photo(200, 200, i))).collect();
    let mut arguments = vec!["--config", &config, "--policy", &policy, "-j", "1"];
    arguments.extend(["--models", "frequency,hostile"]);
    arguments.extend(files.iter().map(String::as_str));
    let results = bench.results(&arguments);
    let told: Vec<_> = results
        .iter()
        .map(|result| result["model_results"]["hostile_test"]["detail"].as_str().unwrap())
        .collect();
    assert!(told[..3].iter().all(|text| text.contains("SIGSEGV")), "{told:#?}");
    assert!(told[3].contains("failed 3 times in a row"), "{told:#?}");
}

/// What does not depend on when it was computed.
fn lasting(mut result: Value) -> Value {
    let object = result.as_object_mut().unwrap();
    object.retain(|name, _| {
        !["request_id", "processed_at", "processing_time_ms"].contains(&name.as_str())
    });
    for (_, model) in result["model_results"].as_object_mut().unwrap() {
        model.as_object_mut().unwrap().remove("duration_ms");
    }
    result
}

#[test]
fn results_are_the_same_in_processes_of_their_own() {
    let bench = Bench::new();
    let text = std::fs::read_to_string(shipped("assay.toml")).unwrap();
    let apart = text.replace("isolation = \"auto\"", "isolation = \"process\"");
    assert_ne!(apart, text);
    let apart = bench.write("apart.toml", apart);
    let shot = Camera::with_body(7).shoot(&Scene::new(7).light(640, 480), 7);
    let jpeg = bench.write("a.jpg", Jpeg::quality(90).encode(&shot).unwrap());
    let mut files = vec![jpeg, bench.write("b.png", png(320, 256))];
    // Pictures of one size, which lie one after the other in the same memory.
    files.extend((0..4).map(|i| bench.write(&format!("{i}.jpg"), photo(300 - i, 240, i))));
    let files: Vec<_> = files.iter().map(String::as_str).collect();
    let run = |more: &[&str]| -> Vec<_> {
        let claimed = ["--claimed-at", "2024-05-01", "-j", "2"];
        let arguments = [&claimed, more, &files[..]].concat();
        bench.results(&arguments).into_iter().map(lasting).collect()
    };
    let here = run(&[]);
    assert_eq!(here, run(&["--config", &apart]));
    // Decoded here, lent from here.
    let apart = std::fs::read_to_string(&apart).unwrap();
    let (detectors, decoder) = apart.split_once("[decoder]").unwrap();
    let decoder = decoder.replacen("\"process\"", "\"none\"", 1);
    let detectors = bench.write("detectors.toml", format!("{detectors}[decoder]{decoder}"));
    assert_eq!(here, run(&["--config", &detectors]));
    assert_eq!(here.len(), files.len());
}

#[test]
fn decoding_that_takes_too_long_ends_with_the_file_named() {
    let bench = Bench::new();
    let text = std::fs::read_to_string(shipped("assay.toml")).unwrap();
    let hasty = text.replace("[decoder]\n", "[decoder]\ntimeout_ms = 1\n");
    let hasty = bench.write("hasty.toml", hasty.replace("\"auto\"", "\"process\""));
    let large = bench.write("large.png", png(3_000, 2_000));
    let found = bench.results(&["--config", &hasty, &large]).remove(0);
    assert_eq!(found["error"]["code"], "IMAGE_CORRUPT", "{found}");
    let message = found["error"]["message"].as_str().unwrap();
    assert!(message.contains("PNG file cannot be decoded: it takes longer than 1 ms"), "{message}");
}

#[test]
fn a_worker_is_not_started_by_hand() {
    let run = Bench::new().assay(&["apart"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("started by the program itself"), "{}", run.err);
}
