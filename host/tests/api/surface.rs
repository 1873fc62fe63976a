// SPDX-License-Identifier: MIT OR Apache-2.0
//! What every path has in common.

use crate::support::Server;

#[test]
fn health_needs_no_key() {
    let server = Server::start();
    for path in ["/healthz", "/readyz"] {
        let answer = server.get(path, None);
        assert_eq!((answer.status, &answer.json()["status"]), (200, &"ok".into()), "{path}");
        assert!(answer.header("x-request-id").unwrap().starts_with("req_"));
    }
    assert_eq!(server.get("/version", None).json()["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn unknown_paths_and_methods_have_the_guides_body() {
    let server = Server::start();
    let answer = server.get("/v1/nothing", None);
    assert_eq!((answer.status, answer.error().as_str()), (404, "NOT_FOUND"));
    let answer = server.send("DELETE", "/v1/analyze", None, "", &[]);
    assert_eq!((answer.status, answer.error().as_str()), (405, "METHOD_NOT_ALLOWED"));
}

#[test]
fn the_detectors_are_listed_in_the_order_of_results() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let answer = server.get("/v1/detectors", Some(&key)).json();
    let detectors = answer["detectors"].as_array().unwrap();
    let models: Vec<_> = detectors.iter().map(|d| d["model"].as_str().unwrap()).collect();
    assert_eq!(models, ["gan", "diffusion", "noise", "metadata", "frequency", "splicing"]);
    assert!(detectors.iter().all(|d| d["digest"].as_str().unwrap().len() == 64));
}

#[test]
fn each_request_has_a_name_of_its_own() {
    let server = Server::start();
    let name = || server.get("/healthz", None).header("x-request-id").unwrap().to_owned();
    assert_ne!(name(), name());
}
