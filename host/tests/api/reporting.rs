// SPDX-License-Identifier: MIT OR Apache-2.0
//! An image handed over on a page, its analysis for people, and reports of stored answers.

use std::path::Path;

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::database;
use crate::support::{photo, Answer, Server};

const BOUNDARY: &str = "a-boundary-of-parts";

/// A browser without scripts that is signed in.
struct Visit<'a> {
    server: &'a Server,
    cookie: String,
    token: String,
}

impl<'a> Visit<'a> {
    fn begin(server: &'a Server, organisation: &str, scopes: &[&str]) -> Self {
        let scopes: Vec<_> = scopes.iter().flat_map(|scope| ["--scope", scope]).collect();
        let (_, key) = server.key_of(organisation, &scopes);
        let kind = "application/x-www-form-urlencoded";
        let answer = server.send("POST", "/sign-in", None, kind, format!("key={key}").as_bytes());
        assert_eq!(answer.status, 303);
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let mut visit = Self { server, cookie, token: String::new() };
        let start = visit.read("/");
        let (_, rest) = start.split_once("name=\"token\" value=\"").unwrap();
        visit.token = rest.split('"').next().unwrap().to_owned();
        visit
    }

    fn get(&self, path: &str) -> Answer {
        let kind = format!("text/plain\r\nCookie: {}", self.cookie);
        self.server.send("GET", path, None, &kind, &[])
    }

    fn read(&self, path: &str) -> String {
        let answer = self.get(path);
        let text = String::from_utf8(answer.body).unwrap();
        assert_eq!(answer.status, 200, "{path}: {text}");
        text
    }

    fn upload(&self, fields: &[(&str, &str)], image: &[u8]) -> Answer {
        self.send("/analyses", fields, &[("a.jpg", image)])
    }

    /// Sends a form with files, each with its name.
    fn send(&self, path: &str, fields: &[(&str, &str)], images: &[(&str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            let head = format!("Content-Disposition: form-data; name=\"{name}\"");
            body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n{value}\r\n").bytes());
        }
        for (file, image) in images {
            let head =
                format!("Content-Disposition: form-data; name=\"image\"; filename=\"{file}\"");
            body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").bytes());
            body.extend(*image);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}\r\nCookie: {}", self.cookie);
        self.server.send("POST", path, None, &kind, &body)
    }

    /// Hands an image over; where its analysis is.
    fn hand_over(&self, fields: &[(&str, &str)], image: &[u8]) -> String {
        let fields = [&[("token", self.token.as_str())], fields].concat();
        let answer = self.upload(&fields, image);
        assert_eq!(answer.status, 303, "{}", String::from_utf8_lossy(&answer.body));
        answer.header("location").unwrap().to_owned()
    }
}

const ALL: [&str; 3] = ["admin", "analyze", "read"];

#[test]
fn an_image_that_is_handed_over_gets_a_page_and_a_report() {
    let server = Server::start();
    let visit = Visit::begin(&server, "acme", &ALL);
    let hostile = "<script>alert(1)</script>\u{202e}";
    let fields = [("policy", "kyc"), ("reference_id", hostile), ("claimed_at", "2026-03-16")];
    let at = visit.hand_over(&fields, &photo(951));
    let page = visit.read(&at);
    let told: Value = serde_json::from_str(&visit.read(&format!("{at}/report.json"))).unwrap();
    assert_eq!(told["policy"]["name"], "kyc");
    assert_eq!(told["request"]["claimed_at"], "2026-03-16");
    assert_eq!(told["detectors"].as_array().unwrap().len(), 6);
    let title = told["verdict"]["title"].as_str().unwrap();
    let risk = format!("{:.2}", told["verdict"]["risk"].as_f64().unwrap());
    let answer = visit.get(&format!("{at}/report.html"));
    let policy = answer.header("content-security-policy").unwrap().to_owned();
    assert!(policy.contains("default-src 'none'; img-src data:"), "{policy}");
    let report = String::from_utf8(answer.body).unwrap();
    for text in [&page, &report] {
        assert!(text.contains(title) && text.contains(&risk), "{text}");
        assert!(!text.contains("<script>alert") && !text.contains('\u{202e}'));
        assert!(text.contains("The averaged spectrum") || text.contains("Averaged spectrum"));
    }
    assert!(report.contains("The picture itself is not part of this report"));
    let sha = told["picture"]["sha256"].as_str().unwrap();
    assert!(page.contains(&format!("data-picture=\"{sha}\"")));
    // The same answer as the API's.
    let (_, key) = server.key(&[]);
    let raw: Value = serde_json::from_str(&visit.read(&format!("{at}/answer.json"))).unwrap();
    assert_eq!(raw, server.get(&format!("/v1{at}"), Some(&key)).json());
}

#[test]
fn a_form_counts_as_a_request_of_the_api_does() {
    let server = Server::start();
    let visit = Visit::begin(&server, "acme", &ALL);
    let (_, key) = server.key(&[]);
    let used = || server.get("/v1/usage", Some(&key)).json()["day"]["used"].clone();
    let before = used();
    let first = visit.hand_over(&[], &photo(952));
    let after = used();
    assert_ne!(before, after);
    // The kept answer is free, and has a page of its own.
    let second = visit.hand_over(&[("reference_id", "again")], &photo(952));
    assert_eq!(used(), after);
    assert_ne!(first, second);
    assert!(visit.read(&second).contains("again"));
}

#[test]
fn forms_without_the_token_the_scope_or_an_image_are_refused_with_a_page() {
    let server = Server::start();
    let visit = Visit::begin(&server, "acme", &ALL);
    let refused = |answer: Answer, status: u16, words: &str| {
        let text = String::from_utf8(answer.body).unwrap();
        assert_eq!(answer.status, status, "{text}");
        assert!(text.starts_with("<!doctype html>") && text.contains(words), "{text}");
    };
    refused(visit.upload(&[], &photo(953)), 403, "not of this session");
    let token = [("token", visit.token.as_str())];
    refused(visit.upload(&token, b""), 400, "No image was chosen");
    refused(visit.upload(&token, b"no image"), 422, "");
    let wrong = [token[0], ("policy", "nonsense")];
    refused(visit.upload(&wrong, &photo(953)), 400, "unknown policy");
    let admin = Visit::begin(&server, "acme", &["admin"]);
    refused(admin.upload(&[("token", &admin.token)], &photo(953)), 403, "scope");
    assert!(!admin.read("/").contains("data-upload"));
}

#[test]
fn another_organisation_finds_no_analysis() {
    let server = Server::start();
    let at = Visit::begin(&server, "acme", &ALL).hand_over(&[], &photo(954));
    let other = Visit::begin(&server, "other", &ALL);
    for path in ["", "/report.html", "/report.json", "/answer.json"] {
        assert_eq!(other.get(&format!("{at}{path}")).status, 404, "{path}");
    }
    assert_eq!(server.get(&at, None).status, 303);
    assert_eq!(other.get("/analyses/%2e%2e%2f").status, 404);
}

/// Runs `assay report` on the server's data: exit code, output, errors.
fn report(server: &Server, arguments: &[&str]) -> (i32, String, String) {
    let mut command = database::assay(server.data());
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/assay.toml");
    command.env("ASSAY_CONFIG", config).arg("report").args(arguments);
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_stored_answer_is_reported_with_its_picture_or_without_it() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let body = json!({ "image_base64": BASE64_STANDARD.encode(photo(955)) });
    let answer = server.post("/v1/analyze", &key, &body);
    let id = answer.header("x-request-id").unwrap();
    let files = tempfile::tempdir().unwrap();
    let file = |name: &str, seed: u64| {
        let path = files.path().join(name);
        std::fs::write(&path, photo(seed)).unwrap();
        path.display().to_string()
    };
    let (code, without, err) = report(&server, &[id]);
    assert_eq!(code, 0, "{err}");
    assert!(without.contains("The picture itself is not part of this report"));
    let (code, with, err) = report(&server, &[id, "--image", &file("same.jpg", 955)]);
    assert_eq!(code, 0, "{err}");
    assert!(with.contains("data:image/jpeg;base64,"));
    let (code, out, err) = report(&server, &[id, "--image", &file("other.jpg", 956)]);
    assert!(code == 1 && out.is_empty() && err.contains("is another picture"), "{err}");
    let (code, told, err) = report(&server, &[id, "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let told: Value = serde_json::from_str(&told).unwrap();
    let stored = answer.json();
    for field in ["label", "risk", "confidence", "p_ai_generated", "p_manipulated"] {
        assert_eq!(told["verdict"][field], stored["verdict"][field], "{field}");
    }
    // The weights are those of the policy that was applied: their sum is the stored probability.
    let log_odds = told["verdict"]["weighing"]["log_odds"][1].as_f64().unwrap();
    let p = 1.0 / (1.0 + (-log_odds).exp());
    assert!((p - stored["verdict"]["p_manipulated"].as_f64().unwrap()).abs() < 1e-3);
    let (code, _, err) = report(&server, &[id, "--policy", "kyc"]);
    assert!(code == 2 && err.contains("not the policy that was applied"), "{err}");
    let (code, _, err) = report(&server, &["req_000000000000000000000000"]);
    assert!(code == 2 && err.contains("no finished analysis"), "{err}");
}

#[test]
fn images_that_are_handed_over_together_are_a_batch_and_may_be_one_claim() {
    let server = Server::start();
    let visit = Visit::begin(&server, "acme", &ALL);
    let (_, key) = server.key(&[]);
    let (first, second) = (photo(971), photo(972));
    let images: [(&str, &[u8]); 3] =
        [("hall.jpg", &first), ("garden.jpg", &second), ("again.jpg", &first)];
    let token = ("token", visit.token.as_str());
    let claim = [token, ("reference_id", "claim-7"), ("claim", "yes"), ("policy", "kyc")];
    let answer = visit.send("/batches", &claim, &images);
    assert_eq!(answer.status, 303, "{}", String::from_utf8_lossy(&answer.body));
    let at = answer.header("location").unwrap().to_owned();
    let batch = server.finished_batch(&key, at.rsplit('/').next().unwrap());
    assert_eq!((&batch["batch_reference_id"], &batch["completed"]), (&json!("claim-7"), &json!(3)));
    let results = batch["results"].as_array().unwrap();
    let mut names: Vec<_> = results.iter().map(|r| r["reference_id"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["again.jpg", "garden.jpg", "hall.jpg"]);
    assert_eq!(batch["claim"]["duplicates"].as_array().unwrap().len(), 1, "{}", batch["claim"]);
    assert!(visit.read(&at).contains("Claim"));
    assert_eq!(server.get("/v1/usage", Some(&key)).json()["day"]["used"], 3);

    let plain = visit.send("/batches", &[token], &images[..2]);
    let at = plain.header("location").unwrap().to_owned();
    let batch = server.finished_batch(&key, at.rsplit('/').next().unwrap());
    assert!(batch.get("claim").is_none(), "{batch}");
    let many: Vec<_> = (0..21).map(|_| images[0]).collect();
    for (fields, images, status, part) in [
        (&[token][..], &many[..], 413, "at most 20 images"),
        (&[token], &[], 400, "No images were chosen"),
        (&[token], &[("", b"".as_slice())], 400, "No images were chosen"),
        (&[("token", "x")], &images[..1], 403, "not of this session"),
        (&[token, ("policy", "nonsense")], &images[..1], 400, "unknown policy"),
        (&[token, ("claimed_at", "yesterday")], &images[..1], 400, "claimed_at"),
        (&[token, ("options", "{}")], &images[..1], 400, "unknown field"),
    ] {
        let refused = visit.send("/batches", fields, images);
        let text = String::from_utf8(refused.body).unwrap();
        assert!(refused.status == status && text.contains(part), "{}: {text}", refused.status);
    }
}
