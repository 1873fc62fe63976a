// SPDX-License-Identifier: MIT OR Apache-2.0
//! The conformance cases for deployments: this one passes, and each case catches a faulty one.

mod faults;
mod proxy;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::regions;
use crate::support::{photo, Server};
use crate::swapping::built;

/// What one run of the kit gave.
struct Run {
    code: Option<i32>,
    report: Value,
    said: String,
}

impl Run {
    /// The cases that did not succeed.
    fn bad(&self) -> Vec<&Value> {
        let cases = self.report["cases"].as_array().unwrap();
        cases.iter().filter(|case| case["status"] != "success").collect()
    }
}

/// Runs the kit on the deployment at an address.
fn kit(address: SocketAddr, more: &[&str]) -> Run {
    let program = Path::new(env!("CARGO_BIN_EXE_assay")).with_file_name("assay-conformance");
    let url = format!("http://{address}/v1");
    let mut command = Command::new(program);
    command.args(["deployment", "--base-url", &url, "--format", "json"]).args(more);
    let output = command.env_remove("ASSAY_KEY").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let report = serde_json::from_slice(&output.stdout);
    let report = report.unwrap_or_else(|error| panic!("{error}: {said}"));
    Run { code: output.status.code(), report, said }
}

/// A deployment with everything that the cases want.
struct Subject {
    server: Server,
    /// The arguments with its keys.
    keys: Vec<String>,
}

/// The six results of the guide and the models that give them.
const RESULTS: [(&str, &str); 6] = [
    ("gan", "gan_detection"),
    ("diffusion", "diffusion_detection"),
    ("noise", "noise_analysis"),
    ("metadata", "metadata_analysis"),
    ("frequency", "frequency_analysis"),
    ("splicing", "splicing_detection"),
];

/// The configuration with six detectors that take no time: what they say is no concern of the faults.
fn quick(config: &str) -> String {
    let library = built("libassay_plugin_template.so").display().to_string();
    RESULTS.iter().fold(config.to_owned(), |config, (model, result)| {
        let shipped = format!("library = \"assay_{model}\"\n");
        assert!(config.contains(&shipped), "{model}");
        let own =
            format!("library = \"{library}\"\nresult_key = \"{result}\"\nisolation = \"none\"\n");
        config.replace(&shipped, &own)
    })
}

impl Subject {
    /// A deployment with the shipped configuration as it is changed.
    fn start(change: impl Fn(&str) -> String) -> Self {
        let change = |config: &str| regions::placed(&change(config), "us-east-1");
        let server = Server::start_changed(change, &["--allow-net", "127.0.0.0/8"]);
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
            ["--limited-key", &limited],
            ["--spent-key", &spent],
        ];
        let keys = keys.concat().into_iter().chain(["--hooks"]).map(str::to_owned).collect();
        Self { server, keys }
    }

    fn check(&self, address: SocketAddr, more: &[&str]) -> Run {
        let keys: Vec<_> = self.keys.iter().map(String::as_str).collect();
        kit(address, &[&keys, more].concat())
    }
}

#[test]
fn this_deployment_keeps_every_rule_and_gets_a_badge() {
    let folder = tempfile::tempdir().unwrap();
    let badge = folder.path().join("badge.json").display().to_string();
    let there = regions::start("eu-west-1", &[]);
    let (_, foreign) = there.key(&[]);
    let subject = Subject::start(str::to_owned);
    let address = subject.server.address();
    let run =
        subject.check(address, &["--seed", "1", "--foreign-key", &foreign, "--badge", &badge]);
    assert!(run.code == Some(0) && run.bad().is_empty(), "{:#?} {}", run.bad(), run.said);
    assert_eq!(run.report["seed"], 1);
    let cases = run.report["cases"].as_array().unwrap().len();
    assert_eq!(cases, assay_conformance::api::cases::cases().count());
    let given: Value = serde_json::from_slice(&std::fs::read(&badge).unwrap()).unwrap();
    assert_eq!((&given["passed"], &given["seed"]), (&json!(cases), &json!(1)));
    let version = subject.server.get("/version", None).json();
    assert_eq!(given["subject"]["version"], version);
    assert_eq!(given["subject"]["openapi_sha256"].as_str().map(str::len), Some(64));
}

#[test]
fn every_case_has_a_faulty_deployment_that_it_catches() {
    let caught: BTreeSet<_> = faults::FAULTS.iter().map(|fault| fault.case).collect();
    let cases: BTreeSet<_> = assay_conformance::api::cases::cases().map(|case| case.id).collect();
    assert_eq!(caught, cases);
}

#[test]
fn each_fault_is_caught_by_its_case() {
    let subject = Subject::start(quick);
    for (number, fault) in faults::FAULTS.iter().enumerate() {
        let faulty = proxy::start(subject.server.address(), fault);
        let seed = (2 + number).to_string();
        let run = subject.check(faulty, &["--case", fault.case, "--seed", &seed]);
        let found = &run.report["cases"][0];
        let (status, message) = (&found["status"], found["message"].as_str().unwrap());
        assert_eq!((run.code, status), (Some(1), &json!("failed")), "{}: {found}", fault.case);
        assert!(message.contains(fault.message), "{}: {message}", fault.case);
    }
}

/// A deployment that stops answering is a case that took too long, at a request that is named.
#[test]
fn a_case_that_hangs_is_ended_and_says_at_which_request() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = listener.local_addr().unwrap();
    // It accepts, and says nothing to whoever asks for usage.
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 16];
            let _ = std::io::Read::read(&mut stream, &mut head);
            if head.starts_with(b"GET /v1/") {
                open.push(stream);
            }
        }
    });
    let run = kit(silent, &["--key", "any", "--case", "lists", "--timeout", "2"]);
    let case = &run.report["cases"][0];
    assert_eq!((run.code, &case["status"]), (Some(1), &json!("crashed")), "{case}");
    let message = "no answer within 2 s at: GET /v1/detectors";
    assert_eq!(case["message"], message);
}
