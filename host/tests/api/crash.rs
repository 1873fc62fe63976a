// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was accepted survives `kill -9` at any moment, and is done once as seen from outside.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::receiver::Receiver;
use crate::support::{photo, Server};

const ROUNDS: u64 = 50;
const IMAGES: usize = 3;

/// Moments to die at, ms: spread over 0..=400 by a multiplicative sequence, the same in every run.
fn moment(round: u64) -> Duration {
    Duration::from_millis(round * 7_919 % 401)
}

/// Detectors that are done before the process dies three times: a job that broke off as often is
/// given up.
fn quick() -> Value {
    json!({ "models": ["noise", "metadata"] })
}

#[test]
fn no_accepted_batch_is_lost_and_every_webhook_is_sent_however_often_the_process_dies() {
    let receiver = Receiver::start();
    let arguments = ["--allow-net", "127.0.0.0/8"];
    // Nothing is kept, so that every image takes its time.
    let more = "\n[[organisation]]\nname = \"acme\"\nrequests_per_minute = 100_000\n";
    let mut server = Server::start_with_arguments(more, &arguments);
    let (_, key) = server.key(&[]);
    let mut accepted = Vec::new();
    for round in 0..ROUNDS {
        let images: Vec<_> = (0..IMAGES)
            .map(|i| {
                // New pictures, so that no kept answer makes them quick.
                let picture = photo(10_000 + round * 10 + i as u64);
                json!({ "image_base64": BASE64_STANDARD.encode(picture), "reference_id": i.to_string() })
            })
            .collect();
        let (hook, options) = (receiver.url("/hook"), quick());
        let body = json!({ "images": images, "options": options, "webhook_url": hook });
        let answer = server.post("/v1/analyze/batch", &key, &body);
        assert_eq!(answer.status, 202, "{}", answer.json());
        accepted.push(answer.json()["batch_id"].as_str().unwrap().to_owned());
        std::thread::sleep(moment(round));
        server = server.restart_with(more, &arguments, |_| {});
    }
    let mut names = HashSet::new();
    for id in &accepted {
        let batch = server.finished_batch(&key, id);
        assert_eq!((&batch["completed"], &batch["failed"]), (&IMAGES.into(), &0.into()), "{batch}");
        let results = batch["results"].as_array().unwrap();
        let references: HashSet<_> =
            results.iter().map(|r| r["reference_id"].as_str().unwrap()).collect();
        assert_eq!((results.len(), references.len()), (IMAGES, IMAGES));
        for result in results {
            assert!(names.insert(result["request_id"].as_str().unwrap().to_owned()));
        }
    }
    let mut told: HashMap<String, HashSet<(String, Vec<u8>)>> = HashMap::new();
    let mut number = accepted.len();
    while told.len() < accepted.len() {
        for message in receiver.wait_for("/hook", number) {
            let id = message.json()["batch_id"].as_str().unwrap().to_owned();
            let name = message.headers["webhook-id"].clone();
            told.entry(id).or_default().insert((name, message.body));
        }
        number += 1;
    }
    // Sent again or not, there is one message a batch, byte for byte.
    assert!(told.values().all(|messages| messages.len() == 1));
    assert_eq!(std::fs::read_dir(server.data().join("blobs")).unwrap().count(), 0);
}

#[test]
fn a_server_that_is_told_to_stop_hands_back_what_it_has_not_done() {
    let mut server = Server::start();
    let (_, key) = server.key(&[]);
    let images: Vec<_> = (0..8)
        .map(|i| json!({ "image_base64": BASE64_STANDARD.encode(photo(20_000 + i)) }))
        .collect();
    let answer =
        server.post("/v1/analyze/batch", &key, &json!({ "images": images, "options": quick() }));
    let id = answer.json()["batch_id"].as_str().unwrap().to_owned();
    assert_eq!(server.stop(), Some(0));
    let server = server.restart("");
    assert_eq!(server.finished_batch(&key, &id)["completed"], 8);
}
