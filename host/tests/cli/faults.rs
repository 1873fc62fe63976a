// SPDX-License-Identifier: MIT OR Apache-2.0
//! A detector that fails takes neither the others nor the process down, and never helps a picture.

use std::time::{Duration, Instant};

use assay_conformance::synth::codec::Jpeg;
use assay_conformance::synth::{Camera, Scene};
use serde_json::Value;

use crate::support::{library, photo, shipped, Bench};

/// Thresholds below which an ordinary picture is authentic, and a detector that failed could lift it
/// above.
const LENIENT: &str = "[verdict]\nai_generated = 0.7\nmanipulated = 0.7\nauthentic_below = 0.6\n";

/// The shipped detectors and a faulty seventh, under a lenient policy in which it weighs.
fn with_faulty(bench: &Bench, behaviour: &str, more: &str) -> (String, String) {
    let config = std::fs::read_to_string(shipped("assay.toml")).unwrap();
    let faulty = library("assay_faulty").display().to_string();
    let slot = format!("\n[[plugin]]\nmodel = \"faulty\"\nlibrary = \"{faulty}\"\n");
    let policy = format!(
        "name = \"trial\"\nversion = \"1\"\nextends = \"default\"\n{LENIENT}{more}\n\
         [fusion.manipulated]\nweights = {{ faulty = 0.4 }}\n\
         [detectors.faulty]\ndeadline_ms = 700\nparams = {{ behaviour = \"{behaviour}\" }}\n"
    );
    (bench.write("assay.toml", config + &slot), bench.write("trial.toml", policy))
}

fn analyse(bench: &Bench, behaviour: &str, more: &str) -> Value {
    let (config, policy) = with_faulty(bench, behaviour, more);
    let picture = Camera::with_body(3).shoot(&Scene::new(3).light(400, 320), 3);
    let file = bench.write("photo.jpg", Jpeg::quality(92).encode(&picture).unwrap());
    bench.results(&["--config", &config, "--policy", &policy, &file]).remove(0)
}

fn reasons(result: &Value) -> Vec<&str> {
    let reasons = result["verdict"]["reasons"].as_array().unwrap().iter();
    reasons.map(|reason| reason["code"].as_str().unwrap()).collect()
}

#[test]
fn a_sound_detector_lets_the_picture_be_authentic() {
    let result = analyse(&Bench::new(), "sound", "");
    assert_eq!(result["model_results"]["faulty_test"]["score"], 0.5);
    assert_eq!(result["verdict"]["label"], "AUTHENTIC", "{result}");
}

#[test]
fn each_fault_is_reported_in_its_place_and_the_others_answer() {
    let bench = Bench::new();
    let faults = [
        ("panic", "error", "panicked: a panic on demand"),
        ("hang", "timeout", "overran its deadline"),
        ("nan", "error", "NaN"),
        ("above_one", "error", "1.5"),
        ("heatmap_size", "error", "heatmap"),
        ("long_detail", "error", "detail"),
    ];
    for (behaviour, status, detail) in faults {
        let result = analyse(&bench, behaviour, "");
        let models = result["model_results"].as_object().unwrap();
        assert_eq!(models.len(), 7);
        for (key, model) in models.iter().filter(|(key, _)| *key != "faulty_test") {
            let status = model["status"].as_str().unwrap();
            assert!(
                ["complete", "not_applicable"].contains(&status),
                "{behaviour}: {key}: {model}"
            );
        }
        let faulty = &models["faulty_test"];
        assert_eq!(faulty["status"], status, "{behaviour}: {faulty}");
        assert_eq!(faulty["score"], Value::Null, "{behaviour}");
        assert_eq!(faulty["label"], "INCONCLUSIVE", "{behaviour}");
        let found = faulty["detail"].as_str().unwrap();
        assert!(found.contains(detail) && found.len() < 5_000, "{behaviour}: {found}");
        // The same picture is AUTHENTIC when the detector keeps the contract.
        assert_eq!(result["verdict"]["label"], "INCONCLUSIVE", "{behaviour}: {result}");
        assert!(reasons(&result).contains(&"inconclusive.fault"), "{behaviour}: {result}");
    }
}

#[test]
fn a_required_detector_that_fails_leaves_no_verdict() {
    let result = analyse(&Bench::new(), "panic", "[quorum]\nrequired = [\"faulty\"]");
    assert_eq!(result["verdict"]["label"], "INCONCLUSIVE");
    assert!(reasons(&result).contains(&"inconclusive.required_missing"), "{result}");
}

#[test]
fn a_detector_that_hangs_on_every_picture_does_not_stop_the_run() {
    let bench = Bench::new();
    let (config, policy) = with_faulty(&bench, "hang", "");
    let files: Vec<_> =
        (0..6).map(|i| bench.write(&format!("{i}.jpg"), photo(300, 300, i))).collect();
    let mut arguments = vec!["--config", &config, "--policy", &policy, "-j", "2"];
    arguments.extend(files.iter().map(String::as_str));
    let start = Instant::now();
    let results = bench.results(&arguments);
    assert_eq!(results.len(), 6);
    let faulty = |result: &Value| result["model_results"]["faulty_test"]["status"].clone();
    // After some calls that never came back it is not called again.
    assert!(results
        .iter()
        .all(|result| ["timeout", "error"].contains(&faulty(result).as_str().unwrap())));
    assert!(results.iter().all(|result| result["status"] == "complete"));
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}
