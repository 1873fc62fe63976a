// SPDX-License-Identifier: MIT OR Apache-2.0
//! Cameras enrolled from pictures and found in others, through the binary.

use assay_conformance::synth::codec::Jpeg;
use assay_conformance::synth::{Camera, Exif, Picture, Scene};
use serde_json::Value;

use crate::support::Bench;

fn photo(body: u64, shot: u64) -> Picture {
    Camera::with_body(body).shoot(&Scene::new(10 * body + shot).light(320, 256), shot)
}

fn jpeg(picture: &Picture) -> Vec<u8> {
    Jpeg::quality(95).encode(picture).unwrap()
}

/// A bench with six pictures each of two bodies, enrolled in `cameras`.
fn enrolled() -> Bench {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.path("cameras")).unwrap();
    for body in [1, 2] {
        for shot in 0..6 {
            bench.write(&format!("{body}/{shot}.jpg"), jpeg(&photo(body, shot)));
        }
        let (name, folder) = (format!("Body {body}"), bench.path(&body.to_string()));
        let out = format!("cameras/{body}.camera");
        let run = bench.assay(&["camera", "enrol", &name, folder.to_str().unwrap(), "--out", &out]);
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(run.out.contains(&format!("{name}, 320x256 px, from 6 pictures")), "{}", run.out);
        assert!(run.err.contains("20 or more"), "{}", run.err);
    }
    bench
}

/// A policy that looks for the bench's cameras.
fn policy(bench: &Bench) -> String {
    let text = format!(
        "name = \"ours\"\nversion = \"1\"\nextends = \"default\"\n\
         detectors.noise.params.cameras = {:?}\n",
        bench.path("cameras")
    );
    bench.write("ours.toml", text)
}

#[test]
fn the_camera_of_a_picture_is_found_and_a_strangers_is_not() {
    let bench = enrolled();
    bench.write("own.jpg", jpeg(&photo(2, 20)));
    bench.write("other.jpg", jpeg(&photo(7, 20)));
    bench.write("broken.jpg", [0xff, 0xd8, 0xff, 0xe0, 0, 0]);
    let files = ["own.jpg", "other.jpg", "broken.jpg"];
    let arguments = [&["camera", "match", "--cameras", "cameras"], &files[..]].concat();
    let run = bench.assay(&arguments);
    assert_eq!(run.code, 1, "{}", run.err);
    let parts: Vec<&str> = run.out.split(".jpg").collect();
    assert!(parts[1].contains("taken by Body 2: PCE "), "{}", run.out);
    assert!(parts[1].contains("from the frame's first pixel on"), "{}", run.out);
    assert!(parts[2].contains("no enrolled camera found"), "{}", run.out);
    assert!(parts[3].contains("IMAGE_CORRUPT"), "{}", run.out);

    let run = bench.assay(&[&arguments[..], &["--format", "json"]].concat());
    let results: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(results[0]["camera"], "Body 2");
    assert_eq!(results[0]["cameras"][0]["camera"], "Body 2");
    assert!(results[0]["cameras"][0]["pce"].as_f64().unwrap() > 60.0, "{results}");
    assert_eq!(results[0]["cameras"][1]["matched"], false);
    assert_eq!(results[1]["camera"], Value::Null);
    assert_eq!(results[2]["error"]["code"], "IMAGE_CORRUPT");
}

#[test]
fn what_cannot_be_enrolled_leaves_no_file() {
    let bench = Bench::new();
    bench.write("1.jpg", jpeg(&photo(1, 0)));
    let smaller = Camera::with_body(1).shoot(&Scene::new(1).light(300, 256), 1);
    bench.write("2.jpg", jpeg(&smaller));
    let run = bench.assay(&["camera", "enrol", "Mine", "1.jpg", "2.jpg"]);
    assert_eq!(run.code, 1);
    assert!(
        run.err.contains("2.jpg: 300x256 px, but the first picture has 320x256"),
        "{}",
        run.err
    );
    assert!(!bench.path("Mine.camera").exists());
    let run = bench.assay(&["camera", "enrol", "../Mine", "1.jpg"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("a camera's name"), "{}", run.err);
    let run = bench.assay(&["camera", "enrol", "Mine", "1.jpg"]);
    assert_eq!((run.code, bench.path("Mine.camera").exists()), (0, true), "{}", run.err);
    let again = ["camera", "enrol", "Mine", "1.jpg", "--force"];
    let run = bench.assay(&again[..4]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("--force"), "{}", run.err);
    assert_eq!(bench.assay(&again).code, 0);
}

#[test]
fn pictures_of_another_camera_are_named_when_they_are_enrolled() {
    let bench = Bench::new();
    for shot in 0..6 {
        bench.write(&format!("{shot}.jpg"), jpeg(&photo(1, shot)));
    }
    bench.write("stranger.jpg", jpeg(&photo(5, 1)));
    let run = bench.assay(&["camera", "enrol", "Mine", "*.jpg"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let named: Vec<&str> = run.err.lines().filter(|line| line.contains("hardly shows")).collect();
    assert_eq!(named.len(), 1, "{}", run.err);
    assert!(named[0].starts_with("stranger.jpg: "), "{}", run.err);
}

#[test]
fn wrong_rates_scales_and_folders_are_usage_errors() {
    let bench = Bench::new();
    bench.write("1.jpg", jpeg(&photo(1, 0)));
    std::fs::create_dir_all(bench.path("none")).unwrap();
    for (arguments, word) in [
        (&["--false-alarms", "0"][..], "above 0"),
        (&["--false-alarms", "NaN"], "above 0"),
        (&["--scales", "0.5,2"], "0.1 to 1"),
        (&[], "assay camera enrol"),
    ] {
        let given = ["camera", "match", "1.jpg", "--cameras", "none"];
        let run = bench.assay(&[&given[..], arguments].concat());
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.out);
        assert!(run.err.contains(word), "{arguments:?}: {}", run.err);
    }
}

#[test]
fn an_analysis_names_the_enrolled_camera_as_the_device() {
    let bench = enrolled();
    let policy = policy(&bench);
    let own = bench.write("own.jpg", jpeg(&photo(1, 21)));
    let other = bench.write("other.jpg", jpeg(&photo(8, 21)));
    let exif = Exif::of_camera("Synthetic", "S-1", "2024:05:06 07:08:09");
    let claims = Jpeg::quality(95).exif(exif).encode(&photo(1, 22)).unwrap();
    let claims = bench.write("claims.jpg", claims);
    let results = bench.results(&[
        "--policy",
        &policy,
        "--models",
        "noise,metadata,splicing",
        &own,
        &other,
        &claims,
    ]);
    let device = |result: &Value, detector: &str| {
        result["model_results"][detector]["device_fingerprint"].clone()
    };
    assert_eq!(device(&results[0], "noise_analysis"), "Body 1", "{}", results[0]);
    assert_eq!(device(&results[0], "metadata_analysis"), "Body 1");
    assert_eq!(device(&results[1], "noise_analysis"), Value::Null);
    assert_eq!(device(&results[1], "metadata_analysis"), Value::Null);
    // What the file claims stands beside what the sensor says.
    assert_eq!(device(&results[2], "noise_analysis"), "Body 1");
    assert_eq!(device(&results[2], "metadata_analysis"), "synthetic/s-1");
}

#[test]
fn a_policy_whose_cameras_are_not_there_is_refused() {
    let bench = Bench::new();
    let file = bench.write("1.jpg", jpeg(&photo(1, 0)));
    let run = bench.assay(&["analyze", "--policy", &policy(&bench), &file]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("cameras"), "{}", run.err);
}

#[test]
fn tables_are_learnt_by_the_cameras_name_and_told_by_the_metadata_detector() {
    let bench = Bench::new();
    let exif = Exif { make: "Acme".into(), model: "Shot 5".into(), ..Exif::default() };
    let shot = |quality| {
        Jpeg::quality(quality).exif(exif.clone()).encode(&photo(1, u64::from(quality))).unwrap()
    };
    bench.write("a.jpg", shot(91));
    bench.write("b.jpg", shot(91));
    bench.write("nameless.jpg", jpeg(&photo(1, 1)));
    let refused = bench.assay(&["camera", "learn", "a.jpg", "nameless.jpg", "--list", "ours.tsv"]);
    assert_eq!(refused.code, 1, "{}", refused.out);
    assert!(refused.err.contains("nameless.jpg: EXIF names no camera"), "{}", refused.err);
    assert!(!bench.path("ours.tsv").exists(), "nothing is written");

    let learn = |files: &[&str]| {
        let run = bench.assay(&[&["camera", "learn", "--list", "ours.tsv"], files].concat());
        assert_eq!(run.code, 0, "{}", run.err);
        run.out
    };
    assert!(learn(&["a.jpg", "b.jpg"]).contains("1 pairs of tables, 2 files learnt"));
    assert!(learn(&["nameless.jpg", "--program", "Paint"]).contains("2 pairs of tables"));
    let list = std::fs::read_to_string(bench.path("ours.tsv")).unwrap();
    assert!(list.contains("\tcamera\t2\tAcme Shot 5\n"), "{list}");
    assert!(list.contains("\tprogram\t1\tPaint\n"), "{list}");

    let policy = format!(
        "name = \"ours\"\nversion = \"1\"\nextends = \"default\"\n\
         detectors.metadata.params.jpeg_writers = {:?}\n",
        bench.path("ours.tsv")
    );
    bench.write("ours.toml", policy);
    let run = bench.assay(&["analyze", "--policy", "ours.toml", "--format", "jsonl", "a.jpg"]);
    let answer: Value = serde_json::from_str(&run.out).unwrap();
    let writer = answer["model_results"]["metadata_analysis"]["jpeg_writer"].as_str().unwrap();
    assert!(writer.starts_with("Acme Shot 5"), "{writer}");

    bench.write("broken.tsv", "no list\n");
    let run = bench.assay(&["camera", "learn", "a.jpg", "--list", "broken.tsv"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("broken.tsv: line 1: 1 columns; 4 are wanted"), "{}", run.err);
}
