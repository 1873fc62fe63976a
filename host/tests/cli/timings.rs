// SPDX-License-Identifier: MIT OR Apache-2.0
//! What took how long: `assay analyze --timings` and `assay bench`.

use serde_json::Value;

use crate::support::{photo, shipped, Bench};

const MODELS: [&str; 6] = ["gan", "diffusion", "noise", "metadata", "frequency", "splicing"];

fn names(stages: &Value) -> Vec<&str> {
    stages.as_array().unwrap().iter().map(|stage| stage["stage"].as_str().unwrap()).collect()
}

#[test]
fn timings_tell_each_stage_from_the_file_to_the_verdict() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", photo(320, 300, 1));
    let [result] = &bench.results(&["--timings", &file])[..] else { panic!("one result") };
    let stages = &result["timings"];
    let found = names(stages);
    assert_eq!(found[..2], ["fetch", "decode"]);
    for name in MODELS.iter().chain(&["luma", "coefficients", "fusion", "map"]) {
        assert!(found.contains(name), "{name} is missing in {found:?}");
    }
    let field = |stage: &Value, name: &str| stage[name].as_f64().unwrap();
    let stages = stages.as_array().unwrap();
    assert!(stages.is_sorted_by_key(|stage| field(stage, "start_ms")));
    let ends = |name: &str| {
        let stage = stages.iter().find(|stage| stage["stage"] == name).unwrap();
        (field(stage, "start_ms"), field(stage, "start_ms") + field(stage, "took_ms"))
    };
    for model in MODELS {
        let key =
            result["model_results"].as_object().unwrap().keys().find(|key| key.starts_with(model));
        let told = field(&result["model_results"][key.unwrap()], "duration_ms");
        let (start, end) = ends(model);
        assert!((end - start - told).abs() < 0.01, "{model}: {told} ms and {} ms", end - start);
        assert!(start >= ends("decode").1 - 0.01 && end <= ends("fusion").0 + 0.01, "{model}");
    }
}

#[test]
fn timings_are_told_on_request_only_and_have_no_place_in_a_table() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", photo(200, 200, 2));
    assert!(bench.results(&[&file])[0].get("timings").is_none());
    let told = bench.assay(&["analyze", "--timings", &file]);
    assert!(told.out.contains("\n  splicing ") && told.out.contains('█'), "{}", told.out);
    let table = bench.assay(&["analyze", "--timings", "--format", "csv", &file]);
    assert_eq!(table.code, 2);
    assert!(table.err.contains("--timings has no place in CSV"), "{}", table.err);
}

#[test]
fn the_detector_that_took_longest_begins_first_on_the_next_picture() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", photo(320, 300, 4));
    let shipped = std::fs::read_to_string(shipped("assay.toml")).unwrap();
    let one_thread = shipped.replace("threads = 0", "threads = 1");
    assert_ne!(one_thread, shipped);
    let config = bench.write("assay.toml", one_thread);
    let results = bench.results(&["--config", &config, "--timings", "-j", "1", &file, &file]);
    let [first, second] = &results[..] else { panic!("two results") };
    let of_detectors = |result: &Value, field: &str| -> Vec<(String, f64)> {
        let stages = result["timings"].as_array().unwrap().iter();
        let told =
            stages.map(|stage| (stage["stage"].as_str().unwrap(), stage[field].as_f64().unwrap()));
        let of_detector = told.filter(|(name, _)| MODELS.contains(name));
        of_detector.map(|(name, ms)| (name.to_owned(), ms)).collect()
    };
    let mut longest_first = of_detectors(first, "took_ms");
    longest_first.sort_by(|a, b| b.1.total_cmp(&a.1));
    let names =
        |told: Vec<(String, f64)>| told.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(of_detectors(second, "start_ms")), names(longest_first));
}

#[test]
fn bench_measures_named_pictures_stage_by_stage() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", photo(200, 180, 3));
    let arguments = ["bench", "--rounds", "2", "--jobs", "1,2", "--models", "noise,frequency"];
    let run = bench.assay(&[&arguments[..], &["--format", "json", &file]].concat());
    assert_eq!(run.code, 0, "{}", run.err);
    let told: Value = serde_json::from_str(&run.out).unwrap();
    let [set] = &told["sets"].as_array().unwrap()[..] else { panic!("one set: {told}") };
    let expected = [
        "fetch",
        "decode",
        "luma",
        "coefficients",
        "noise",
        "frequency",
        "detectors",
        "fusion",
        "answer",
        "fingerprint",
        "store",
        "whole",
    ];
    assert_eq!(names(&set["stages"]), expected);
    let ms = |name: &str, which: &str| {
        let stages = set["stages"].as_array().unwrap();
        let stage = stages.iter().find(|stage| stage["stage"] == name).unwrap();
        stage["wall_ms"][which].as_f64().unwrap()
    };
    for name in expected {
        assert!(ms(name, "least") <= ms(name, "median") && ms(name, "median") <= ms(name, "most"));
    }
    // The whole road contains what its stages do.
    assert!(ms("whole", "most") > ms("decode", "least") + ms("store", "least"));
    let rates = set["rates"].as_array().unwrap();
    assert_eq!(rates.iter().map(|rate| &rate["jobs"]).collect::<Vec<_>>(), [1, 2]);
    assert!(rates.iter().all(|rate| rate["pictures_per_second"].as_f64().unwrap() > 0.0));
    if cfg!(target_os = "linux") {
        assert!(told["peak_memory_bytes"].as_u64().unwrap() > 1 << 20);
    }
}

#[test]
fn bench_makes_pictures_of_its_own_and_names_what_is_wrong() {
    let bench = Bench::new();
    let small = ["bench", "--sizes", "0.05", "--rounds", "1", "--jobs", "1", "--models", "noise"];
    let run = bench.assay(&small);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.starts_with("0.05 megapixels, 258x194\n"), "{}", run.out);
    assert!(run.out.contains("1 at once: "), "{}", run.out);
    let text = bench.write("text.jpg", "no picture");
    for (arguments, said) in [
        (&["bench", "--sizes", "900"][..], "0.01 to 100 megapixels"),
        (&["bench", "-"], "standard input can be read once only"),
        (&["bench", &text], "is not supported"),
    ] {
        let run = bench.assay(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.err);
        assert!(run.err.contains(said), "{arguments:?}: {}", run.err);
    }
}
