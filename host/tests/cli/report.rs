// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay report`: a picture told to people.

use assay_conformance::synth::codec::{png, Jpeg};
use assay_conformance::synth::{Camera, Exif, Picture, Scene};
use serde_json::Value;

use crate::support::Bench;

fn shot(seed: u64) -> Picture {
    Camera::with_body(seed).shoot(&Scene::new(seed).light(400, 320), seed)
}

fn photo(seed: u64) -> Vec<u8> {
    Jpeg::quality(92).encode(&shot(seed)).unwrap()
}

/// The report of a file, as a page.
fn page(bench: &Bench, file: &str) -> String {
    let run = bench.assay(&["report", file]);
    assert_eq!(run.code, 0, "{}", run.err);
    run.out
}

/// The same for machines.
fn told(bench: &Bench, file: &str) -> Value {
    let run = bench.assay(&["report", file, "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    serde_json::from_str(&run.out).unwrap()
}

/// Every address that a page loads something from.
fn addresses(page: &str) -> Vec<&str> {
    let behind = |mark: &'static str| page.split(mark).skip(1);
    let all = behind(" src=\"").chain(behind(" href=\"")).chain(behind("url("));
    all.map(|rest| rest.split(['"', ')']).next().unwrap_or_default()).collect()
}

#[test]
fn the_page_needs_nothing_beside_it_and_runs_nothing() {
    let bench = Bench::new();
    let page = page(&bench, &bench.write("photo.jpg", photo(31)));
    assert!(page.contains("default-src 'none'; img-src data:; style-src 'unsafe-inline'"));
    let addresses = addresses(&page);
    assert!(addresses.iter().any(|a| a.starts_with("data:image/jpeg;base64,")));
    assert!(addresses.iter().any(|a| a.starts_with("data:image/png;base64,")));
    for address in addresses {
        let start: String = address.chars().take(40).collect();
        assert!(address.starts_with("data:image/") || address.starts_with('#'), "{start}");
    }
    for tag in ["<script", "<link", "<iframe", "@import", " style=", " onerror", " onload"] {
        assert!(!page.contains(tag), "{tag}");
    }
}

#[test]
fn the_page_and_the_json_tell_the_same_figures() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", photo(32));
    let (page, told) = (page(&bench, &file), told(&bench, &file));
    assert_eq!(told["form"], 1);
    let figure = |value: &Value| format!("{:.2}", value.as_f64().unwrap());
    let verdict = &told["verdict"];
    let mut figures = vec![
        figure(&verdict["confidence"]),
        figure(&verdict["risk"]),
        figure(&verdict["p_ai_generated"]),
        figure(&verdict["p_manipulated"]),
    ];
    for text in [&verdict["label"], &verdict["title"], &told["picture"]["sha256"]] {
        figures.push(text.as_str().unwrap().to_owned());
    }
    for detector in told["detectors"].as_array().unwrap() {
        figures.push(format!("<h3>{}</h3>", detector["title"].as_str().unwrap()));
        figures.push(detector["digest"].as_str().unwrap().to_owned());
        figures.extend(detector["score"].as_f64().map(|score| format!("{score:.2}")));
    }
    assert_eq!(told["detectors"].as_array().unwrap().len(), 6);
    for part in verdict["weighing"]["contributions"].as_array().unwrap() {
        let added = part["ai_generated"].as_f64().unwrap();
        figures.extend((added.abs() >= 0.005).then(|| format!("<td>{added:+.2}</td>")));
    }
    let measured = &told["operating_point"]["hypotheses"][0]["measured"];
    for rate in measured["false_positives"].as_array().unwrap() {
        figures.push(format!("<td>{}</td><td>{}</td>", rate["count"], rate["n"]));
    }
    for figure in figures {
        assert!(page.contains(&figure), "{figure}");
    }
}

#[test]
fn what_the_file_says_is_shown_and_not_obeyed() {
    let bench = Bench::new();
    let text = "</style><script>alert(1)</script><img src=x onerror=alert(2)> \u{202e}gpj\n\
                Steps: 28, Sampler: \"><script>alert(3)</script>, CFG scale: 7, Seed: 1, Size: 400x320, \
                Model: <b>bold</b>\u{202e}";
    let file = png(&shot(33), &[("parameters", text), ("Software", "<i>\u{202e}evil")]).unwrap();
    let page = page(&bench, &bench.write("<script>name.png", file));
    for tag in ["<script", "<img src=x", "<b>bold", "<i>", "\u{202e}"] {
        assert!(!page.contains(tag), "{tag}");
    }
    assert!(page.contains("script&#62;name") || page.contains("script&gt;name"), "the file's name");
    assert!(page.contains("AI_GENERATED"));
}

#[test]
fn what_exif_says_is_grouped_and_serials_and_places_only_where_the_policy_allows() {
    let bench = Bench::new();
    let serial = "SN-7316409528";
    let exif = Exif {
        lens: "35mm F1.8".into(),
        exposure_time: Some([1, 250]),
        f_number: Some([28, 10]),
        sensitivity: Some(400),
        serial: serial.into(),
        ..Exif::of_camera("Synthetic", "S-1", "2024:05:06 07:08:09")
    };
    let file = bench.write("camera.jpg", Jpeg::quality(92).exif(exif).encode(&shot(36)).unwrap());
    let report = |policy: &str, format: &str| {
        let run = bench.assay(&["report", &file, "--policy", policy, "--format", format]);
        assert_eq!(run.code, 0, "{}", run.err);
        run.out
    };
    let page = report("default", "html");
    for words in ["<h3>Camera</h3>", "<h3>Capture</h3>", "1/250 s", "f/2.8", "35mm F1.8", "400"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains(serial) && page.contains("<h3>Structure of the file</h3>"));
    let told: Value = serde_json::from_str(&report("default", "json")).unwrap();
    let named = |group: &str, name: &str| {
        let facts = told["provenance"][group].as_array().unwrap();
        facts.iter().find(|fact| fact["name"] == name).map(|fact| fact["value"].clone())
    };
    assert_eq!(named("camera", "lens"), Some("35mm F1.8".into()));
    assert_eq!(named("capture", "exposure time"), Some("1/250 s".into()));
    assert_eq!(named("structure", "JPEG quality, by its tables"), Some(92.into()));
    assert_eq!(named("camera", "serial number"), None);
    let policy = "name = \"open\"\nversion = \"1\"\nextends = \"default\"\n\
                  detectors.metadata.params.disclose = \"serials\"\n";
    let open = bench.write("open.toml", policy);
    assert!(report(&open, "html").contains(serial));
}

#[test]
fn what_was_not_tested_and_not_measured_is_said() {
    let bench = Bench::new();
    let small = Camera::with_body(34).shoot(&Scene::new(34).light(160, 150), 34);
    let small = bench.write("small.png", png(&small, &[]).unwrap());
    let run = bench.assay(&["report", &small, "--policy", "insurance-claims"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("could not be tested on this picture"));
    assert!(run.out.contains("Nothing was measured at the thresholds of this policy"));
    assert!(run.out.contains("Not measured at this threshold"));
}

#[test]
fn a_file_that_is_no_picture_fails_with_its_code() {
    let bench = Bench::new();
    let file = bench.write("text.jpg", "no picture");
    let run = bench.assay(&["report", &file]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("UNSUPPORTED_FORMAT"), "{}", run.err);
    let run = bench.assay(&["report", "absent.jpg"]);
    assert!(run.code == 1 && run.err.contains("cannot be read"), "{}", run.err);
    let run = bench.assay(&["report", &file, "--image", &file]);
    assert!(run.code == 2 && run.err.contains("its own picture"), "{}", run.err);
    let run = bench.assay(&["report", "req_000000000000000000000000", "--data", "absent"]);
    assert_eq!(run.code, 2, "{}", run.err);
}

#[test]
fn the_page_is_written_to_the_file_that_is_named() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", photo(35));
    let out = bench.path("report.html");
    let run = bench.assay(&["report", &file, "--out", out.to_str().unwrap()]);
    assert_eq!((run.code, run.out.as_str()), (0, ""));
    assert!(std::fs::read_to_string(out).unwrap().starts_with("<!doctype html>"));
}
