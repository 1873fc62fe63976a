// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay calibrate` from outside, on the synthetic camera's, generator's and forger's pictures.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;

use assay_conformance::synth::codec::Jpeg;
use assay_conformance::synth::forgery::SplicedJpeg;
use assay_conformance::synth::{Camera, Generator, Scene};
use serde_json::Value;
use tempfile::TempDir;

/// Pictures of each class.
const EACH: u64 = 10;
/// Their sides, px.
const SIDES: (usize, usize) = (256, 224);

/// Five groups of two pictures a class; made once, because detectors take seconds for them.
fn collection() -> &'static TempDir {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let mut manifest = String::from("path,label,group,source,kind\n");
        let mut add = |name: String, bytes: Vec<u8>, label: &str, group: u64, kind: &str| {
            std::fs::write(folder.path().join(&name), bytes).unwrap();
            manifest += &format!("{name},{label},{label}{group},{label}{group},{kind}\n");
        };
        for seed in 0..EACH {
            let (group, (width, height)) = (seed / 2, SIDES);
            let photo =
                Camera::with_body(group).shoot(&Scene::new(seed).light(width, height), seed);
            let photo = Jpeg::quality(90).encode(&photo).unwrap();
            let kind = if seed % 2 == 0 { "camera_original" } else { "web" };
            add(format!("photo{seed}.jpg"), photo, "authentic", group, kind);
            let drawn = Generator::new(seed, 3).draw(width, height);
            let drawn = Jpeg::quality(90).encode(&drawn).unwrap();
            add(format!("drawn{seed}.jpg"), drawn, "ai_generated", group, "");
            let (forged, _) = SplicedJpeg::new(seed, width, height).make().unwrap();
            add(format!("forged{seed}.jpg"), forged, "manipulated", group, "");
        }
        std::fs::write(folder.path().join("manifest.csv"), manifest).unwrap();
        folder
    })
}

fn assay(arguments: &[&str]) -> (i32, String, String) {
    let config = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/assay.toml"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.args(arguments).current_dir(collection().path());
    command.env("ASSAY_CONFIG", config).env("SOURCE_DATE_EPOCH", "1767312000");
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn calibrate(out: &str, more: &[&str]) -> (i32, String, String) {
    let tiers = ["--tiers", "clean,web", "--cache", "cache", "-j", "2"];
    let command = ["calibrate", "manifest.csv", "--out", out, "--target-fpr", "0.2"];
    assay(&[&command[..], &tiers, more].concat())
}

#[test]
fn fitted_policy_is_loaded_and_gives_verdicts() {
    let (code, out, err) = calibrate("fitted.toml", &["--name", "fitted", "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let printed: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(printed["pictures"]["authentic.camera_original"], 5);
    assert_eq!(printed["policy"]["name"], "fitted");
    let file = std::fs::read_to_string(collection().path().join("fitted.toml")).unwrap();
    for part in ["date = \"2026-01-02\"", "manifest.csv --policy default --tiers clean,web"] {
        assert!(file.contains(part), "{part}: {file}");
    }
    // On one thread and without a cache, the same to the byte.
    let again = ["--name", "fitted", "--cache", "other", "-j", "1"];
    let (code, human, err) = assay(
        &[
            &["calibrate", "manifest.csv", "--out", "again.toml", "--target-fpr", "0.2"][..],
            &["--tiers", "clean,web"],
            &again,
        ]
        .concat(),
    );
    assert_eq!(code, 0, "{err}");
    assert_eq!(std::fs::read_to_string(collection().path().join("again.toml")).unwrap(), file);
    assert!(
        human.contains("before") && human.contains("written: again.toml (fitted 1 "),
        "{human}"
    );

    let (code, out, err) = assay(&["policy", "check", "fitted.toml"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains(printed["policy"]["digest"].as_str().unwrap()), "{out}");
    assert!(!out.contains("note"), "{out}");
    let (head, digest) = file.split_once("[calibrated.detectors]\ndiffusion = \"").unwrap();
    let other = format!("{head}[calibrated.detectors]\ndiffusion = \"9.{digest}");
    std::fs::write(collection().path().join("other.toml"), other).unwrap();
    let (code, out, _) = assay(&["policy", "check", "other.toml"]);
    assert!(code == 0 && out.contains("note: it was fitted to diffusion 9."), "{out}");
    let (code, out, err) =
        assay(&["analyze", "--policy", "fitted.toml", "--format", "json", "photo0.jpg"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains(printed["policy"]["digest"].as_str().unwrap()), "{out}");
}

#[test]
fn file_that_is_there_is_replaced_only_by_force() {
    let path = collection().path().join("kept.toml");
    std::fs::write(&path, "kept").unwrap();
    let (code, _, err) = calibrate("kept.toml", &[]);
    assert_eq!(code, 2);
    assert!(err.contains("--out kept.toml: is there already; --force replaces it"), "{err}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "kept");
    let (code, _, err) = calibrate("kept.toml", &["--force"]);
    assert_eq!(code, 0, "{err}");
    assert!(std::fs::read_to_string(&path).unwrap().contains("name = \"default-calibrated\""));
}

#[test]
fn wrong_options_are_refused_before_any_picture_is_examined() {
    let refused = |out: &str, more: &[&str], expected: &str| {
        let (code, _, err) = calibrate(out, more);
        assert_eq!(code, 2, "{err}");
        assert!(err.contains(expected), "{err}");
    };
    refused("x.toml", &["--name", "Not Kebab"], "--name Not Kebab: must be lower-case words");
    refused("x.toml", &["--target-miss", "1"], "must be a number above 0 and below 1");
    refused("x.toml", &["--target-fpr-of", "web"], "must be a name, `=` and a number");
    refused("x.toml", &["--target-fpr-of", "web=2"], "must be a number above 0 and below 1");
    let twice = ["--target-fpr-of", "web=0.1", "--target-fpr-of", "web=0.2"];
    refused("x.toml", &twice, "--target-fpr-of web: is given twice");
    refused("x.toml", &["--prior", "forged=0.2"], "must be of `ai_generated` or of `manipulated`");
    refused("none/x.toml", &[], "its folder is not there; make it first");
    refused(".", &[], "is a folder; name a file");
}

#[test]
fn conformal_abstention_and_the_choices_of_the_fit_are_written_down() {
    let more = ["--conformal", "0.4", "--method", "isotonic", "--weights", "signed"];
    let base = ["calibrate", "manifest.csv", "--out", "conformal.toml", "--tiers", "clean,web"];
    let (code, out, err) = assay(&[&base[..], &["--cache", "cache"], &more].concat());
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("conformal: of the next picture"), "{out}");
    assert!(out.contains("between, INCONCLUSIVE"), "{out}");
    let file = std::fs::read_to_string(collection().path().join("conformal.toml")).unwrap();
    let command = "--conformal 0.4 --method isotonic --weights signed";
    for part in [command, "conformal = 0.4", "target_fpr = 0.2", "target_miss = 0.4", "digest = "] {
        assert!(file.contains(part), "{part}: {file}");
    }
    let (code, _, err) = assay(&["policy", "check", "conformal.toml"]);
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = calibrate("x.toml", &["--conformal", "0.1"]);
    assert_eq!(code, 2);
    assert!(err.contains("cannot be used with"), "{err}");
    let (code, _, err) = assay(&[&base[..], &["--force", "--fpr", "1"]].concat());
    assert_eq!(code, 2);
    assert!(err.contains("must be a number above 0 and below 1"), "{err}");
}
