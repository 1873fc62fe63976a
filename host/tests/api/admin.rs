// SPDX-License-Identifier: MIT OR Apache-2.0
//! Administration over HTTP: an organisation's own keys, secret and audit log.

use serde_json::json;

use crate::support::Server;

const ADMIN: [&str; 4] = ["--scope", "admin", "--scope", "read"];

#[test]
fn a_key_is_made_rotated_and_revoked_over_http() {
    let server = Server::start();
    let (admin_id, admin) = server.key(&ADMIN);
    let body = json!({
        "environment": "staging",
        "scopes": ["read"],
        "endpoints": ["/v1/detectors"],
        "allow_ips": ["127.0.0.0/8"],
        "expires_at": "2100-01-01T00:00:00Z",
    });
    let answer = server.post("/v1/admin/keys", &admin, &body);
    assert_eq!(answer.status, 201, "{}", answer.json());
    let made = answer.json();
    let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert_eq!(server.get("/v1/detectors", Some(key)).status, 200);
    assert_eq!(server.get("/v1/policies", Some(key)).status, 403);
    let listed = server.get("/v1/admin/keys", Some(&admin)).json();
    let shown = listed["keys"].as_array().unwrap().iter().find(|k| k["id"] == id).unwrap();
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(&shown[field], value, "{field}");
    }
    assert!(!listed.to_string().contains(key));

    let answer = server.post(
        &format!("/v1/admin/keys/{id}/rotate"),
        &admin,
        &json!({ "overlap_seconds": 60 }),
    );
    assert_eq!(answer.status, 201);
    let new = answer.json()["key"].as_str().unwrap().to_owned();
    for key in [key, &new] {
        assert_eq!(server.get("/v1/detectors", Some(key)).status, 200);
    }
    let path = format!("/v1/admin/keys/{}/revoke", answer.json()["id"].as_str().unwrap());
    assert_eq!(server.post(&path, &admin, &json!({})).json()["state"], "revoked");
    assert_eq!(server.get("/v1/detectors", Some(&new)).status, 401);
    assert_eq!(server.post(&path, &admin, &json!({})).status, 400);

    let audit = server.get("/v1/admin/audit", Some(&admin)).json();
    let acts: Vec<_> = audit["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["act"].as_str().unwrap(), e["actor"].as_str().unwrap()))
        .collect();
    let admin_id = admin_id.as_str();
    let expected = [
        ("key.revoke", admin_id),
        ("key.rotate", admin_id),
        ("key.create", admin_id),
        ("key.create", "cli"),
    ];
    assert_eq!(acts, expected);
}

#[test]
fn a_key_in_use_is_restricted_at_once_and_cannot_restrict_itself() {
    let server = Server::start();
    let (admin_id, admin) = server.key(&ADMIN);
    let (id, key) = server.key(&["--scope", "read"]);
    let path = format!("/v1/admin/keys/{id}/restrict");
    let restrict = |body| server.post(&path, &admin, &body);
    let status = |path| server.get(path, Some(&key)).status;
    assert_eq!((status("/v1/usage"), status("/v1/detectors")), (200, 200));
    let answer = restrict(json!({ "endpoints": ["/v1/usage"] }));
    assert_eq!((answer.status, answer.json()["state"].as_str()), (200, Some("active")));
    assert_eq!((status("/v1/usage"), status("/v1/detectors")), (200, 403));
    // What is left out stays.
    assert_eq!(restrict(json!({ "allow_ips": ["192.0.2.0/24"] })).status, 200);
    assert_eq!(status("/v1/usage"), 403);
    assert_eq!(restrict(json!({ "allow_ips": [] })).status, 200);
    assert_eq!((status("/v1/usage"), status("/v1/detectors")), (200, 403));
    assert_eq!(restrict(json!({ "endpoints": [] })).status, 200);
    assert_eq!(status("/v1/detectors"), 200);

    for (body, part) in [
        (json!({ "endpoints": ["/v1/nonsense"] }), "known: /v1/analyze"),
        (json!({ "allow_ips": ["everywhere"] }), "allow_ips"),
        (json!({ "scopes": ["admin"] }), "scopes"),
    ] {
        let refused = restrict(body);
        assert_eq!((refused.status, refused.error().as_str()), (400, "INVALID_REQUEST"));
        assert!(refused.message().contains(part), "{}", refused.message());
    }
    let own = format!("/v1/admin/keys/{admin_id}/restrict");
    let refused = server.post(&own, &admin, &json!({ "endpoints": ["/v1/usage"] }));
    assert!(refused.message().contains("cannot restrict itself"), "{}", refused.message());
    server.keys(&["revoke", &id]);
    assert_eq!(restrict(json!({})).status, 400);
    let audit = server.get("/v1/admin/audit", Some(&admin)).json();
    assert_eq!(audit.to_string().matches("key.restrict").count(), 4);
}

#[test]
fn only_an_admin_of_the_organisation_administrates_it() {
    let server = Server::start();
    let (id, plain) = server.key(&[]);
    let (code, other, _) = server.keys(&["create", "--org", "other", "--scope", "admin"]);
    assert_eq!(code, 0);
    let other = other.trim();
    for path in [
        "/v1/admin/keys",
        "/v1/admin/webhooks/secret",
        "/v1/admin/webhooks/deliveries",
        "/v1/admin/audit",
    ] {
        assert_eq!(server.get(path, None).status, 401, "{path}");
        assert_eq!(server.get(path, Some(&plain)).status, 403, "{path}");
        assert_eq!(server.get(path, Some(other)).status, 200, "{path}");
    }
    for act in ["rotate", "revoke"] {
        let path = format!("/v1/admin/keys/{id}/{act}");
        assert_eq!(server.post(&path, other, &json!({})).status, 404);
    }
    assert!(!server.get("/v1/admin/keys", Some(other)).json().to_string().contains(&id));
    assert_eq!(server.get("/v1/detectors", Some(&plain)).status, 200);
}

#[test]
fn what_makes_no_key_is_refused() {
    let server = Server::start();
    let (_, admin) = server.key(&ADMIN);
    for (body, part) in [
        (json!({ "scopes": ["all"] }), "unknown scope \"all\""),
        (json!({ "scopes": [] }), "at least one scope"),
        (json!({ "environment": "prod" }), "unknown environment"),
        (json!({ "allow_ips": ["10.0.0.1/8"] }), "bits beyond the prefix"),
        (json!({ "endpoints": ["analyze"] }), "known: /v1/analyze"),
        (json!({ "endpoints": ["/v1/nonsense"] }), "known: /v1/analyze"),
        (json!({ "expires_at": "2020-01-01T00:00:00Z" }), "in the future"),
        (json!({ "expires_at": "soon" }), "expires_at"),
        (json!({ "org": "other" }), "unknown field `org`"),
    ] {
        let answer = server.post("/v1/admin/keys", &admin, &body);
        assert_eq!((answer.status, answer.error().as_str()), (400, "INVALID_REQUEST"), "{part}");
        let message = answer.message();
        assert!(message.contains(part) || part == "expires_at", "{message}");
    }
}

#[test]
fn the_secret_is_the_one_of_the_command_line() {
    let server = Server::start();
    let (_, admin) = server.key(&ADMIN);
    let secret = server.webhooks(&["secret", "--org", "acme"]);
    assert!(secret.starts_with("whsec_"));
    assert_eq!(
        server.get("/v1/admin/webhooks/secret", Some(&admin)).json()["secret"],
        secret.as_str()
    );
    let answer = server.post("/v1/admin/webhooks/secret/rotate", &admin, &json!({}));
    let new = answer.json()["secret"].as_str().unwrap().to_owned();
    assert_ne!(new, secret);
    assert_eq!(server.webhooks(&["secret", "--org", "acme"]), new);
}
