// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be read: policies, usage, finished analyses.

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::support::{photo, Server};

fn names(policies: &Value) -> Vec<&str> {
    let policies = policies["policies"].as_array().unwrap();
    policies.iter().map(|policy| policy["name"].as_str().unwrap()).collect()
}

#[test]
fn an_analysis_can_be_read_again_by_its_own_organisation_only() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let body = json!({ "image_base64": BASE64_STANDARD.encode(photo(1)), "reference_id": "a" });
    let first = server.post("/v1/analyze", &key, &body);
    let path = format!("/v1/analyses/{}", first.header("x-request-id").unwrap());
    let again = server.get(&path, Some(&key));
    assert_eq!((again.status, again.json()), (200, first.json()));
    assert_eq!(again.body, first.body);

    let (code, out, err) = server.keys(&["create", "--org", "other"]);
    assert_eq!(code, 0, "{err}");
    for (path, key) in [(path.as_str(), out.trim()), ("/v1/analyses/req_0", &key)] {
        let answer = server.get(path, Some(key));
        assert_eq!((answer.status, answer.error().as_str()), (404, "NOT_FOUND"));
    }
    let server = server.restart("");
    assert_eq!(server.get(&path, Some(&key)).json(), first.json());
}

#[test]
fn a_request_may_name_one_of_the_listed_policies() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let listed = server.get("/v1/policies", Some(&key)).json();
    assert_eq!(names(&listed), ["content-moderation", "default", "insurance-claims", "kyc"]);
    let image = BASE64_STANDARD.encode(photo(2));
    let mut request = json!({ "image_base64": image });
    for policy in listed["policies"].as_array().unwrap() {
        request["options"] = json!({ "policy": policy["name"] });
        let applied = server.post("/v1/analyze", &key, &request).json();
        for field in ["name", "version", "digest"] {
            assert_eq!(applied["policy"][field], policy[field]);
        }
    }
    request.as_object_mut().unwrap().remove("options");
    let applied = server.post("/v1/analyze", &key, &request).json();
    assert_eq!(applied["policy"]["name"], "default");
    request["options"] = json!({ "policy": "kyx" });
    let answer = server.post("/v1/analyze", &key, &request);
    assert_eq!((answer.status, answer.error().as_str()), (400, "INVALID_REQUEST"));
    assert!(
        answer.message().contains("known: content-moderation, default"),
        "{}",
        answer.message()
    );
}

#[test]
fn policies_beside_the_configuration_can_be_named_too() {
    let folder = tempfile::tempdir().unwrap();
    let text = "name = \"ours\"\nversion = \"7\"\nextends = \"kyc\"\n";
    std::fs::write(folder.path().join("ours.toml"), text).unwrap();
    let search = format!("\n[policies]\nsearch = [\"{}\"]\n", folder.path().display());
    let server = Server::start_with(&search);
    let (_, key) = server.key(&[]);
    let listed = server.get("/v1/policies", Some(&key)).json();
    assert!(names(&listed).contains(&"ours"), "{listed}");
}

#[test]
fn usage_tells_the_plan_and_what_the_day_has_used() {
    let server = Server::start();
    let (_, key) = server.key(&["--plan", "growth"]);
    let before = server.get("/v1/usage", Some(&key)).json();
    assert_eq!((&before["plan"], &before["day"]["used"]), (&"growth".into(), &0.into()));
    assert_eq!(before["day"]["limit"], 100_000);
    let body = json!({ "image_base64": BASE64_STANDARD.encode(photo(3)) });
    assert_eq!(server.post("/v1/analyze", &key, &body).status, 200);
    let after = server.get("/v1/usage", Some(&key)).json();
    // At midnight the day begins anew between the two.
    if after["day"]["reset"] == before["day"]["reset"] {
        assert_eq!(after["day"]["used"], 1);
    }
    let (_, submits) = server.key(&["--scope", "analyze"]);
    for path in ["/v1/usage", "/v1/policies", "/v1/analyses/req_0"] {
        assert_eq!(server.get(path, Some(&submits)).status, 403, "{path}");
    }
}

#[test]
fn what_was_localised_can_be_drawn_later() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let image = BASE64_STANDARD.encode(photo(4));
    let answer = server.post("/v1/analyze", &key, &json!({ "image_base64": image })).json();
    let path = format!("/v1/analyses/{}/heatmap.png", answer["request_id"].as_str().unwrap());
    for (query, colour) in [("", image::ColorType::L8), ("?layer=colour", image::ColorType::Rgba8)]
    {
        let png = server.get(&format!("{path}{query}"), Some(&key));
        assert_eq!((png.status, png.header("content-type")), (200, Some("image/png")));
        let drawn = image::load_from_memory(&png.body).unwrap();
        assert_eq!((drawn.width(), drawn.height(), drawn.color()), (400, 320, colour));
    }
    assert_eq!(server.get(&format!("{path}?layer=x"), Some(&key)).status, 400);
    let (_, other, _) = server.keys(&["create", "--org", "other"]);
    assert_eq!(server.get(&path, Some(other.trim())).status, 404);
    let body = json!({ "image_base64": image, "options": { "models": ["metadata"] } });
    let answer = server.post("/v1/analyze", &key, &body).json();
    let path = format!("/v1/analyses/{}/heatmap.png", answer["request_id"].as_str().unwrap());
    assert_eq!(server.get(&path, Some(&key)).error(), "NOT_FOUND");
}
