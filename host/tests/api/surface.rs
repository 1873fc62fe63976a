// SPDX-License-Identifier: MIT OR Apache-2.0
//! What every path has in common.

use assay_conformance::synth::codec::Jpeg;
use assay_conformance::synth::{Camera, Exif, Scene};
use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::support::{photo, Server};

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
    assert_eq!(answer.header("allow"), Some("POST"));
    let answer = server.send("PUT", "/v1/admin/keys", None, "", &[]);
    assert_eq!(answer.header("allow"), Some("GET, HEAD, POST"));
}

#[test]
fn what_can_be_read_answers_head_without_a_body() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    for path in ["/healthz", "/metrics", "/openapi.json", "/v1/usage"] {
        let answer = server.send("HEAD", path, Some(&key), "", &[]);
        assert_eq!((answer.status, answer.body.len()), (200, 0), "{path}");
        assert!(answer.header("content-length").unwrap().parse::<usize>().unwrap() > 0, "{path}");
    }
    assert_eq!(server.get("/docs", None).header("location"), Some("/docs/"));
}

#[test]
fn the_keys_scheme_may_be_written_in_any_case() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let kind = format!("text/plain\r\nAuthorization: {scheme} {key}");
        assert_eq!(server.send("GET", "/v1/usage", None, &kind, &[]).status, 200, "{scheme}");
    }
    let answer = server.get("/v1/usage", None);
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")));
}

#[test]
fn problems_are_for_clients_that_name_them() {
    let server = Server::start();
    let ask = |accept: &str| {
        let kind = format!("text/plain\r\nAccept: {accept}");
        let answer = server.send("GET", "/v1/usage", None, &kind, &[]);
        answer.header("content-type").unwrap().to_owned()
    };
    for accept in ["application/problem+json", "text/html, APPLICATION/PROBLEM+JSON;q=0.5"] {
        assert_eq!(ask(accept), "application/problem+json", "{accept}");
    }
    for accept in ["application/json", "application/problem+json;q=0, */*"] {
        assert_eq!(ask(accept), "application/json", "{accept}");
    }
}

#[test]
fn a_body_that_is_announced_to_be_too_large_is_not_waited_for() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let head = "application/json\r\nExpect-Nothing: 1";
    let answer = server.send_announcing(60_000_000, "/v1/analyze", &key, head);
    assert_eq!((answer.status, answer.error().as_str()), (413, "FILE_SIZE_EXCEEDED"));
    let kind = "application/json\r\nContent-Encoding: gzip";
    let answer = server.send("POST", "/v1/analyze", Some(&key), kind, b"\x1f\x8b");
    assert_eq!((answer.status, answer.error().as_str()), (400, "INVALID_REQUEST"));
    assert!(answer.message().contains("gzip"), "{}", answer.message());
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

#[test]
fn the_log_tells_of_requests_and_nothing_of_pictures_or_keys() {
    let mut server = Server::start_arguments(&["--log", "json"]);
    let (_, key) = server.key(&[]);
    let image = BASE64_STANDARD.encode(photo(92));
    let answer = server.post("/v1/analyze", &key, &json!({ "image_base64": image }));
    assert_eq!(answer.status, 200);
    let line = server.said(answer.header("x-request-id").unwrap());
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&line["endpoint"], &line["status"]), (&"/v1/analyze".into(), &200.into()));
    // The last lines are written before the process ends.
    assert_eq!(server.stop(), Some(0));
    let last: Value = serde_json::from_str(&server.said("stopped")).unwrap();
    assert_eq!(last["jobs"], 0);
    let all = server.everything_said();
    assert!(!all.contains(&key) && !all.contains(&image[..100]), "{all}");
}

#[test]
fn serials_and_places_are_answered_where_the_policy_allows_and_never_logged() {
    let folder = tempfile::tempdir().unwrap();
    let policy = "name = \"open\"\nversion = \"1\"\nextends = \"default\"\n\
                  detectors.metadata.params.disclose = \"all\"\n";
    std::fs::write(folder.path().join("open.toml"), policy).unwrap();
    let search = format!("\n[policies]\nsearch = [\"{}\"]\n", folder.path().display());
    let mut server = Server::start_with(&search);
    let (_, key) = server.key(&[]);
    let exif = Exif {
        serial: "SN-7316409528".into(),
        position: Some([41.738_125, -37.617_25]),
        ..Exif::of_camera("Synthetic", "S-1", "2024:05:06 07:08:09")
    };
    let picture = Camera::with_body(93).shoot(&Scene::new(93).light(400, 320), 93);
    let image = BASE64_STANDARD.encode(Jpeg::quality(92).exif(exif).encode(&picture).unwrap());
    let ask = |policy: &str| {
        let options = json!({ "policy": policy, "models": ["metadata"] });
        let body = json!({ "image_base64": image, "options": options });
        let answer = server.post("/v1/analyze", &key, &body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer
    };
    let foreign = ["SN-7316409528", "41.738125", "37.61725"];
    let open = ask("open").text();
    assert!(foreign.iter().all(|text| open.contains(text)), "{open}");
    let usual = ask("default").text();
    assert!(!foreign.iter().any(|text| usual.contains(text)), "{usual}");
    assert_eq!(server.stop(), Some(0));
    server.said("stopped");
    let all = server.everything_said();
    assert!(all.contains("/v1/analyze") && !foreign.iter().any(|text| all.contains(text)), "{all}");
}
