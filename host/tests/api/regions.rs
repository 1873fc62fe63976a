// SPDX-License-Identifier: MIT OR Apache-2.0
//! Regions, proxies, organisations' policies: what the configuration decides.

use std::time::{Duration, Instant};

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::json;

use crate::support::{photo, Server};

const REGIONS: &str =
    "\n[regions]\nus-east-1 = \"https://us.example/v1\"\neu-west-1 = \"https://eu.example/v1\"\n";
/// An organisation that may submit one image a day.
const SPENT: &str = "[[organisation]]\nname = \"spent\"\nrequests_per_day = 1\n";

/// A server of a region that knows the other one.
pub(crate) fn start(region: &str, arguments: &[&str]) -> Server {
    Server::start_changed(|config| placed(config, region), arguments)
}

/// A configuration with a region, and the other one known.
pub(crate) fn placed(config: &str, region: &str) -> String {
    let head = "[plugins]\n";
    assert!(config.contains(head));
    config.replace(head, &format!("region = \"{region}\"\n{REGIONS}\n{SPENT}\n{head}"))
}

#[test]
fn a_key_of_another_region_is_sent_home() {
    let (here, there) = (start("us-east-1", &[]), start("eu-west-1", &[]));
    let ((_, own), (_, foreign)) = (here.key(&[]), there.key(&[]));
    let answer = here.get("/v1/detectors", Some(&own));
    assert_eq!((answer.status, answer.header("x-region")), (200, Some("us-east-1")));
    let body = json!({ "image_base64": BASE64_STANDARD.encode(photo(81)) });
    let answer = here.post("/v1/analyze", &foreign, &body);
    assert_eq!((answer.status, answer.error().as_str()), (421, "WRONG_REGION"));
    assert!(answer.message().contains("https://eu.example/v1"), "{}", answer.message());
    assert_eq!(answer.header("x-region-base-url"), Some("https://eu.example/v1"));
    let unknown = foreign.replace("eu-west-1", "moon-1");
    assert_eq!(here.get("/v1/detectors", Some(&unknown)).status, 401);
}

#[test]
fn the_address_behind_a_trusted_proxy_decides() {
    let more = "\n[network]\ntrusted_proxies = [\"127.0.0.0/8\", \"10.0.0.0/8\"]\n";
    let trusting = Server::start_with(more);
    let ask = |server: &Server, key: &str, forwarded: &str| {
        let header = format!("X-Forwarded-For: {forwarded}");
        server.post_with("/v1/analyze", key, &header, &json!({})).status
    };
    let allowed = ["--allow-ip", "192.0.2.0/24"];
    let (_, key) = trusting.key(&allowed);
    assert_eq!(ask(&trusting, &key, "192.0.2.7"), 400);
    assert_eq!(ask(&trusting, &key, "203.0.113.5, 192.0.2.7, 10.0.0.2"), 400);
    // What stands before the last address that is no proxy, the client wrote itself.
    assert_eq!(ask(&trusting, &key, "192.0.2.7, 203.0.113.5"), 403);
    assert_eq!(ask(&trusting, &key, "nonsense"), 403);
    let plain = Server::start();
    let (_, key) = plain.key(&allowed);
    assert_eq!(ask(&plain, &key, "192.0.2.7"), 403);
}

#[test]
fn an_organisation_has_a_default_policy_and_those_it_may_name() {
    let more = "\n[[organisation]]\nname = \"acme\"\npolicy = \"kyc\"\npolicies = [\"default\"]\n";
    let server = Server::start_with(more);
    let (_, key) = server.key(&[]);
    let listed = server.get("/v1/policies", Some(&key)).json();
    let names: Vec<_> = listed["policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["name"].as_str().unwrap(), p["is_default"].as_bool().unwrap()))
        .collect();
    assert_eq!(names, [("default", false), ("kyc", true)]);
    let ask = |options: serde_json::Value| {
        let image = BASE64_STANDARD.encode(photo(82));
        server.post("/v1/analyze", &key, &json!({ "image_base64": image, "options": options }))
    };
    assert_eq!(ask(json!({})).json()["policy"]["name"], "kyc");
    assert_eq!(ask(json!({ "policy": "default" })).json()["policy"]["name"], "default");
    let answer = ask(json!({ "policy": "insurance-claims" }));
    assert_eq!((answer.status, answer.error().as_str()), (400, "INVALID_REQUEST"));
}

#[test]
fn a_changed_policy_is_taken_up_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ours.toml");
    let write = |version: &str, rest: &str| {
        let text =
            format!("name = \"ours\"\nversion = \"{version}\"\nextends = \"default\"\n{rest}");
        std::fs::write(&file, text).unwrap();
    };
    write("1", "");
    let server =
        Server::start_with(&format!("\n[policies]\nsearch = [\"{}\"]\n", folder.path().display()));
    let (_, key) = server.key(&["--plan", "enterprise"]);
    let version = || {
        let listed = server.get("/v1/policies", Some(&key)).json();
        let policies = listed["policies"].as_array().unwrap().clone();
        policies.iter().find(|p| p["name"] == "ours").unwrap()["version"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let wait = |done: &dyn Fn() -> bool| {
        let end = Instant::now() + Duration::from_secs(20);
        while !done() {
            assert!(Instant::now() < end);
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let metric = |name: &str| {
        let text = String::from_utf8(server.get("/metrics", None).body).unwrap();
        text.lines().any(|line| line.starts_with(name))
    };
    assert_eq!(version(), "1");
    write("2", "");
    wait(&|| version() == "2");
    write("3", "nonsense = 7\n");
    wait(&|| metric("assay_policy_reload_failures_total 1"));
    assert_eq!(version(), "2");
    write("4", "");
    wait(&|| version() == "4");
}

#[test]
fn a_client_that_wants_problems_gets_them() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let answer =
        server.post_with("/v1/analyze", &key, "Accept: application/problem+json", &json!({}));
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (400, Some("application/problem+json"))
    );
    let problem = answer.json();
    assert_eq!((&problem["status"], &problem["title"]), (&400.into(), &"Bad Request".into()));
    assert_eq!(
        (&problem["code"], &problem["error"]["code"]),
        (&"INVALID_REQUEST".into(), &"INVALID_REQUEST".into())
    );
    assert_eq!(problem["detail"], problem["error"]["message"]);
    assert_eq!(problem["request_id"].as_str(), answer.header("x-request-id"));
}
