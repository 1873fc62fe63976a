// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay analyze` from outside: real files, the built libraries, every format and exit code.

use serde_json::Value;

use crate::support::{self, library, photo, png, Bench};

const RESULT_KEYS: [&str; 6] = [
    "gan_detection",
    "diffusion_detection",
    "noise_analysis",
    "metadata_analysis",
    "frequency_analysis",
    "splicing_detection",
];

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn photo_gets_a_verdict_from_six_detectors_in_the_guides_shape() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", photo(640, 480, 1));
    let results = bench.results(&[&file]);
    assert_eq!(results.len(), 1);
    let result = &results[0];
    assert_eq!(
        keys(result),
        [
            "request_id",
            "reference_id",
            "status",
            "processed_at",
            "verdict",
            "model_results",
            "image_info",
            "processing_time_ms",
            "source",
            "policy"
        ]
    );
    assert_eq!(result["status"], "complete");
    assert_eq!(result["source"], file.as_str());
    assert!(result["request_id"].as_str().unwrap().starts_with("req_"));
    assert_eq!(
        keys(&result["verdict"]),
        ["label", "confidence", "risk_level", "risk", "p_ai_generated", "p_manipulated", "reasons"]
    );
    assert!(!result["verdict"]["reasons"].as_array().unwrap().is_empty());
    let mut found = keys(&result["model_results"]);
    let mut expected = RESULT_KEYS;
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    for key in RESULT_KEYS {
        let model = &result["model_results"][key];
        let status = model["status"].as_str().unwrap();
        assert!(["complete", "not_applicable"].contains(&status), "{key}: {model}");
        assert_eq!(model["score"].is_number(), status == "complete", "{key}");
        assert_eq!(model["digest"].as_str().unwrap().len(), 64, "{key}");
        assert!(!model["detail"].as_str().unwrap().is_empty(), "{key}");
    }
    let metadata = &result["model_results"]["metadata_analysis"];
    assert_eq!(metadata["exif_present"], false);
    assert_eq!(metadata["gps_present"], false);
    assert_eq!(metadata["device_fingerprint"], Value::Null);
    let info = &result["image_info"];
    assert_eq!((&info["width"], &info["height"]), (&640.into(), &480.into()));
    assert_eq!(info["format"], "JPEG");
    assert_eq!(info["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn same_file_gives_the_same_result_but_for_its_name_and_times() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", photo(400, 300, 2));
    let mut results = bench.results(&[&file, &file, "-j", "2"]);
    results.extend(bench.results(&[&file, "-j", "1"]));
    for result in &mut results {
        let fields = result.as_object_mut().unwrap();
        for name in ["request_id", "processed_at", "processing_time_ms"] {
            fields.remove(name).unwrap();
        }
        for model in fields["model_results"].as_object_mut().unwrap().values_mut() {
            model.as_object_mut().unwrap().remove("duration_ms").unwrap();
        }
    }
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0], results[2]);
}

#[test]
fn failed_input_is_an_error_object_and_the_others_are_still_printed() {
    let bench = Bench::new();
    let good = bench.write("good.jpg", photo(200, 200, 3));
    let cases = [
        (bench.write("text.jpg", "<html>not a picture</html>"), "UNSUPPORTED_FORMAT"),
        (bench.write("small.png", png(99, 300)), "IMAGE_TOO_SMALL"),
        (bench.write("cut.png", &png(300, 300)[..60]), "IMAGE_CORRUPT"),
        (bench.path("missing.jpg").display().to_string(), "INVALID_REQUEST"),
        (bench.write("large.jpg", vec![0; 20_000_001]), "FILE_SIZE_EXCEEDED"),
    ];
    let mut arguments = vec!["analyze", "--format", "jsonl"];
    arguments.extend(cases.iter().map(|(path, _)| path.as_str()));
    arguments.push(&good);
    let run = bench.assay(&arguments);
    assert_eq!(run.code, 1, "{}", run.err);
    let results: Vec<Value> = run.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(results.len(), cases.len() + 1);
    for ((path, code), result) in cases.iter().zip(&results) {
        assert_eq!(result["error"]["code"], *code, "{path}: {result}");
        assert_eq!(result["source"], path.as_str());
        assert!(!result["error"]["message"].as_str().unwrap().is_empty());
        assert!(result["error"]["request_id"].as_str().unwrap().starts_with("req_"));
    }
    assert_eq!(results[cases.len()]["status"], "complete");
}

#[test]
fn folders_and_patterns_give_pictures_by_content_in_order() {
    let bench = Bench::new();
    bench.write("set/b.dat", photo(200, 200, 4));
    bench.write("set/a/c.jpg", photo(200, 200, 5));
    bench.write("set/notes.jpg", "no picture, whatever its name says");
    let folder = bench.path("set").display().to_string();
    let sources = |arguments: &[&str]| -> Vec<String> {
        let results = bench.results(arguments);
        results.iter().map(|r| r["source"].as_str().unwrap().replace(&folder, "")).collect()
    };
    assert_eq!(sources(&[&folder]), ["/a/c.jpg", "/b.dat"]);
    assert_eq!(sources(&[&format!("{folder}/*.dat")]), ["/b.dat"]);
}

#[test]
fn standard_input_is_a_picture() {
    let bench = Bench::new();
    let run = bench.assay_with_input(&["analyze", "--format", "jsonl", "-"], &photo(200, 200, 6));
    assert_eq!(run.code, 0, "{}", run.err);
    let result: Value = serde_json::from_str(run.out.trim()).unwrap();
    assert_eq!(result["source"], "-");
}

#[test]
fn subset_of_models_runs_only_those() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", photo(300, 300, 7));
    let results = bench.results(&[&file, "--models", "noise,splicing"]);
    assert_eq!(keys(&results[0]["model_results"]), ["noise_analysis", "splicing_detection"]);
    let without = bench.results(&[&file, "--no-metadata"]);
    assert_eq!(without[0]["model_results"].as_object().unwrap().len(), 5);
    assert!(without[0]["model_results"].get("metadata_analysis").is_none());
}

#[test]
fn usage_and_configuration_errors_exit_with_2_and_say_what_to_do() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", photo(200, 200, 8));
    let broken =
        bench.write("broken.toml", "name = \"broken\"\n[fusion]\nmax_renormalization = 2\n");
    let cases: [(&[&str], &str); 6] = [
        (&["analyze", &file, "--models", "splicin"], "did you mean \"splicing\"?"),
        (&["analyze", &file, "--models", "metadata", "--no-metadata"], "drop one"),
        (&["analyze", &file, "--policy", "kyx"], "kyc"),
        (&["analyze", &file, "--policy", &broken], "max_renormalisation"),
        (&["analyze", &file, "--claimed-at", "yesterday"], "RFC 3339"),
        (&["analyze"], "Usage"),
    ];
    for (arguments, expected) in cases {
        let run = bench.assay(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.err);
        assert!(run.err.contains(expected), "{arguments:?}: {}", run.err);
        assert_eq!(run.out, "", "{arguments:?}");
    }
}

#[test]
fn fail_on_trips_at_its_risk_level_and_above() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", photo(300, 300, 9));
    let run = bench.assay(&["analyze", "--format", "jsonl", "--fail-on", "low", &file]);
    assert_eq!(run.code, 10);
    let result: Value = serde_json::from_str(run.out.trim()).unwrap();
    let is_high = result["verdict"]["risk_level"] == "HIGH";
    let run = bench.assay(&["analyze", "--fail-on", "high", &file]);
    assert_eq!(run.code == 10, is_high);
}

#[test]
fn heatmap_has_a_mask_of_the_pictures_size_and_an_overlay() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", photo(320, 240, 10));
    let folder = bench.path("maps").display().to_string();
    let results = bench.results(&[&file, "--heatmap", &folder, "--models", "splicing"]);
    let result = &results[0];
    if result["model_results"]["splicing_detection"]["status"] != "complete" {
        panic!("splicing did not score: {result}");
    }
    let open = |name: &str| image::open(result["heatmap"][name].as_str().unwrap()).unwrap();
    let mask = open("mask_path");
    assert_eq!((mask.width(), mask.height()), (320, 240));
    assert_eq!(mask.color(), image::ColorType::L8);
    assert_eq!(open("overlay_path").color(), image::ColorType::Rgb8);
    let heatmap = &result["heatmap"];
    assert_eq!([&heatmap["width"], &heatmap["height"], &heatmap["cell_px"]], [320, 240, 8]);
    let regions = heatmap["regions"].as_array().unwrap();
    for region in regions {
        assert!((0.0..=1.0).contains(&region["score"].as_f64().unwrap()), "{region}");
        assert!(!region["findings"].as_array().unwrap().is_empty(), "{region}");
    }
}

#[test]
fn the_spectrum_is_written_where_pictures_are_asked_for_and_left_out_elsewhere() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", photo(320, 240, 10));
    let folder = bench.path("maps").display().to_string();
    let of = |arguments: &[&str]| {
        bench.results(&[&[file.as_str(), "--models", "frequency"], arguments].concat())[0]
            ["model_results"]["frequency_analysis"]
            .clone()
    };
    let drawn = of(&["--heatmap", &folder]);
    assert_eq!(drawn["status"], "complete", "{drawn}");
    let picture = image::open(drawn["spectrum_path"].as_str().unwrap()).unwrap();
    assert_eq!((picture.width(), picture.height()), (256, 256));
    assert!(drawn["spectrum_png_base64"].is_null());
    let plain = of(&[]);
    assert!(plain["spectrum_png_base64"].is_null() && plain["spectrum_path"].is_null(), "{plain}");
}

#[test]
fn human_output_has_no_escape_sequences_where_it_is_no_terminal() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", photo(300, 300, 11));
    let run = bench.assay(&["analyze", &file]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(!run.out.contains('\x1b'));
    for title in ["Metadata analysis", "Splicing detection", "because"] {
        assert!(run.out.contains(title), "{}", run.out);
    }
}

#[test]
fn csv_has_a_column_a_detector_and_a_row_a_picture() {
    let bench = Bench::new();
    let good = bench.write("a, \"quoted\".jpg", photo(200, 200, 12));
    let bad = bench.write("bad.jpg", "nothing");
    let run = bench.assay(&["analyze", "--format", "csv", &good, &bad]);
    assert_eq!(run.code, 1);
    let mut reader = csv::Reader::from_reader(run.out.as_bytes());
    let header: Vec<_> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert!(RESULT_KEYS.iter().all(|key| header.iter().any(|column| column == key)), "{header:?}");
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(&rows[0][0], good.as_str());
    assert_eq!(&rows[0][1], "complete");
    let code = header.iter().position(|column| column == "error_code").unwrap();
    assert_eq!(&rows[1][code], "UNSUPPORTED_FORMAT");
}

#[test]
fn json_is_one_array() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", photo(200, 200, 13));
    let run = bench.assay(&["analyze", "--format", "json", &file, &file]);
    let results: Vec<Value> = serde_json::from_str(&run.out).unwrap();
    assert_eq!(results.len(), 2);
}

#[test]
fn seventh_detector_is_added_by_configuration_alone() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", photo(200, 200, 14));
    let seventh = library("assay_plugin_template");
    let shipped = std::fs::read_to_string(support::shipped("assay.toml")).unwrap();
    let config = bench.write(
        "assay.toml",
        format!("{shipped}\n[[plugin]]\nmodel = \"entropy\"\nresult_key = \"entropy_test\"\nlibrary = \"{}\"\n", seventh.display()),
    );
    let results = bench.results(&["--config", &config, &file]);
    let models = results[0]["model_results"].as_object().unwrap();
    assert_eq!(models.len(), 7);
    assert!(models["entropy_test"]["score"].is_number());
    let results = bench.results(&["--config", &config, &file, "--models", "entropy"]);
    assert_eq!(keys(&results[0]["model_results"]), ["entropy_test"]);
}

#[test]
fn pictures_of_one_claim_are_compared_behind_the_results() {
    let bench = Bench::new();
    let first = bench.write("first.jpg", photo(320, 240, 15));
    let again = bench.write("again.jpg", photo(320, 240, 15));
    let arguments = ["analyze", "--claim", "--models", "metadata", &first, &again];
    let run = bench.assay(&[&arguments[..], &["--format", "jsonl"]].concat());
    let lines: Vec<Value> = run.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    let claim = &lines[2]["claim"];
    assert_eq!(claim["duplicates"][0]["kind"], "same_file");
    assert_eq!(claim["duplicates"][0]["other"], lines[0]["request_id"]);
    let run = bench.assay(&arguments);
    assert!(run.out.contains("Claim of 2 pictures"), "{}", run.out);
    assert!(run.out.contains(&format!("{again} and {first}: same file")), "{}", run.out);
    let run = bench.assay(&[&arguments[..], &["--format", "csv"]].concat());
    assert_eq!(run.code, 2);
}
