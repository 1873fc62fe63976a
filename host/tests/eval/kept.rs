// SPDX-License-Identifier: MIT OR Apache-2.0
//! Kept results from outside: written by `assay evaluate`, read by `compare`, `leaderboard` and `policy`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use assay_conformance::synth::codec::Jpeg;
use assay_conformance::synth::{Camera, Generator, Scene};
use serde_json::Value;
use tempfile::TempDir;

/// Six pictures a class in each of two sources, evaluated once: detectors take seconds for them.
fn kept() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let mut manifest = String::from("path,label,group,source,kind\n");
        for seed in 0..12_u64 {
            let (name, source) = (format!("photo{seed}.jpg"), seed % 2);
            let photo = Camera::with_body(source).shoot(&Scene::new(seed).light(224, 192), seed);
            let photo = Jpeg::quality(90).encode(&photo).unwrap();
            std::fs::write(folder.path().join(&name), photo).unwrap();
            manifest += &format!("{name},real,camera{source},s{source},web\n");
            let name = format!("drawn{seed}.jpg");
            let drawn = Jpeg::quality(90).encode(&Generator::new(seed, 3).draw(224, 192)).unwrap();
            std::fs::write(folder.path().join(&name), drawn).unwrap();
            manifest += &format!("{name},ai,generator{source},s{source},\n");
        }
        std::fs::write(folder.path().join("manifest.csv"), manifest).unwrap();
        let evaluate = ["evaluate", "manifest.csv", "--cache", "cache", "--tiers", "clean,q90"];
        let (code, _, err) =
            run(folder.path(), &[&evaluate[..], &["--results", "a.jsonl"]].concat());
        assert_eq!(code, 0, "{err}");
        folder
    });
    folder.path()
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let config = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/assay.toml"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.args(arguments).current_dir(folder).env_remove("ASSAY_DATA");
    let Output { status, stdout, stderr } = command.env("ASSAY_CONFIG", config).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn assay(arguments: &[&str]) -> (i32, String, String) {
    run(kept(), arguments)
}

fn json(arguments: &[&str]) -> Value {
    let (code, out, err) = assay(&[arguments, &["--format", "json"]].concat());
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

fn refused(arguments: &[&str], expected: &str) {
    let (code, out, err) = assay(arguments);
    assert_eq!(code, 2, "{out}");
    assert!(err.contains(expected), "{err}");
}

fn write(name: &str, text: &str) {
    std::fs::write(kept().join(name), text).unwrap();
}

fn read(name: &str) -> String {
    std::fs::read_to_string(kept().join(name)).unwrap()
}

/// A policy that calls everything AUTHENTIC that it can.
const MILD: &str = "name = \"mild\"\nversion = \"1\"\nextends = \"default\"\n\
                    verdict = { authentic_below = 0.5, ai_generated = 0.99, manipulated = 0.99 }\n\
                    risk = { medium = 0.5, high = 0.99 }\n";

/// A policy that calls everything generated.
const HARSH: &str = "name = \"harsh\"\nversion = \"1\"\nextends = \"default\"\n\
                     quorum = { min_scored = 1, min_weight_share = 0.0 }\n\
                     verdict = { authentic_below = 0.0, ai_generated = 0.01, manipulated = 0.99 }\n\
                     risk = { medium = 0.005, high = 0.99 }\n";

#[test]
fn verdicts_under_another_policy_are_those_that_it_gives_when_it_evaluates() {
    write("mild.toml", MILD);
    let evaluate = ["evaluate", "manifest.csv", "--cache", "cache", "--tiers", "clean,q90"];
    let (code, _, err) =
        assay(&[&evaluate[..], &["--policy", "mild.toml", "--results", "direct.jsonl"]].concat());
    assert_eq!(code, 0, "{err}");
    let replay = ["policy", "replay", "mild.toml", "--on", "a.jsonl", "--out", "replayed.jsonl"];
    assert_eq!(assay(&replay).0, 0);
    assert_eq!(read("replayed.jsonl"), read("direct.jsonl"));
    assert_ne!(read("replayed.jsonl"), read("a.jsonl"));
    // Under its own policy nothing differs.
    let same = json(&["policy", "replay", "default", "--on", "a.jsonl"]);
    assert_eq!(same["tiers"][0]["n_changed"], 0);
}

#[test]
fn difference_of_policies_is_told_by_verdict_group_and_picture() {
    write("harsh.toml", HARSH);
    let diff = ["policy", "diff", "default", "harsh.toml", "--on", "a.jsonl"];
    let found = json(&diff);
    let tier = &found["tiers"][0];
    let count = |truth: &str| -> u64 {
        let rows = tier["transitions"][truth].as_object().unwrap();
        rows.values()
            .flat_map(|row| row.as_object().unwrap().values())
            .map(|n| n.as_u64().unwrap())
            .sum()
    };
    assert_eq!((count("authentic"), count("ai_generated")), (12, 12));
    let changed = tier["n_changed"].as_u64().unwrap();
    assert_eq!(changed, 24, "{tier}");
    assert_eq!(tier["changed"].as_array().unwrap().len() as u64, changed.min(20));
    for one in tier["changed"].as_array().unwrap() {
        assert_ne!(one["before"]["label"], one["now"]["label"]);
    }
    // All of a truth, then its parts; the parts add up.
    let rates = tier["rates"].as_array().unwrap();
    let errors =
        |part: &Value, which: usize| part["rates"][which]["wrong"]["count"].as_u64().unwrap();
    for truth in ["authentic", "ai_generated"] {
        let of: Vec<_> = rates.iter().filter(|part| part["truth"] == truth).collect();
        assert_eq!((of.len(), &of[0]["part"]), (3, &Value::Null));
        for which in 0..2 {
            let parts: u64 = of[1..].iter().map(|part| errors(part, which)).sum();
            assert_eq!(errors(of[0], which), parts);
        }
        assert!(of[0]["rates"][1]["wrong"]["interval"]["high"].as_f64().unwrap() > 0.0);
    }
    let (_, out, _) = assay(&[&diff[..], &["--by", "source", "--limit", "1"]].concat());
    for part in ["verdicts differ ===", "Errors by source", "all authentic", "s0 (authentic)"] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(out.contains(&format!("and {} more (--limit)", changed - 1)), "{out}");
}

#[test]
fn policies_and_detectors_are_compared_on_kept_answers() {
    write("mild3.toml", MILD);
    let found = json(&["compare", "a.jsonl", "--policies", "default,mild3.toml"]);
    assert_eq!(found["pictures"], 24);
    let verdict = &found["tiers"][0]["series"][0];
    assert_eq!(verdict["names"][0], "verdict ai_generated");
    // Both policies fuse by the same weights: the AUC are equal, what is called differs.
    assert_eq!(verdict["auc"]["difference"], 0.0);
    assert_eq!(verdict["found"]["only_second"], 0);
    let (code, out, err) =
        assay(&["compare", "a.jsonl", "--series", "frequency,verdict ai_generated"]);
    assert_eq!(code, 0, "{err}");
    assert!(
        out.contains("frequency and verdict ai_generated: 12 ai_generated, 12 authentic"),
        "{out}"
    );
    assert!(out.contains("DeLong") && out.contains("TPR at 1 % FPR"), "{out}");
    refused(&["compare", "a.jsonl"], "nothing to compare: name a second file");
    refused(&["compare", "a.jsonl", "--series", "gan,splicing"], "only what claims the same");
    refused(&["compare", "a.jsonl", "--series", "gan,nobody"], "there are verdict ai_generated");
}

#[test]
fn leaderboard_is_one_page_without_scripts_with_every_floor() {
    let (code, out, err) = assay(&["leaderboard", "a.jsonl", "--out", "board.html"]);
    assert_eq!(code, 0, "{err}");
    let place = |text: &str| out.find(text).unwrap_or_else(|| panic!("no {text}: {out}"));
    assert!(place("floor: size, format, quality, metadata") < place("gan "));
    assert!(out.contains("generator1") && out.contains("of 6"), "{out}");
    let page = read("board.html");
    for part in
        ["<h3>By perturbation", "<h3>By group at q90", "generator0", "Held out", "n 12 / 12"]
    {
        assert!(page.contains(part), "{part}");
    }
    for forbidden in ["<script", "style=", "http://", "https://", "onclick", "src="] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
    let board = json(&["leaderboard", "a.jsonl", "--order", "auc", "--at", "q90"]);
    let entries = board["tables"][0]["entries"].as_array().unwrap();
    let ranks: Vec<_> = entries
        .iter()
        .map(|entry| {
            let tier = &entry["tiers"]["q90"];
            (tier["headline"]["value"].is_null(), -tier["auc"]["value"].as_f64().unwrap_or(-1.0))
        })
        .collect();
    assert!(ranks.windows(2).all(|pair| pair[0] <= pair[1]), "{ranks:?}");
    refused(&["leaderboard", "a.jsonl", "--at", "hard"], "there is no tier `hard`");
}

#[test]
fn results_that_cannot_be_used_are_refused_with_what_to_do() {
    let text = read("a.jsonl");
    let lines: Vec<_> = text.lines().collect();
    write("other.jsonl", &lines[..24].join("\n"));
    refused(&["compare", "a.jsonl", "other.jsonl"], "1 are in the first alone (drawn11.jpg)");
    refused(&["leaderboard", "a.jsonl", "other.jsonl"], "not of the same pictures");
    write("torn.jsonl", &text[..text.len() - 20]);
    refused(&["policy", "diff", "default", "kyc", "--on", "torn.jsonl"], "torn.jsonl, line 25:");
    write("old.jsonl", &text.replacen("\"form\":1", "\"form\":99", 1));
    refused(&["leaderboard", "old.jsonl"], "is of form 99, and this version reads form 1");
    write("empty.jsonl", lines[0]);
    refused(&["leaderboard", "empty.jsonl"], "holds no picture");
    write(
        "changed.jsonl",
        &text.replacen("\"label\":\"INCONCLUSIVE\"", "\"label\":\"AUTHENTIC\"", 1),
    );
    refused(
        &["policy", "replay", "kyc", "--on", "changed.jsonl"],
        "1 of its verdicts are not what",
    );
    write(
        "others.toml",
        "name = \"others\"\nversion = \"1\"\nextends = \"default\"\n\
                          detectors.metadata.params.disclose = \"serials\"\n",
    );
    let other = ["policy", "diff", "default", "others.toml", "--on", "a.jsonl"];
    refused(&other, "gives `metadata` other parameters");
    refused(&["policy", "replay", "default"], "--data names another directory");
    refused(&["compare", "none.jsonl", "a.jsonl"], "none.jsonl: No such file");
}
