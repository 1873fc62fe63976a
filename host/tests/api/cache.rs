// SPDX-License-Identifier: MIT OR Apache-2.0
//! Identical requests: one run, the first answer for all.

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::support::{photo, Answer, Server};

fn body(seed: u64, options: Value, reference: &str) -> Value {
    let image = BASE64_STANDARD.encode(photo(seed));
    json!({ "image_base64": image, "options": options, "reference_id": reference })
}

fn post(server: &Server, key: &str, body: &Value) -> Answer {
    let answer = server.post("/v1/analyze", key, body);
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer
}

fn used(server: &Server, key: &str) -> u64 {
    server.get("/v1/usage", Some(key)).json()["day"]["used"].as_u64().unwrap()
}

#[test]
fn a_second_identical_request_gets_the_first_answer_under_its_own_names() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let first = post(&server, &key, &body(1, json!({}), "a"));
    let second = post(&server, &key, &body(1, json!({}), "b"));
    assert_eq!((first.header("x-cache"), second.header("x-cache")), (Some("MISS"), Some("HIT")));
    let (mut first, mut second) = (first.json(), second.json());
    assert_eq!((&first["reference_id"], &second["reference_id"]), (&"a".into(), &"b".into()));
    assert_ne!(first["request_id"], second["request_id"]);
    let path = format!("/v1/analyses/{}", second["request_id"].as_str().unwrap());
    assert_eq!(server.get(&path, Some(&key)).json(), second);
    let (_, other, _) = server.keys(&["create", "--org", "other"]);
    assert_eq!(server.get(&path, Some(other.trim())).status, 404);
    for answer in [&mut first, &mut second] {
        answer["request_id"] = Value::Null;
        answer["reference_id"] = Value::Null;
    }
    // The time of the first run, too.
    assert_eq!(first, second);
    assert_eq!(used(&server, &key), 1);
    let mut server = server;
    server.stop();
    let server = server.restart("");
    let kept = server.get(&path, Some(&key)).json();
    assert_eq!((&kept["reference_id"], &kept["verdict"]), (&"b".into(), &second["verdict"]));
    let third = post(&server, &key, &body(1, json!({}), "c"));
    assert_eq!(third.header("x-cache"), Some("HIT"));
}

#[test]
fn whatever_changes_the_result_is_another_request() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let (_, other, _) = server.keys(&["create", "--org", "other"]);
    let options = [
        json!({}),
        json!({ "models": ["noise", "splicing"] }),
        json!({ "metadata_analysis": false }),
        json!({ "return_heatmap": true }),
        json!({ "policy": "kyc" }),
    ];
    for options in options {
        let answer = post(&server, &key, &body(2, options.clone(), "a"));
        assert_eq!(answer.header("x-cache"), Some("MISS"), "{options}");
    }
    let mut claimed = body(2, json!({}), "a");
    claimed["context"] = json!({ "claimed_at": "2026-03-16" });
    assert_eq!(post(&server, &key, &claimed).header("x-cache"), Some("MISS"));
    let foreign = post(&server, other.trim(), &body(2, json!({}), "a"));
    assert_eq!(foreign.header("x-cache"), Some("MISS"));
    // The order of models does not.
    let turned = body(2, json!({ "models": ["splicing", "noise"] }), "a");
    assert_eq!(post(&server, &key, &turned).header("x-cache"), Some("HIT"));
}

#[test]
fn identical_requests_at_once_run_the_detectors_once() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let request = body(3, json!({}), "a");
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| post(&server, &key, &request))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let missed = answers.iter().filter(|answer| answer.header("x-cache") == Some("MISS")).count();
    assert_eq!((missed, used(&server, &key)), (1, 1));
    let time = |answer: &Answer| answer.json()["processing_time_ms"].clone();
    assert!(answers.iter().all(|answer| time(answer) == time(&answers[0])));
}

#[test]
fn nothing_is_kept_where_the_configuration_says_so() {
    let server = Server::start_replacing("[cache]\nseconds = 86_400", "[cache]\nseconds = 0");
    let (_, key) = server.key(&[]);
    for _ in 0..2 {
        let answer = post(&server, &key, &body(4, json!({}), "a"));
        assert_eq!(answer.header("x-cache"), Some("MISS"));
    }
    assert_eq!(used(&server, &key), 2);
}

#[test]
fn a_request_that_is_sent_again_under_its_key_gets_the_very_same_answer() {
    let server = Server::start_replacing("[cache]\nseconds = 86_400", "[cache]\nseconds = 0");
    let (_, key) = server.key(&[]);
    let send = |header: &str, body: &Value| server.post_with("/v1/analyze", &key, header, body);
    let request = body(5, json!({}), "a");
    let first = send("Idempotency-Key: one", &request);
    let again = send("Idempotency-Key: one", &request);
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(first.body, again.body);
    assert_eq!(used(&server, &key), 1);
    assert_ne!(send("Idempotency-Key: two", &request).body, first.body);
    let at_once: Vec<Answer> = std::thread::scope(|scope| {
        let ask = || send("Idempotency-Key: three", &request);
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(at_once.iter().all(|answer| answer.body == at_once[0].body));
    assert_eq!(used(&server, &key), 3);

    for other in [body(6, json!({}), "a"), body(5, json!({}), "b")] {
        let answer = send("Idempotency-Key: one", &other);
        assert_eq!((answer.status, answer.error().as_str()), (422, "IDEMPOTENCY_CONFLICT"));
    }
    for wrong in ["Idempotency-Key: ", &format!("Idempotency-Key: {}", "x".repeat(300))] {
        let answer = send(wrong, &request);
        assert_eq!((answer.status, answer.error().as_str()), (400, "INVALID_REQUEST"));
    }
    let (code, other, _) = server.keys(&["create", "--org", "other"]);
    assert_eq!(code, 0);
    let theirs = server.post_with("/v1/analyze", other.trim(), "Idempotency-Key: one", &request);
    assert_ne!(theirs.body, first.body);
}
