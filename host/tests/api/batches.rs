// SPDX-License-Identifier: MIT OR Apache-2.0
//! Batches: accepted at once, done later, whatever becomes of the process.

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::database;
use crate::support::{photo, Server};

const PATH: &str = "/v1/analyze/batch";

fn image(seed: u64, reference: &str) -> Value {
    json!({ "image_base64": BASE64_STANDARD.encode(photo(seed)), "reference_id": reference })
}

fn files(server: &Server) -> usize {
    std::fs::read_dir(server.data().join("blobs")).unwrap().count()
}

#[test]
fn a_batch_is_accepted_and_its_images_are_answered_one_by_one() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let bad = BASE64_STANDARD.encode(b"GIF89a, and so on");
    let body = json!({
        "images": [
            image(31, "a"),
            { "image_base64": bad, "reference_id": "b" },
            { "image_base64": "%%", "reference_id": "c" },
            image(32, "d"),
        ],
        "options": { "models": ["all"], "metadata_analysis": true },
        "webhook_url": null,
        "batch_reference_id": "claims-1",
    });
    let answer = server.post(PATH, &key, &body);
    assert_eq!(answer.status, 202, "{}", answer.json());
    let accepted = answer.json();
    let fields: Vec<_> = accepted.as_object().unwrap().keys().cloned().collect();
    let guide = [
        "batch_id",
        "batch_reference_id",
        "image_count",
        "estimated_completion_seconds",
        "status_url",
    ];
    assert_eq!(fields, guide);
    assert_eq!(
        (&accepted["batch_reference_id"], &accepted["image_count"]),
        (&"claims-1".into(), &4.into())
    );
    assert!(accepted["estimated_completion_seconds"].as_u64().unwrap() >= 1);
    let id = accepted["batch_id"].as_str().unwrap();
    let status_url = accepted["status_url"].as_str().unwrap();
    assert!(
        status_url.starts_with("http://") && status_url.ends_with(&format!("/v1/batches/{id}"))
    );

    let batch = server.finished_batch(&key, id);
    assert_eq!(
        (&batch["total"], &batch["completed"], &batch["failed"]),
        (&4.into(), &2.into(), &2.into())
    );
    let results = batch["results"].as_array().unwrap();
    let of = |name: &str| results.iter().find(|result| result["reference_id"] == name).unwrap();
    for (name, code) in [("b", "UNSUPPORTED_FORMAT"), ("c", "INVALID_REQUEST")] {
        assert_eq!(of(name)["status"], "failed");
        assert_eq!(of(name)["error"]["code"], code);
        assert_eq!(of(name)["error"]["request_id"], of(name)["request_id"]);
    }
    let request_id = of("a")["request_id"].as_str().unwrap();
    let whole = server.get(&format!("/v1/analyses/{request_id}"), Some(&key)).json();
    assert_eq!(whole["verdict"], of("a")["verdict"]);
    assert_eq!((&whole["request_id"], &whole["reference_id"]), (&request_id.into(), &"a".into()));
    let failed = server
        .get(&format!("/v1/analyses/{}", of("b")["request_id"].as_str().unwrap()), Some(&key));
    assert_eq!((failed.status, &failed.json()["status"]), (200, &"failed".into()));
    // Images are kept only until they are done, and each counts against the day once.
    assert_eq!(files(&server), 0);
    assert_eq!(server.get("/v1/usage", Some(&key)).json()["day"]["used"], 4);
    let (_, other, _) = server.keys(&["create", "--org", "other"]);
    assert_eq!(server.get(&format!("/v1/batches/{id}"), Some(other.trim())).status, 404);
}

#[test]
fn results_come_a_page_at_a_time() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let images: Vec<_> = (0..5).map(|i| image(41 + i % 2, &i.to_string())).collect();
    let answer = server.post(PATH, &key, &json!({ "images": images }));
    let id = answer.json()["batch_id"].as_str().unwrap().to_owned();
    let whole = server.finished_batch(&key, &id);
    assert!(whole["next_cursor"].is_null());
    let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
    loop {
        let page = server.get(&format!("/v1/batches/{id}?{query}"), Some(&key)).json();
        let results = page["results"].as_array().unwrap();
        assert!(results.len() <= 2);
        seen.extend(results.iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("limit=2&cursor={cursor}");
    }
    assert_eq!(&seen, whole["results"].as_array().unwrap());
    for query in ["limit=0", "limit=1001", "limit=x", "cursor=7", "page=1"] {
        let answer = server.get(&format!("/v1/batches/{id}?{query}"), Some(&key));
        assert_eq!((answer.status, answer.error().as_str()), (400, "INVALID_REQUEST"), "{query}");
    }
}

#[test]
fn a_request_that_is_wrong_is_refused_as_a_whole() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let good = image(33, "a");
    let mut both = good.clone();
    both["image_url"] = json!("https://example.com/a.jpg");
    let cases = [
        (json!({ "images": [] }), 400, "at least one"),
        (json!({}), 400, "missing field `images`"),
        (json!({ "images": [good, {}] }), 400, "images[1]: expected either"),
        (json!({ "images": [both] }), 400, "images[0]: expected either"),
        (json!({ "images": [good], "options": { "models": ["gans"] } }), 400, "did you mean"),
        (json!({ "images": [good], "options": { "policy": "no" } }), 400, "unknown policy"),
        (
            json!({ "images": [good], "options": { "webhook_url": "https://a.example/" } }),
            400,
            "beside",
        ),
        (json!({ "images": [good], "webhook_url": "http://0.0.0.0:1/" }), 400, "publicly"),
        (json!({ "images": [good], "webhook_url": "nonsense" }), 400, "absolute URL"),
        (
            json!({ "images": vec![json!({ "image_base64": "AA==" }); 21] }),
            413,
            "at most 20 images",
        ),
    ];
    for (body, status, part) in cases {
        let answer = server.post(PATH, &key, &body);
        assert_eq!(answer.status, status, "{part}: {}", answer.json());
        assert!(answer.message().contains(part), "{}", answer.message());
    }
    assert_eq!(files(&server), 0);
    assert_eq!(server.get("/v1/usage", Some(&key)).json()["day"]["used"], 0);
}

#[test]
fn a_batch_that_is_sent_again_under_its_key_is_the_same_batch() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let body = json!({ "images": [image(34, "a")] });
    let send = |body: &Value| server.post_with(PATH, &key, "Idempotency-Key: b1", body);
    let first = send(&body);
    let again = send(&body);
    assert_eq!((first.status, again.status), (202, 202));
    assert_eq!(first.body, again.body);
    assert_eq!(server.get("/v1/usage", Some(&key)).json()["day"]["used"], 1);
    let other = send(&json!({ "images": [image(35, "a")] }));
    assert_eq!((other.status, other.error().as_str()), (422, "IDEMPOTENCY_CONFLICT"));
}

#[test]
fn a_job_that_ends_the_process_each_time_is_given_up() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let answer = server.post(PATH, &key, &json!({ "images": [image(36, "a")] }));
    let id = answer.json()["batch_id"].as_str().unwrap().to_owned();
    server.finished_batch(&key, &id);
    let server = server.restart_after(|data| {
        let sql = "UPDATE jobs SET state = 'running', attempts = 8, finished = NULL, label = NULL";
        database::alter(data, &[sql]).unwrap();
    });
    let batch = server.finished_batch(&key, &id);
    assert_eq!(batch["failed"], 1);
    assert_eq!(batch["results"][0]["error"]["code"], "INTERNAL_ERROR");
}
