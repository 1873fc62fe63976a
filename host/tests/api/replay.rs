// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay replay`: a stored verdict, made again.

use std::path::Path;

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::database;
use crate::support::{photo, Server};

/// Runs `assay replay`: exit code, output, errors.
fn replay(server: &Server, id: &str, more: &[&str]) -> (i32, String, String) {
    let mut command = database::assay(server.data());
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/assay.toml");
    command.env("ASSAY_CONFIG", config).args(["replay", id]);
    let output = command.args(more).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn body(seed: u64) -> Value {
    json!({ "image_base64": BASE64_STANDARD.encode(photo(seed)) })
}

fn tamper(data: &Path, statement: &str) {
    database::alter(data, &[statement]).unwrap();
}

#[test]
fn a_stored_verdict_is_made_again_from_its_answers_and_from_its_picture() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("photo.jpg");
    std::fs::write(&file, photo(901)).unwrap();
    let file = file.to_str().unwrap();
    for options in [
        json!({}),
        json!({ "models": ["noise", "metadata"], "policy": "kyc" }),
        json!({ "return_heatmap": true, "policy": "insurance-claims" }),
    ] {
        let mut asked = body(901);
        asked["options"] = options.clone();
        asked["context"] = json!({ "claimed_at": "2026-03-16" });
        let answer = server.post("/v1/analyze", &key, &asked);
        let id = answer.header("x-request-id").unwrap().to_owned();
        let (code, out, err) = replay(&server, &id, &["--image", file]);
        assert_eq!(code, 0, "{options}: {out}{err}");
        let label = answer.json()["verdict"]["label"].as_str().unwrap().to_owned();
        for part in ["policy     same", "decoder    same", "image      same", "scores     equal"] {
            assert!(out.contains(part), "{part}: {out}");
        }
        assert!(out.contains(&format!("verdict    equal: {label}, risk ")), "{out}");
        assert!(out.contains(&format!("rerun      equal: {label}, risk ")), "{out}");
        assert!(!out.contains("other:"), "{out}");
    }
}

#[test]
fn jobs_and_answers_given_again_can_be_replayed() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let first = server.post("/v1/analyze", &key, &body(902));
    let again = server.post("/v1/analyze", &key, &body(902));
    let batch =
        server.post("/v1/analyze/batch", &key, &json!({ "images": [body(902), body(903)] }));
    let batch = server.finished_batch(&key, batch.json()["batch_id"].as_str().unwrap());
    std::thread::sleep(std::time::Duration::from_millis(500));
    let first = first.header("x-request-id").unwrap();
    let (code, out, _) = replay(&server, again.header("x-request-id").unwrap(), &[]);
    assert!(code == 0 && out.contains(&format!("got the answer of {first} again")), "{out}");
    for result in batch["results"].as_array().unwrap() {
        let (code, out, err) = replay(&server, result["request_id"].as_str().unwrap(), &[]);
        assert_eq!(code, 0, "{out}{err}");
    }
}

#[tokio::test]
async fn what_differs_is_told() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let id =
        server.post("/v1/analyze", &key, &body(904)).header("x-request-id").unwrap().to_owned();
    let files = tempfile::tempdir().unwrap();
    let other = files.path().join("other.jpg");
    std::fs::write(&other, photo(905)).unwrap();
    let (code, out, _) = replay(&server, &id, &["--image", other.to_str().unwrap()]);
    assert!(code == 1 && out.contains("image      differs"), "{out}");
    let (code, out, _) = replay(&server, &id, &["--policy", "kyc"]);
    assert!(code == 1 && out.contains("policy     differs: default"), "{out}");

    let change = database::either(
        "UPDATE analyses SET body = json_set(body, '$.verdict.risk', 0.1234)",
        "UPDATE analyses SET body = jsonb_set(body::jsonb, '{verdict,risk}', '0.1234')",
    );
    tamper(server.data(), change);
    let (code, out, _) = replay(&server, &id, &[]);
    assert!(code == 1 && out.contains("verdict    differs: risk 0.1234 was stored"), "{out}");

    let change = database::either(
        "UPDATE analyses SET derivation = json_set(derivation, '$.answers[0].digest', 'abc', \
         '$.answers[1].version', '0.0.0')",
        "UPDATE analyses SET derivation = jsonb_set(jsonb_set(derivation::jsonb, \
         '{answers,0,digest}', '\"abc\"'), '{answers,1,version}', '\"0.0.0\"')",
    );
    tamper(server.data(), change);
    let (_, out, _) = replay(&server, &id, &[]);
    assert!(out.contains("gan        other:") && out.contains("(abc) was used"), "{out}");

    tamper(server.data(), "UPDATE analyses SET derivation = NULL");
    let (code, _, err) = replay(&server, &id, &[]);
    assert!(code == 2 && err.contains("by an earlier version"), "{err}");
    let (code, _, err) = replay(&server, "req_0", &[]);
    assert!(code == 2 && err.contains("no finished analysis req_0"), "{err}");
}

/// Faults of detectors and copies are part of what is kept.
#[test]
fn verdicts_that_rest_on_copies_are_made_again_too() {
    let folder = tempfile::tempdir().unwrap();
    let policy = "name = \"checked\"\nversion = \"1\"\nextends = \"default\"\n\
                  verdict.authentic_below = 0.6\nrisk.medium = 0.6\n[stability]\nenabled = true\n";
    std::fs::write(folder.path().join("checked.toml"), policy).unwrap();
    let search = format!("\n[policies]\nsearch = [\"{}\"]\n", folder.path().display());
    let server = Server::start_with(&search);
    let (_, key) = server.key(&[]);
    let mut asked = body(906);
    asked["options"] = json!({ "policy": "checked" });
    let answer = server.post("/v1/analyze", &key, &asked);
    assert_eq!(answer.status, 200, "{}", answer.json());
    let file = folder.path().join("checked.toml");
    let id = answer.header("x-request-id").unwrap();
    let (code, out, err) = replay(&server, id, &["--policy", file.to_str().unwrap()]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("policy     same: checked 1"), "{out}");
}

#[test]
fn all_that_was_answered_is_made_again_under_another_policy() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    for seed in [911, 912] {
        let mut asked = body(seed);
        asked["reference_id"] = json!(format!("claim-{seed}"));
        assert_eq!(server.post("/v1/analyze", &key, &asked).status, 200);
    }
    std::thread::sleep(std::time::Duration::from_millis(500));
    let files = tempfile::tempdir().unwrap();
    let policy = files.path().join("strict.toml");
    let strict = "name = \"strict\"\nversion = \"1\"\nextends = \"default\"\n\
                  verdict.authentic_below = 0.0\nrisk.medium = 0.0\n";
    std::fs::write(&policy, strict).unwrap();
    let run = |policy: &str, more: &[&str]| {
        let mut command = database::assay(server.data());
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/assay.toml");
        command.env("ASSAY_CONFIG", config).args(["policy", "replay", policy]);
        let output = command.args(more).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let made = |policy: &str, more: &[&str]| -> Value {
        let (code, out, err) = run(policy, &[&["--format", "json"], more].concat());
        assert_eq!(code, 0, "{out}{err}");
        serde_json::from_str(&out).unwrap()
    };
    let same = made("default", &[]);
    assert_eq!((&same["made"], &same["n_changed"]), (&json!(2), &json!(0)));
    assert_eq!(made("default", &["--since", "2999-01-01"])["made"], 0);
    // Nothing is of LOW risk any more, and nothing is AUTHENTIC.
    let strict = made(policy.to_str().unwrap(), &["--since", "2020-01-01"]);
    assert_eq!((&strict["made"], &strict["n_changed"]), (&json!(2), &json!(2)), "{strict}");
    for changed in strict["changed"].as_array().unwrap() {
        assert!(changed["reference_id"].as_str().unwrap().starts_with("claim-91"), "{changed}");
        assert_eq!(
            (&changed["before_level"], &changed["now_level"]),
            (&json!("LOW"), &json!("MEDIUM"))
        );
        assert_ne!(changed["now"], "AUTHENTIC");
    }
    let (code, _, err) = run("default", &["--since", "yesterday"]);
    assert!(code == 2 && err.contains("must be a day as 2026-11-30"), "{err}");
}
