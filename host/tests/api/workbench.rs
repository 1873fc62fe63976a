// SPDX-License-Identifier: MIT OR Apache-2.0
//! The policy workbench: other numbers tried on stored analyses, without detectors, and downloaded.

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::json;

use crate::support::{photo, Answer, Server};

const PATH: &str = "/policies/default/workbench";
const ADMIN: [&str; 4] = ["--scope", "admin", "--scope", "read"];
const FULL: [&str; 6] = ["--scope", "admin", "--scope", "read", "--scope", "analyze"];

/// Somebody who is signed in.
struct Visit<'a> {
    server: &'a Server,
    cookie: String,
    token: String,
}

impl<'a> Visit<'a> {
    fn begin(server: &'a Server, key: &str) -> Self {
        let kind = "application/x-www-form-urlencoded";
        let answer = server.send("POST", "/sign-in", None, kind, format!("key={key}").as_bytes());
        assert_eq!(answer.status, 303);
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let mut visit = Self { server, cookie, token: String::new() };
        let page = text(&visit.get(PATH));
        let (_, rest) = page.split_once("name=\"csrf-token\" content=\"").unwrap();
        visit.token = rest.split('"').next().unwrap().to_owned();
        visit
    }

    fn get(&self, path: &str) -> Answer {
        let kind = format!("text/plain\r\nCookie: {}", self.cookie);
        self.server.send("GET", path, None, &kind, b"")
    }

    fn post(&self, path: &str, fields: &str) -> Answer {
        let kind = format!("application/x-www-form-urlencoded\r\nCookie: {}", self.cookie);
        let body = format!("token={}&{fields}", self.token);
        self.server.send("POST", path, None, &kind, body.as_bytes())
    }
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

fn analysed(server: &Server, key: &str, seed: u64, reference: &str) -> String {
    let body =
        json!({ "image_base64": BASE64_STANDARD.encode(photo(seed)), "reference_id": reference });
    let answer = server.post("/v1/analyze", key, &body);
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()["request_id"].as_str().unwrap().to_owned()
}

#[test]
fn numbers_are_tried_on_stored_analyses_and_those_that_change_are_listed() {
    let server = Server::start();
    let (_, key) = server.key(&FULL);
    let id = analysed(&server, &key, 81, "<b>first</b>");
    let (_, other) = server.key_of("other", &FULL);
    let foreign = analysed(&server, &other, 82, "foreign");
    let visit = Visit::begin(&server, &key);
    let page = text(&visit.get(PATH));
    assert!(
        page.contains("Nothing is changed yet") && page.contains("Analyses made again: 1."),
        "{page}"
    );
    assert!(page.contains("name=\"fusion.manipulated.weights.splicing\""));
    // With a bias that large every picture is manipulated.
    let page = text(&visit.post(PATH, "fusion.manipulated.bias=20"));
    assert!(page.contains("1 of 1 analyses would read otherwise"), "{page}");
    assert!(
        page.contains(&format!("/analyses/{id}")) && page.contains("MANIPULATED, HIGH"),
        "{page}"
    );
    assert!(page.contains("&#60;b&#62;first") && !page.contains("<b>first"), "{page}");
    assert!(!page.contains(&foreign));
    assert!(page.contains("value=\"20\""), "what was sent stays in the form");
    // Nothing was changed.
    let stored = server.get(&format!("/v1/analyses/{id}"), Some(&key)).json();
    assert_ne!(stored["verdict"]["label"], "MANIPULATED");
}

#[test]
fn what_was_tried_is_a_file_that_the_check_accepts() {
    let server = Server::start();
    let (_, key) = server.key(&ADMIN);
    let visit = Visit::begin(&server, &key);
    let fields = "name=ours&verdict.manipulated=0.55&detectors.splicing.threshold=0.6&verdict.ai_generated=0.835";
    let answer = visit.post(&format!("{PATH}/policy.toml"), fields);
    assert_eq!(answer.status, 200, "{}", text(&answer));
    assert!(answer.header("content-disposition").unwrap().contains("ours.toml"));
    let file = text(&answer);
    let said: Vec<_> = file.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        said,
        [
            "name = \"ours\"",
            "version = \"1\"",
            "extends = \"default\"",
            "verdict.manipulated = 0.55",
            "detectors.splicing.threshold = 0.6"
        ]
    );
    let path = server.data().join("ours.toml");
    std::fs::write(&path, file).unwrap();
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/assay.toml");
    let mut check = std::process::Command::new(env!("CARGO_BIN_EXE_assay"));
    let output =
        check.env("ASSAY_CONFIG", config).args(["policy", "check"]).arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn numbers_that_make_no_policy_are_told_and_stay_in_the_form() {
    let server = Server::start();
    let (_, key) = server.key(&ADMIN);
    let visit = Visit::begin(&server, &key);
    for (fields, part) in [
        ("verdict.manipulated=1.5", "within 0..=1"),
        ("verdict.authentic_below=0.9", "must be at most"),
        ("verdict.manipulated=much", "is no number"),
        ("name=Not+Kebab&verdict.manipulated=0.5", "lower-case"),
    ] {
        for path in [PATH.to_owned(), format!("{PATH}/policy.toml")] {
            let answer = visit.post(&path, fields);
            assert_eq!(answer.status, 400, "{fields}");
            assert!(text(&answer).contains(part), "{}", text(&answer));
        }
    }
    assert_eq!(visit.get("/policies/nonsense/workbench").status, 404);
}

#[test]
fn nobody_tries_numbers_without_a_session_and_its_token() {
    let server = Server::start();
    let (_, key) = server.key(&ADMIN);
    let visit = Visit::begin(&server, &key);
    let stranger = Visit { server: &server, cookie: "none=none".into(), token: "x".into() };
    assert_eq!(stranger.get(PATH).status, 303);
    let forged = Visit { server: &server, cookie: visit.cookie.clone(), token: "x".into() };
    assert_eq!(forged.post(PATH, "verdict.manipulated=0.5").status, 403);
}
