// SPDX-License-Identifier: MIT OR Apache-2.0
//! The stability check over HTTP: an addition beside the guide's fields, stored as it was answered.

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::json;

use crate::openapi::check;
use crate::support::{photo, Server};

#[test]
fn check_of_a_policy_is_answered_stored_and_described() {
    let folder = tempfile::tempdir().unwrap();
    let policy = "name = \"careful\"\nversion = \"1\"\nextends = \"default\"\n\
                  [stability]\nenabled = true\n\
                  [verdict]\nai_generated = 0.99\nmanipulated = 0.99\nauthentic_below = 0.98\n\
                  [risk]\nmedium = 0.98\nhigh = 0.99\n";
    std::fs::write(folder.path().join("careful.toml"), policy).unwrap();
    let search = format!("\n[policies]\nsearch = [\"{}\"]\n", folder.path().display());
    let server = Server::start_with(&search);
    let (_, key) = server.key(&["--scope", "read", "--scope", "analyze"]);
    let image = BASE64_STANDARD.encode(photo(5));
    let ask = |policy: &str| {
        let body = json!({ "image_base64": image, "options": { "policy": policy } });
        server.post("/v1/analyze", &key, &body)
    };
    let answer = ask("careful");
    let body = answer.json();
    assert_eq!(body["verdict"]["label"], "AUTHENTIC", "{body}");
    assert_eq!(body["stability"]["status"], "stable", "{body}");
    assert_eq!(body["stability"]["copies"].as_array().unwrap().len(), 2);
    let document = server.get("/openapi.json", None).json();
    check(&document, ("post", "/v1/analyze"), &answer);
    let path = format!("/v1/analyses/{}", body["request_id"].as_str().unwrap());
    assert_eq!(server.get(&path, Some(&key)).json(), body);
    assert!(ask("default").json().get("stability").is_none());
}
