// SPDX-License-Identifier: MIT OR Apache-2.0
//! Several processes on one database: what one of them has taken up is done once, whatever becomes of it.
//!
//! How long a job takes is decided by who serves its picture.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{json, Value};

use crate::database;
use crate::receiver::{Receiver, Reply};
use crate::support::{photo, Server};

/// A short lease, so that tests see its end.
const LEASE: Duration = Duration::from_secs(3);
/// What the configuration has of leases, with how many jobs a process does at once.
fn settings(lease: Duration, at_once: usize, patience: u64) -> String {
    format!(
        "\n[server]\nlease_seconds = {}\nat_once = {at_once}\nshutdown_seconds = {patience}\n\
         [webhooks]\nretry_seconds = [1, 1]\n",
        lease.as_secs()
    )
}

const LOCAL: [&str; 2] = ["--allow-net", "127.0.0.0/8"];

/// A server that does no jobs.
fn front(settings: &str) -> Server {
    Server::start_with_arguments(settings, &[&LOCAL[..], &["--no-jobs"]].concat())
}

fn quick() -> Value {
    json!({ "models": ["metadata"] })
}

/// Submits pictures that the receiver serves, as a batch; its name.
fn submit(server: &Server, key: &str, receiver: &Receiver, paths: &[String]) -> String {
    let images: Vec<_> =
        paths.iter().map(|path| json!({ "image_url": receiver.url(path) })).collect();
    let hook = receiver.url("/batch");
    let body = json!({ "images": images, "options": quick(), "webhook_url": hook });
    let answer = server.post("/v1/analyze/batch", key, &body);
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer.json()["batch_id"].as_str().unwrap().to_owned()
}

/// Serves a new picture, late by so many milliseconds with each request in turn.
fn serve(receiver: &Receiver, path: &str, seed: u64, late_ms: &[u64]) {
    let picture = photo(seed);
    let reply = |ms: &u64| Reply::body(picture.clone()).late(Duration::from_millis(*ms));
    receiver.reply(path, late_ms.iter().map(reply));
}

fn signal(server: &Server, name: &str) {
    let id = server.process().to_string();
    assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
}

/// Entries of the audit log with an act.
fn acts(server: &Server, act: &str) -> usize {
    let output = database::assay(server.data()).args(["audit", "export"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter(|line| line.contains(&format!("\"{act}\""))).count()
}

#[test]
fn a_killed_workers_job_is_taken_up_within_the_lease_and_done_once() {
    let receiver = Receiver::start();
    let server = front(&settings(LEASE, 1, 25));
    let (_, key) = server.key(&[]);
    serve(&receiver, "/a", 41_001, &[9_000, 0]);
    let mut one = server.worker(&LOCAL);
    let id = submit(&server, &key, &receiver, &["/a".into()]);
    receiver.wait_for("/a", 1);
    let _other = server.worker(&LOCAL);
    one.kill();
    let died = Instant::now();
    receiver.wait_for("/a", 2);
    assert!(died.elapsed() < LEASE + Duration::from_secs(1), "{:?}", died.elapsed());
    assert_eq!(server.finished_batch(&key, &id)["completed"], 1);
    receiver.wait_for("/batch", 1);
    assert_eq!(acts(&server, "analysis.complete"), 1);
}

#[test]
fn a_worker_that_stood_still_cannot_finish_what_another_has() {
    let receiver = Receiver::start();
    let server = front(&settings(LEASE, 1, 25));
    let (_, key) = server.key(&[]);
    serve(&receiver, "/a", 42_001, &[500, 3_000, 0]);
    let still = server.worker(&LOCAL);
    let id = submit(&server, &key, &receiver, &["/a".into()]);
    receiver.wait_for("/a", 1);
    signal(&still, "-STOP");
    let mut other = server.worker(&LOCAL);
    receiver.wait_for("/a", 2);
    // The other is in the midst of it.
    signal(&still, "-CONT");
    still.said("another host has this job by now");
    assert_eq!(server.finished_batch(&key, &id)["completed"], 1);
    assert_eq!(acts(&server, "analysis.complete"), 1);
    assert_eq!(receiver.wait_for("/batch", 1).len(), 1);
    // It has a lease again and goes on.
    other.kill();
    serve(&receiver, "/b", 42_002, &[0]);
    let id = submit(&server, &key, &receiver, &["/b".into()]);
    assert_eq!(server.finished_batch(&key, &id)["completed"], 1);
}

#[test]
fn a_large_batch_lets_others_pass_and_single_images_first() {
    let receiver = Receiver::start();
    let server = front(&settings(LEASE, 1, 25));
    let big = server.key_of("big", &["--plan", "enterprise"]).1;
    let (small, single) = (server.key_of("small", &[]).1, server.key_of("single", &[]).1);
    for (name, number) in [("big", 40), ("small", 3), ("single", 1), ("own", 1)] {
        for i in 0..number {
            serve(&receiver, &format!("/{name}/{i}"), 43_000, &[0]);
        }
    }
    let paths = |name: &str, number: usize| -> Vec<_> {
        (0..number).map(|i| format!("/{name}/{i}")).collect()
    };
    submit(&server, &big, &receiver, &paths("big", 40));
    submit(&server, &small, &receiver, &paths("small", 3));
    for (key, path) in [(&single, "/single/0"), (&big, "/own/0")] {
        let options = json!({ "models": ["metadata"], "webhook_url": receiver.url("/hook") });
        let body = json!({ "image_url": receiver.url(path), "options": options });
        assert_eq!(server.post("/v1/analyze", key, &body).status, 202);
    }
    let _worker = server.worker(&LOCAL);
    receiver.wait_for("/small/2", 1);
    assert_eq!(receiver.wait_for("/hook", 2).len(), 2);
    // Pictures in the order in which they were fetched.
    let mut order = receiver.order();
    order.retain(|path| path != "/hook");
    let turns = ["single/0", "own/0", "big/0", "small/0", "big/1", "small/1", "big/2", "small/2"];
    assert_eq!(order[..turns.len()], turns.map(|path| format!("/{path}")));
}

#[test]
fn a_worker_that_is_told_to_stop_finishes_or_hands_back_at_once() {
    let receiver = Receiver::start();
    // A lease that nobody could wait for.
    let server = front(&settings(Duration::from_secs(3_600), 2, 2));
    let (_, key) = server.key(&[]);
    serve(&receiver, "/quick", 44_001, &[1_000]);
    serve(&receiver, "/slow", 44_002, &[9_000, 0]);
    let mut one = server.worker(&LOCAL);
    let id = submit(&server, &key, &receiver, &["/quick".into(), "/slow".into()]);
    receiver.wait_for("/quick", 1);
    receiver.wait_for("/slow", 1);
    let other = server.worker(&LOCAL);
    let told = Instant::now();
    assert_eq!(one.stop(), Some(0));
    receiver.wait_for("/slow", 2);
    assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
    assert_eq!(server.finished_batch(&key, &id)["completed"], 2);
    assert_eq!(receiver.received("/quick").len(), 1);
    assert_eq!(acts(&server, "analysis.complete"), 2);
    drop(other);
}

#[test]
fn every_attempt_of_a_webhook_is_made_by_one_of_two_hosts_and_every_claim_once() {
    const BATCHES: usize = 12;
    let receiver = Receiver::start();
    let server = front(&settings(LEASE, 2, 25));
    let (_, key) = server.key(&["--plan", "enterprise"]);
    let _hosts = [server.worker(&LOCAL), server.worker(&LOCAL)];
    serve(&receiver, "/a", 45_001, &[0]);
    serve(&receiver, "/b", 45_002, &[0]);
    for i in 0..BATCHES {
        let path = format!("/hook/{i}");
        receiver.reply(&path, [Reply::status(500), Reply::status(200)]);
        let images = ["/a", "/b"].map(|path| json!({ "image_url": receiver.url(path) }));
        let options = json!({ "models": ["metadata"], "claim": true });
        let hook = receiver.url(&path);
        let body = json!({ "images": images, "options": options, "webhook_url": hook });
        assert_eq!(server.post("/v1/analyze/batch", &key, &body).status, 202);
    }
    let names: Vec<_> = (0..BATCHES)
        .map(|i| {
            let sent = receiver.wait_for(&format!("/hook/{i}"), 2);
            assert_eq!(
                (&sent[0].body, sent[0].json()["event"].as_str()),
                (&sent[1].body, Some("batch.complete"))
            );
            sent[0].headers["webhook-id"].clone()
        })
        .collect();
    // What somebody else also sends would come now.
    std::thread::sleep(Duration::from_millis(1_500));
    for (i, name) in names.iter().enumerate() {
        let sent = receiver.received(&format!("/hook/{i}"));
        assert_eq!(sent.len(), 2, "{name}");
        assert!(sent.iter().all(|one| one.headers["webhook-id"] == *name));
    }
    assert_eq!(acts(&server, "claim.complete"), BATCHES);
}

#[test]
fn a_worker_tells_how_it_is_and_answers_nothing_else() {
    let server = front("");
    let (_, key) = server.key(&[]);
    let worker = server.worker(&[]);
    for path in ["/healthz", "/readyz", "/version", "/metrics"] {
        assert_eq!(worker.get(path, None).status, 200, "{path}");
    }
    for path in ["/v1/usage", "/", "/docs/", "/openapi.json"] {
        assert_eq!(worker.get(path, Some(&key)).status, 404, "{path}");
    }
    assert_eq!(server.get("/v1/usage", Some(&key)).status, 200);
}
