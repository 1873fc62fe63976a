// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay evaluate --fold-configs`: each fold by builds of the detectors that have other weights,
//! side by side in one process.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;

use image::{ImageFormat, Rgb, RgbImage};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::library;

/// Metadata's answers are part of a verdict, diffusion's are what the tests compare.
const POLICY: &str = "name = \"folds\"\nversion = \"1\"\n\
    fusion.ai_generated.weights = { diffusion = 1.0 }\n\
    fusion.manipulated.weights = { metadata = 1.0 }\n";

/// Diffusion's library with another model in it: the shipped one with `by` added to its bias, as a
/// build with `ASSAY_DIFFUSION_WEIGHTS` would give.
fn retrained(by: f32) -> Vec<u8> {
    let weights =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/diffusion/data/weights.bin");
    let shipped = std::fs::read(weights).unwrap();
    let mut model = shipped.clone();
    let whole = |at: usize| u32::from_le_bytes(shipped[at..at + 4].try_into().unwrap()) as usize;
    // Mark and version, a text, number of parts; of the first its name, number of features, clip, mean,
    // deviation, weight, bias.
    let mut at = 12;
    at += 4 + whole(at) + 4;
    at += 4 + whole(at);
    at += 8 + 3 * 4 * whole(at);
    let bias = f32::from_le_bytes(shipped[at..at + 4].try_into().unwrap());
    model[at..at + 4].copy_from_slice(&(bias + by).to_le_bytes());
    let end = model.len() - 32;
    let digest = Sha256::digest(&model[..end]);
    model[end..].copy_from_slice(&digest);

    let mut library = std::fs::read(library("assay_diffusion")).unwrap();
    let place = library.windows(shipped.len()).position(|part| part == shipped).unwrap();
    library[place..place + model.len()].copy_from_slice(&model);
    library
}

fn configuration(diffusion: &Path) -> String {
    let slot = |model: &str, library: &Path| {
        format!("[[plugin]]\nmodel = \"{model}\"\nlibrary = \"{}\"\n", library.display())
    };
    slot("diffusion", diffusion) + &slot("metadata", &library("assay_metadata"))
}

fn jpeg(seed: u32) -> Vec<u8> {
    let pixel = |x: u32, y: u32| {
        let noise = (x.wrapping_mul(2_654_435_761) ^ (y + seed).wrapping_mul(40_503)) >> 11;
        Rgb([(x + noise % 32) as u8, (y + noise % 17) as u8, (seed * 9 + noise % 9) as u8])
    };
    let mut bytes = Vec::new();
    let picture = RgbImage::from_fn(288, 272, pixel);
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Jpeg).unwrap();
    bytes
}

/// Twelve pictures, half of each class, in the folds `up` and `down` and in none; a configuration
/// for each, and the main one.
struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        let bench = Self(tempfile::tempdir().unwrap());
        let mut manifest = String::from("path,label,group,source,fold\n");
        for index in 0..12_u32 {
            let label = ["ai", "real"][index as usize % 2];
            let fold = ["up", "down", ""][index as usize / 4];
            bench.write(&format!("{index}.jpg"), &jpeg(index));
            manifest += &format!("{index}.jpg,{label},{label}{},s,{fold}\n", index / 6);
        }
        bench.write("manifest.csv", manifest.as_bytes());
        bench.write("policy.toml", POLICY.as_bytes());
        std::fs::create_dir(bench.path("folds")).unwrap();
        for (fold, by) in [("up", 1.0), ("down", -1.0)] {
            let name = format!("folds/{fold}.so");
            bench.write(&name, &retrained(by));
            let config = configuration(&bench.path(&name));
            bench.write(&format!("folds/{fold}.toml"), config.as_bytes());
        }
        let main = configuration(&library("assay_diffusion"));
        bench.write("main.toml", main.as_bytes());
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn assay(&self, config: &str, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.args(["--config", config, "evaluate", "manifest.csv", "--policy", "policy.toml"]);
        command.args(["--tiers", "clean", "-j", "3"]).args(arguments).current_dir(self.0.path());
        let done = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
    }

    /// The report as JSON, computed with a cache of this name.
    fn report(&self, config: &str, cache: &str, arguments: &[&str]) -> Value {
        let arguments = [&["--format", "json", "--cache", cache], arguments].concat();
        let (code, out, err) = self.assay(config, &arguments);
        assert_eq!(code, 0, "{err}");
        serde_json::from_str(&out).unwrap()
    }

    /// The one-line error of a run that must end with exit code 2.
    #[track_caller]
    fn refusal(&self) -> String {
        let (code, _, err) = self.assay("main.toml", &["--cache", "c", "--fold-configs", "folds"]);
        assert_eq!(code, 2, "{err}");
        err
    }
}

/// Diffusion's score of every picture: six of each class are all among the worst errors.
fn scores(report: &Value) -> BTreeMap<String, f64> {
    let series = report["tiers"][0]["series"].as_array().unwrap();
    let diffusion = series.iter().find(|series| series["name"] == "diffusion").unwrap();
    let worst = diffusion["worst"].as_array().unwrap().iter();
    worst.map(|w| (w["path"].as_str().unwrap().into(), w["score"].as_f64().unwrap())).collect()
}

#[test]
fn each_fold_is_examined_by_its_own_builds_in_one_process() {
    let bench = Bench::new();
    let alone = |config: &str| scores(&bench.report(config, "alone", &[]));
    let (main, up, down) = (alone("main.toml"), alone("folds/up.toml"), alone("folds/down.toml"));
    assert_eq!(main.len(), 12);
    let report = bench.report("main.toml", "folded", &["--fold-configs", "folds"]);
    let folded = scores(&report);
    for index in 0..12 {
        let name = format!("{index}.jpg");
        let of = [&up, &down, &main][index / 4];
        assert_eq!(folded[&name], of[&name], "{name}");
        assert!(down[&name] < main[&name] && main[&name] < up[&name], "{name}");
    }
    // The answers of the folds' builds stand in the cache apart from each other's.
    let again = bench.report("main.toml", "folded", &["--fold-configs", "folds"]);
    assert_eq!(again, report);
    assert_eq!(scores(&bench.report("main.toml", "folded", &[])), main);

    let held_out = &report["held_out"];
    assert_eq!((&held_out["pictures"], &held_out["by_main"]), (&8.into(), &4.into()));
    let fold = &held_out["folds"][0];
    assert_eq!((fold["fold"].as_str(), fold["pictures"].as_u64()), (Some("down"), Some(4)));
    assert_eq!(fold["own_libraries"].as_array().unwrap().len(), 1);
    let digest = Sha256::digest(std::fs::read(bench.path("folds/down.so")).unwrap());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(fold["own_libraries"][0]["digest"], digest);
}

#[test]
fn report_says_above_its_headline_what_was_held_out() {
    let bench = Bench::new();
    let arguments = ["--cache", "c", "--fold-configs", "folds", "--report", "out"];
    let (_, out, err) = bench.assay("main.toml", &arguments);
    let place = |text: &str| out.find(text).unwrap_or_else(|| panic!("no {text}: {out}{err}"));
    let line = place("held out: 8 pictures in 2 folds, by configurations down (");
    assert!(line < place("Headline"));
    let page = std::fs::read_to_string(bench.path("out/report.html")).unwrap();
    assert!(page.find("held out: 8 pictures").unwrap() < page.find("<h2>").unwrap());

    let (_, out, _) = bench.assay("main.toml", &["--cache", "c"]);
    assert!(out.contains("not held out: the figures may be of pictures"), "{out}");
}

#[test]
fn fold_with_the_main_libraries_holds_nothing_out() {
    let bench = Bench::new();
    let main = std::fs::read(bench.path("main.toml")).unwrap();
    bench.write("folds/down.toml", &main);
    let report = bench.report("main.toml", "c", &["--fold-configs", "folds"]);
    assert_eq!(report["held_out"]["pictures"], 4);
    let statement = report["held_out"]["statement"].as_str().unwrap();
    assert!(statement.contains("fold down has the main configuration's libraries"), "{statement}");
}

#[test]
fn fold_names_its_models_in_any_order() {
    let bench = Bench::new();
    let config = std::fs::read_to_string(bench.path("folds/up.toml")).unwrap();
    let (diffusion, metadata) = config.split_at(config.rfind("[[plugin]]").unwrap());
    bench.write("folds/up.toml", format!("{metadata}{diffusion}").as_bytes());
    let report = bench.report("main.toml", "c", &["--fold-configs", "folds"]);
    assert_eq!(report["held_out"]["folds"][1]["own_libraries"][0]["model"], "diffusion");
}

#[test]
fn fold_without_a_configuration_is_named() {
    let bench = Bench::new();
    std::fs::remove_file(bench.path("folds/up.toml")).unwrap();
    let error = bench.refusal();
    assert!(error.contains("fold `up`: folds/up.toml is not there; write"), "{error}");
}

#[test]
fn fold_with_other_models_is_named() {
    let bench = Bench::new();
    let config = std::fs::read_to_string(bench.path("folds/up.toml")).unwrap();
    bench.write("folds/up.toml", config.replace("\"metadata\"", "\"exif\"").as_bytes());
    let error = bench.refusal();
    let expected = "folds/up.toml has the models diffusion, exif, the main configuration has \
                    diffusion, metadata; give each fold";
    assert!(error.contains(expected), "{error}");
}

#[test]
fn library_of_another_detector_is_named() {
    let bench = Bench::new();
    bench.write("folds/up.toml", configuration(&library("assay_frequency")).as_bytes());
    let error = bench.refusal();
    let expected = "model `diffusion` is the detector frequency, in the main configuration it is \
                    diffusion; name another build";
    assert!(error.contains(expected), "{error}");
}

#[test]
fn folder_of_configurations_needs_a_fold_in_the_manifest() {
    let bench = Bench::new();
    bench.write("manifest.csv", b"path,label\n0.jpg,ai\n1.jpg,real\n");
    let error = bench.refusal();
    assert!(
        error.contains("no picture of the collection has a fold; give its manifest"),
        "{error}"
    );
}

#[test]
fn configuration_that_cannot_be_read_and_library_that_is_not_there_are_named() {
    let bench = Bench::new();
    bench.write("folds/up.toml", b"[[plugin]]\nmodel = 3\n");
    let error = bench.refusal();
    assert!(error.contains("fold `up`: ") && error.contains("model"), "{error}");
    bench.write("folds/up.toml", configuration(Path::new("/nowhere/libx.so")).as_bytes());
    let error = bench.refusal();
    assert!(error.contains("fold `up`, folds/up.toml: detector `diffusion`: "), "{error}");
}
