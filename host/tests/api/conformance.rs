// SPDX-License-Identifier: MIT OR Apache-2.0
//! The conformance suite for deployments, against this one.

use assay_conformance::api::command::{run, Arguments};
use base64::prelude::{Engine as _, BASE64_STANDARD};
use clap::Parser;
use serde_json::{json, Value};

use crate::regions;
use crate::support::{photo, Server};

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,
}

/// Runs the suite; whether all is well, and the report.
fn check(server: &Server, more: &[&str]) -> (bool, Value) {
    let url = format!("http://{}/v1", server.address());
    let head = ["api", "--base-url", &url, "--format", "json", "--seed", "1"];
    let command = Command::parse_from(head.iter().chain(more));
    let mut out = Vec::new();
    let is_well = run(&command.arguments, &mut out).unwrap();
    (is_well, serde_json::from_slice(&out).unwrap())
}

#[test]
fn this_deployment_keeps_every_rule() {
    let there = regions::start("eu-west-1", &[]);
    let (_, foreign) = there.key(&[]);
    let server = regions::start("us-east-1", &["--allow-net", "127.0.0.0/8"]);
    let (_, limited) = server.key_of("limited", &[]);
    let (_, spent) = server.key_of("spent", &[]);
    let body = json!({ "image_base64": BASE64_STANDARD.encode(photo(90)) });
    assert_eq!(server.post("/v1/analyze", &spent, &body).status, 200);
    let (_, key) = server.key(&["--plan", "enterprise"]);
    let (_, admin) = server.key(&["--scope", "admin"]);
    let (_, restricted) = server.key(&["--endpoint", "/v1/usage"]);
    let keys = [
        ["--key", &key],
        ["--admin-key", &admin],
        ["--restricted-key", &restricted],
        ["--foreign-key", &foreign],
        ["--limited-key", &limited],
        ["--spent-key", &spent],
    ];
    let (is_well, report) = check(&server, &[&keys.concat()[..], &["--hooks"]].concat());
    let cases = report["cases"].as_array().unwrap();
    let bad: Vec<_> = cases.iter().filter(|case| case["status"] != "success").collect();
    assert!(is_well && bad.is_empty(), "{bad:#?}");
    assert!(cases.len() >= 53);
}

/// A suite that cannot fail proves nothing: one that is given a wrong key finds that out.
#[test]
fn the_suite_finds_what_is_wrong() {
    let server = Server::start();
    let (is_well, report) = check(&server, &["--key", "nobody", "--only", "formats"]);
    assert!(!is_well);
    let message = report["cases"][0]["message"].as_str().unwrap();
    assert!(message.contains("expected status 200, found 401"), "{message}");
}
