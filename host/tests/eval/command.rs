// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay evaluate` from outside, on synthetic pictures.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::{ImageFormat, Rgb, RgbImage};
use serde_json::Value;
use tempfile::TempDir;

/// Six noisy pictures a class in each of two sources.
fn collection() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut manifest = String::from("path,label,group,source,kind\n");
    for index in 0..24_u32 {
        let (label, kind) = if index % 2 == 0 { ("ai", "") } else { ("real", "web") };
        let source = if index < 12 { "left" } else { "right" };
        let name = format!("{index}.jpg");
        let pixel = |x: u32, y: u32| {
            let noise = (x.wrapping_mul(2_654_435_761) ^ (y + index).wrapping_mul(40_503)) >> 11;
            Rgb([(x + noise % 32) as u8, (y + noise % 17) as u8, (index * 9 + noise % 9) as u8])
        };
        let mut bytes = Vec::new();
        let picture = RgbImage::from_fn(200, 180, pixel);
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Jpeg).unwrap();
        std::fs::write(folder.path().join(&name), bytes).unwrap();
        manifest += &format!("{name},{label},{source}{label},{source},{kind}\n");
    }
    manifest += "none.jpg,real,left,left,web\nedit.jpg,ai_edited,left,left,\n";
    std::fs::write(folder.path().join("manifest.csv"), manifest).unwrap();
    folder
}

fn assay(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let config = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/assay.toml"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.args(["evaluate", "--cache", "cache"]).args(arguments).current_dir(folder);
    let Output { status, stdout, stderr } = command.env("ASSAY_CONFIG", config).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn collection_is_measured_in_each_tier_and_failures_are_named() {
    let folder = collection();
    let arguments = ["manifest.csv", "--tiers", "clean,q90", "--controls", "--format", "json"];
    let (code, out, err) = assay(folder.path(), &[&arguments[..], &["-j", "2"]].concat());
    assert_eq!(code, 1, "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let tiers: Vec<_> = report["tiers"].as_array().unwrap().iter().map(|t| &t["tier"]).collect();
    assert_eq!(tiers, ["clean", "q90"]);
    assert_eq!(report["left_out"]["ai_edited"], 1);
    assert_eq!(report["failures"].as_array().unwrap().len(), 3);
    assert!(report["failures"][0]["message"].as_str().unwrap().contains("cannot be read"));
    let verdict = &report["tiers"][1]["series"][0];
    assert_eq!(verdict["name"], "verdict ai_generated");
    assert_eq!(verdict["content_matched"]["sources"].as_array().unwrap().len(), 2);
    assert_eq!(verdict["auc"]["n_positive"], 12);
    assert_eq!(report["controls"][0]["name"], "verdict ai_generated");

    // From the cache, on one thread, the same to the byte.
    let (_, again, _) = assay(folder.path(), &[&arguments[..], &["-j", "1"]].concat());
    assert_eq!(again, out);
}

#[test]
fn another_policy_fuses_the_answers_that_are_there() {
    let folder = collection();
    let arguments = ["manifest.csv", "--tiers", "clean", "--format", "json", "--policy"];
    let run = |policy: &str| assay(folder.path(), &[&arguments[..], &[policy]].concat()).1;
    let cache = folder.path().join("cache/evaluate.jsonl");
    let kept = || {
        let text = std::fs::read_to_string(&cache).unwrap();
        text.lines().filter(|line| line.ends_with("}}")).count()
    };
    let first = run("default");
    let answers = kept();
    assert!(answers > 24 * 6, "{answers}");
    // A line that an ended process left unfinished is passed over and swallows nothing.
    let mut torn = std::fs::read(&cache).unwrap();
    torn.extend(b"{\"key\":\"");
    std::fs::write(&cache, torn).unwrap();
    assert_ne!(run("content-moderation"), first);
    assert_eq!(run("default"), first);
    assert_eq!(kept(), answers);
}

#[test]
fn report_is_one_page_with_its_numbers_beside_it() {
    let folder = collection();
    let arguments = ["manifest.csv", "--tiers", "clean", "--report", "out"];
    let (_, out, err) = assay(folder.path(), &arguments);
    let place = |text: &str| out.find(text).unwrap_or_else(|| panic!("no {text}: {out}{err}"));
    assert!(place("Floors") < place("Headline"));
    let page = std::fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    for part in ["ROC", "DET", "Reliability", "data:image/jpeg;base64,", "worst errors"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("src=\"http") && !page.contains("<script"));
    let json = std::fs::read_to_string(folder.path().join("out/report.json")).unwrap();
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["pictures"]["ai_generated"], 12);
}

#[test]
fn wrong_manifest_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.csv"), "path,label\na.jpg,fake\n").unwrap();
    let (code, _, err) = assay(folder.path(), &["m.csv"]);
    assert_eq!(code, 2);
    assert!(err.contains("line 2, column label: \"fake\""), "{err}");
}
