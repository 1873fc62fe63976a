// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who may do what: every operation of the reference, with keys of the owner and of another organisation.
//!
//! An operation that the reference has and this table has not fails the test: whoever adds one says here
//! which scope it needs and whose object it names.

use std::collections::BTreeSet;

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::receiver::Receiver;
use crate::support::{photo, Answer, Server};

/// What an operation's path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Object {
    /// Nothing.
    None,
    Analysis,
    /// An analysis in which something was localised.
    Heatmap,
    Batch,
    Key,
    Delivery,
}

/// Method, path, scope, and what the path names; without a scope for everybody.
type Row = (&'static str, &'static str, Option<&'static str>, Object);

const ROWS: &[Row] = &[
    ("get", "/healthz", None, Object::None),
    ("get", "/readyz", None, Object::None),
    ("get", "/version", None, Object::None),
    ("get", "/metrics", None, Object::None),
    ("get", "/openapi.json", None, Object::None),
    ("post", "/v1/analyze", Some("analyze"), Object::None),
    ("post", "/v1/analyze/batch", Some("analyze"), Object::None),
    ("get", "/v1/batches/{batch_id}", Some("read"), Object::Batch),
    ("get", "/v1/analyses/{request_id}", Some("read"), Object::Analysis),
    ("get", "/v1/analyses/{request_id}/heatmap.png", Some("read"), Object::Heatmap),
    ("get", "/v1/detectors", Some("read"), Object::None),
    ("get", "/v1/policies", Some("read"), Object::None),
    ("get", "/v1/usage", Some("read"), Object::None),
    ("get", "/v1/admin/keys", Some("admin"), Object::None),
    ("post", "/v1/admin/keys", Some("admin"), Object::None),
    ("post", "/v1/admin/keys/{id}/rotate", Some("admin"), Object::Key),
    ("post", "/v1/admin/keys/{id}/restrict", Some("admin"), Object::Key),
    ("post", "/v1/admin/keys/{id}/revoke", Some("admin"), Object::Key),
    ("get", "/v1/admin/webhooks/secret", Some("admin"), Object::None),
    ("post", "/v1/admin/webhooks/secret/rotate", Some("admin"), Object::None),
    ("get", "/v1/admin/webhooks/deliveries", Some("admin"), Object::None),
    ("get", "/v1/admin/webhooks/deliveries/{id}", Some("admin"), Object::Delivery),
    ("post", "/v1/admin/webhooks/deliveries/{id}/redeliver", Some("admin"), Object::Delivery),
    ("get", "/v1/admin/audit", Some("admin"), Object::None),
];

const ALL_SCOPES: [&str; 3] = ["analyze", "read", "admin"];
const REFERENCE: &str = "owners-own-reference";

/// What the owner has.
struct Owned {
    analyses: Vec<String>,
    batch: String,
    key: String,
    delivery: String,
    secret: String,
}

impl Owned {
    fn names(&self, object: Object) -> Vec<&str> {
        match object {
            Object::None => Vec::new(),
            Object::Analysis | Object::Heatmap => {
                self.analyses.iter().map(String::as_str).collect()
            }
            Object::Batch => vec![&self.batch],
            Object::Key => vec![&self.key],
            Object::Delivery => vec![&self.delivery],
        }
    }

    /// Everything that nobody else must see.
    fn marks(&self) -> Vec<&str> {
        let mut marks: Vec<_> = self.analyses.iter().map(String::as_str).collect();
        marks.extend([&*self.batch, &*self.key, &*self.delivery, &*self.secret, REFERENCE]);
        marks
    }
}

fn image() -> String {
    BASE64_STANDARD.encode(photo(501))
}

fn all_scopes(server: &Server, organisation: &str) -> String {
    let mut arguments = vec!["--plan", "enterprise"];
    arguments.extend(ALL_SCOPES.iter().flat_map(|scope| ["--scope", scope]));
    server.key_of(organisation, &arguments).1
}

/// A key of the organisation of `admin` with these restrictions.
fn restricted(server: &Server, admin: &str, restrictions: &Value) -> String {
    let answer = server.post("/v1/admin/keys", admin, restrictions);
    assert_eq!(answer.status, 201, "{restrictions}: {}", answer.json());
    answer.json()["key"].as_str().unwrap().to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// One of everything: an analysis, the same given again, one of a webhook, one of a batch.
fn make(server: &Server, receiver: &Receiver, owner: &str) -> Owned {
    let body = json!({ "image_base64": image(), "reference_id": REFERENCE });
    let keyed = "Idempotency-Key: the-same";
    let first = server.post_with("/v1/analyze", owner, keyed, &body);
    let again = server.post("/v1/analyze", owner, &body);
    assert_eq!(again.header("x-cache"), Some("HIT"));
    let mut later = body.clone();
    later["options"] = json!({ "webhook_url": receiver.url("/owner") });
    let told = server.post("/v1/analyze", owner, &later).json();
    let message = receiver.wait_for("/owner", 1).remove(0);
    let images = [json!({ "image_base64": image(), "reference_id": REFERENCE })];
    let keyed = "Idempotency-Key: the-same-batch";
    let batch = server.post_with("/v1/analyze/batch", owner, keyed, &json!({ "images": images }));
    let batch = text(&batch.json()["batch_id"]);
    let done = server.finished_batch(owner, &batch);
    Owned {
        analyses: vec![
            text(&first.json()["request_id"]),
            text(&again.json()["request_id"]),
            text(&told["request_id"]),
            text(&done["results"][0]["request_id"]),
        ],
        batch,
        key: text(&server.post("/v1/admin/keys", owner, &json!({})).json()["id"]),
        delivery: message.headers["webhook-id"].clone(),
        secret: text(&server.get("/v1/admin/webhooks/secret", Some(owner)).json()["secret"]),
    }
}

fn at(path: &str, name: &str) -> String {
    let (before, rest) = path.split_once('{').unwrap();
    format!("{before}{name}{}", rest.split_once('}').unwrap().1)
}

/// A name of the same shape that nobody has.
fn made_up(name: &str) -> String {
    let digits = name.rfind('_').unwrap() + 1;
    format!("{}{}", &name[..digits], "0".repeat(name.len() - digits))
}

fn ask(server: &Server, method: &str, path: &str, key: Option<&str>) -> Answer {
    let method = method.to_uppercase();
    let body: &[u8] = if method == "POST" { b"{}" } else { b"" };
    server.send(&method, path, key, "application/json", body)
}

/// An error without what names the request, and without the object's name.
fn error(answer: &Answer, name: &str) -> (u16, String, String) {
    (answer.status, answer.error(), answer.message().replace(name, "NAME"))
}

/// The path as a key can be restricted to it: itself, its route, its collection if it has one.
fn restrictions(path: &str, name: &str) -> Vec<Value> {
    let collection = path.split_once("/{").unwrap().0;
    let endpoints = [at(path, name), path.to_owned(), collection.to_owned()];
    let mut found: Vec<_> =
        endpoints.iter().map(|e| json!({ "scopes": ALL_SCOPES, "endpoints": [e] })).collect();
    found.push(json!({ "scopes": ALL_SCOPES, "allow_ips": ["127.0.0.0/8"] }));
    found
}

#[test]
fn nobody_reaches_another_organisations_objects_by_any_operation() {
    let server = Server::start_arguments(&["--allow-net", "127.0.0.0/8"]);
    let receiver = Receiver::start();
    let (owner, other) = (all_scopes(&server, "owner"), all_scopes(&server, "other"));
    let owned = make(&server, &receiver, &owner);

    let reference = server.get("/openapi.json", None).json();
    let mut described = BTreeSet::new();
    for (path, methods) in reference["paths"].as_object().unwrap() {
        described.extend(methods.as_object().unwrap().keys().map(|m| (m.clone(), path.clone())));
    }
    let known = ROWS.iter().map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned()));
    assert_eq!(described, known.collect());

    let elsewhere = json!({ "scopes": ALL_SCOPES, "endpoints": ["/v1/usage"] });
    let elsewhere = restricted(&server, &other, &elsewhere);
    for &(method, path, _, object) in ROWS {
        for name in owned.names(object) {
            let (there, nowhere) = (at(path, name), at(path, &made_up(name)));
            if method == "get" {
                assert_eq!(ask(&server, method, &there, Some(&owner)).status, 200, "{there}");
                assert_eq!(ask(&server, "head", &there, Some(&other)).status, 404, "{there}");
            }
            let mut keys = vec![other.clone()];
            let restrictions = restrictions(path, name);
            keys.extend(restrictions.iter().map(|r| restricted(&server, &other, r)));
            let missing = ask(&server, method, &nowhere, Some(&other));
            let missing = error(&missing, &made_up(name));
            assert_eq!((missing.0, missing.1.as_str()), (404, "NOT_FOUND"), "{method} {nowhere}");
            for key in keys {
                let answer = ask(&server, method, &there, Some(&key));
                // Not even whether it is there can be told.
                assert_eq!(error(&answer, name), missing, "{method} {there}");
            }
            let there = ask(&server, method, &there, Some(&elsewhere));
            let nowhere = ask(&server, method, &nowhere, Some(&elsewhere));
            assert_eq!(there.status, 403);
            assert_eq!(error(&there, name), error(&nowhere, &made_up(name)));
        }
    }
    unharmed(&server, &receiver, &owner, &owned);
}

/// The owner's objects are as they were, and its own requests reach them.
fn unharmed(server: &Server, receiver: &Receiver, owner: &str, owned: &Owned) {
    let secret = server.get("/v1/admin/webhooks/secret", Some(owner)).json();
    assert_eq!(secret["secret"], owned.secret.as_str());
    let path = at("/v1/admin/webhooks/deliveries/{id}", &owned.delivery);
    assert_eq!(server.get(&path, Some(owner)).json()["attempts"], 1);
    let again = ask(server, "post", &format!("{path}/redeliver"), Some(owner));
    assert_eq!(again.status, 202);
    receiver.wait_for("/owner", 2);
    for (act, status) in [("rotate", 201), ("revoke", 200)] {
        let path = format!("/v1/admin/keys/{}/{act}", owned.key);
        assert_eq!(ask(server, "post", &path, Some(owner)).status, status, "{act}");
    }
}

#[test]
fn what_names_no_object_tells_and_changes_only_the_keys_own_organisation() {
    let server = Server::start_arguments(&["--allow-net", "127.0.0.0/8"]);
    let receiver = Receiver::start();
    let (owner, other) = (all_scopes(&server, "owner"), all_scopes(&server, "other"));
    let owned = make(&server, &receiver, &owner);
    for &(method, path, scope, object) in ROWS {
        if object != Object::None {
            continue;
        }
        let body = match path {
            "/v1/analyze" => json!({ "image_base64": image() }),
            "/v1/analyze/batch" => json!({ "images": [{ "image_base64": image() }] }),
            _ => json!({}),
        };
        // Under the owner's own names for its requests.
        let header = match path {
            "/v1/analyze" => "Idempotency-Key: the-same",
            _ => "Idempotency-Key: the-same-batch",
        };
        let answer = match method {
            "post" => server.post_with(path, &other, header, &body),
            _ => server.get(path, scope.map(|_| &*other)),
        };
        assert!(answer.status < 300, "{method} {path}: {}", answer.status);
        assert_ne!(answer.header("x-cache"), Some("HIT"), "{path}");
        let told = String::from_utf8_lossy(&answer.body).into_owned();
        for mark in owned.marks() {
            assert!(!told.contains(mark), "{method} {path} tells {mark}");
        }
    }
    unharmed(&server, &receiver, &owner, &owned);
    // What the other did is in its own log, and not in the owner's.
    let log = |key: &str| server.get("/v1/admin/audit", Some(key)).json().to_string();
    assert!(log(&other).contains("webhook.secret.rotate"));
    assert!(!log(&owner).contains("webhook.secret.rotate"));
}

#[test]
fn each_operation_needs_a_key_with_its_scope() {
    let server = Server::start();
    let admin = all_scopes(&server, "owner");
    let without = |scope: &str| {
        let scopes: Vec<_> = ALL_SCOPES.iter().filter(|s| **s != scope).collect();
        restricted(&server, &admin, &json!({ "scopes": scopes }))
    };
    let lacking = ALL_SCOPES.map(|scope| (scope, without(scope)));
    for &(method, path, scope, object) in ROWS {
        let name = if object == Object::None { path.to_owned() } else { at(path, "req_0") };
        let Some(scope) = scope else {
            assert_eq!(ask(&server, method, &name, None).status, 200, "{path}");
            continue;
        };
        assert_eq!(ask(&server, method, &name, None).status, 401, "{method} {path}");
        let key = &lacking.iter().find(|(known, _)| *known == scope).unwrap().1;
        let answer = ask(&server, method, &name, Some(key));
        assert_eq!((answer.status, answer.error().as_str()), (403, "FORBIDDEN"), "{method} {path}");
    }
}
