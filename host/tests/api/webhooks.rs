// SPDX-License-Identifier: MIT OR Apache-2.0
//! Webhooks: what is sent, how it is signed, when it is sent again.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use assay::net::{Client, Guard, Timeouts};
use assay::presence::Presence;
use assay::store::{KeyRequest, NewDelivery, Scope, Store};
use assay::webhook::{guide_signature, Clock as _, ManualClock, Schedule, Sender};
use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};
use tokio::sync::watch;

use crate::database;
use crate::receiver::{Received, Receiver, Reply};
use crate::support::{photo, Server};

const LOOPBACK: [&str; 2] = ["--allow-net", "127.0.0.0/8"];
const ADMIN: [&str; 6] = ["--scope", "admin", "--scope", "analyze", "--scope", "read"];

fn submission(seed: u64, webhook: &str) -> Value {
    json!({
        "image_base64": BASE64_STANDARD.encode(photo(seed)),
        "options": { "webhook_url": webhook },
        "reference_id": "r",
    })
}

/// Checks both signatures of a message.
fn check_signatures(message: &Received, secret: &str) {
    let header = |name: &str| message.headers[name].as_str();
    assert_eq!(header("x-checkreal-signature"), guide_signature(secret, &message.body));
    let mut headers = http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, header(name).parse().unwrap());
    }
    let webhook = standardwebhooks::Webhook::new(secret).unwrap();
    webhook.verify(&message.body, &headers).unwrap();
    assert_eq!(header("content-type"), "application/json");
}

#[test]
fn a_single_image_is_accepted_and_its_verdict_is_sent() {
    let (server, receiver) = (Server::start_arguments(&LOOPBACK), Receiver::start());
    let (_, key) = server.key(&[]);
    let secret = server.webhooks(&["secret", "--org", "acme"]);
    let answer = server.post("/v1/analyze", &key, &submission(51, &receiver.url("/hook")));
    assert_eq!(answer.status, 202, "{}", answer.json());
    let accepted = answer.json();
    assert_eq!(
        (&accepted["status"], &accepted["reference_id"]),
        (&"processing".into(), &"r".into())
    );
    assert_eq!(accepted["request_id"].as_str(), answer.header("x-request-id"));
    let message = receiver.wait_for("/hook", 1).remove(0);
    check_signatures(&message, &secret);
    let payload = message.json();
    let fields: Vec<_> = payload.as_object().unwrap().keys().cloned().collect();
    let guide = ["event", "request_id", "reference_id", "verdict", "webhook_delivered_at"];
    assert_eq!(fields, guide);
    assert_eq!(payload["event"], "analysis.complete");
    let path = format!("/v1/analyses/{}", accepted["request_id"].as_str().unwrap());
    assert!(accepted["status_url"].as_str().unwrap().ends_with(&path));
    let whole = server.get(&path, Some(&key)).json();
    assert_eq!((&whole["verdict"], &whole["status"]), (&payload["verdict"], &"complete".into()));

    // A rotated secret signs, and the one before it beside it for a while.
    let newer = server.webhooks(&["secret", "--org", "acme", "--rotate"]);
    assert_ne!(newer, secret);
    server.post("/v1/analyze", &key, &submission(52, &receiver.url("/later")));
    let message = receiver.wait_for("/later", 1).remove(0);
    check_signatures(&message, &newer);
    assert_eq!(message.headers["webhook-signature"].split(' ').count(), 2);
}

#[test]
fn an_image_that_cannot_be_examined_is_told_too() {
    let (server, receiver) = (Server::start_arguments(&LOOPBACK), Receiver::start());
    let (_, key) = server.key(&[]);
    let body = json!({
        "image_url": receiver.url("/missing"),
        "options": { "webhook_url": receiver.url("/hook") },
    });
    receiver.reply("/missing", [Reply::status(404)]);
    let answer = server.post("/v1/analyze", &key, &body);
    assert_eq!(answer.status, 202);
    let payload = receiver.wait_for("/hook", 1)[0].json();
    assert_eq!(
        (&payload["event"], &payload["reference_id"]),
        (&"analysis.failed".into(), &Value::Null)
    );
    assert_eq!(payload["error"]["code"], "URL_UNREACHABLE");
    assert_eq!(payload["error"]["request_id"], answer.json()["request_id"]);
}

#[test]
fn the_end_of_a_batch_is_sent_with_its_summary() {
    let (server, receiver) = (Server::start_arguments(&LOOPBACK), Receiver::start());
    let (_, key) = server.key(&[]);
    let images = [
        json!({ "image_base64": BASE64_STANDARD.encode(photo(53)) }),
        json!({ "image_base64": "AAAA" }),
    ];
    let body = json!({
        "images": images,
        "webhook_url": receiver.url("/hook"),
        "batch_reference_id": "claims-1",
    });
    let accepted = server.post("/v1/analyze/batch", &key, &body).json();
    let payload = receiver.wait_for("/hook", 1)[0].json();
    assert_eq!(payload["event"], "batch.complete");
    assert_eq!(payload["batch_id"], accepted["batch_id"]);
    assert_eq!(payload["batch_reference_id"], "claims-1");
    assert_eq!(
        (&payload["total"], &payload["completed"], &payload["failed"]),
        (&2.into(), &1.into(), &1.into())
    );
    let summary = payload["summary"].as_object().unwrap();
    assert_eq!(
        summary.keys().collect::<Vec<_>>(),
        ["AUTHENTIC", "AI_GENERATED", "MANIPULATED", "INCONCLUSIVE"]
    );
    assert_eq!(summary.values().map(|n| n.as_u64().unwrap()).sum::<u64>(), 1);
    assert_eq!(receiver.received("/hook").len(), 1);
}

/// The sender over a store of its own, with a clock that stands still.
struct Bench {
    store: Store,
    clock: Arc<ManualClock>,
    sender: Arc<Sender>,
    stop: watch::Sender<bool>,
}

impl Bench {
    async fn start(data: &Path) -> Self {
        let store = Store::open(database::location(data)).await.unwrap();
        let request = KeyRequest::unrestricted("acme", vec![Scope::Read]);
        store.create_key(&request, "local", "test").await.unwrap();
        let guard = Guard::allowing(&["127.0.0.0/8".parse().unwrap()]);
        let second = Duration::from_secs(1);
        let client = Client::new(guard, Timeouts { connect: second, total: second }).unwrap();
        let clock = Arc::new(ManualClock::at(1_800_000_000_000));
        let schedule = Schedule::default();
        let presence = Arc::new(Presence::new(store.clone(), second).unwrap());
        presence.begin(None).await.unwrap();
        let host = Arc::clone(&presence);
        let sender = Arc::new(Sender::new(store.clone(), client, schedule, clock.clone(), host));
        let (stop, stopped) = watch::channel(false);
        let keep = stopped.clone();
        tokio::spawn(async move { presence.keep(keep).await });
        tokio::spawn(Arc::clone(&sender).run(stopped));
        Self { store, clock, sender, stop }
    }

    async fn tell(&self, id: &str, url: &str) {
        let delivery = NewDelivery {
            id: id.into(),
            event: "analysis.complete",
            url: url.into(),
            receiver: url.split('/').nth(2).unwrap().into(),
            body: "{\"event\":\"analysis.complete\"}".into(),
            next_at: self.clock.now(),
        };
        self.store.keep_delivery("acme", &delivery).await.unwrap();
        self.sender.wake();
    }

    /// Waits until so many attempts are recorded; the state and when it is tried next.
    async fn after(&self, id: &str, attempts: u32) -> (String, i64) {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let (delivery, log) = self.store.delivery(id, "acme").await.unwrap().unwrap();
            assert_eq!(log.len() as u32, delivery.attempts);
            if delivery.attempts == attempts {
                return (delivery.state, delivery.next_at);
            }
            assert!(Instant::now() < end, "{delivery:?}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

#[tokio::test]
async fn retries_follow_the_guides_schedule_and_end_as_abandoned() {
    let (data, receiver) = (database::folder(), Receiver::start());
    let bench = Bench::start(data.path()).await;
    let long = vec![b'x'; 5_000];
    let failures = [Reply { body: long, ..Reply::status(500) }, Reply::redirect("/elsewhere")];
    receiver.reply("/hook", failures);
    bench.tell("msg_1", &receiver.url("/hook")).await;
    for (attempts, delay) in [(1, 5_000), (2, 30_000), (3, 120_000), (4, 600_000), (5, 3_600_000)] {
        let (state, next_at) = bench.after("msg_1", attempts).await;
        let wait = next_at - bench.clock.now();
        assert_eq!(state, "pending");
        assert!((delay..=delay + delay / 10).contains(&wait), "attempt {attempts}: {wait} ms");
        // Not a moment earlier.
        bench.clock.advance(wait - 1);
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(receiver.received("/hook").len(), attempts as usize);
        bench.clock.advance(1);
    }
    assert_eq!(bench.after("msg_1", 6).await.0, "abandoned");
    let messages = receiver.received("/hook");
    assert!(messages.iter().all(|m| m.body == messages[0].body));
    assert!(messages.iter().all(|m| m.headers["webhook-id"] == "msg_1"));
    assert_eq!(receiver.received("/elsewhere").len(), 0);
    let (_, log) = bench.store.delivery("msg_1", "acme").await.unwrap().unwrap();
    assert_eq!((log[0].status, log[0].answer.len()), (Some(500), 1_024));
    assert_eq!(log[1].status, Some(302));

    receiver.reply("/hook", [Reply::status(204)]);
    let now = bench.clock.now();
    assert!(bench.store.redeliver("msg_1", "acme", now, "test").await.unwrap());
    assert!(!bench.store.redeliver("msg_1", "other", now, "test").await.unwrap());
    bench.sender.wake();
    assert_eq!(bench.after("msg_1", 7).await.0, "delivered");
    let _ = bench.stop.send(true);
}

#[tokio::test]
async fn a_clock_that_jumps_loses_no_webhook_and_sends_none_twice() {
    const DAY: i64 = 86_400_000;
    let (data, receiver) = (database::folder(), Receiver::start());
    let bench = Bench::start(data.path()).await;
    receiver.reply("/hook", [Reply::status(500), Reply::status(204)]);
    bench.tell("msg_1", &receiver.url("/hook")).await;
    assert_eq!(bench.after("msg_1", 1).await.0, "pending");
    bench.clock.advance(-DAY);
    bench.sender.wake();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(receiver.received("/hook").len(), 1);
    bench.clock.advance(3 * DAY);
    bench.sender.wake();
    assert_eq!(bench.after("msg_1", 2).await.0, "delivered");
    bench.clock.advance(-3 * DAY);
    bench.sender.wake();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(receiver.received("/hook").len(), 2);
    let _ = bench.stop.send(true);
}

#[tokio::test]
async fn a_slow_receiver_does_not_hold_up_the_others() {
    let (data, slow, fast) = (database::folder(), Receiver::start(), Receiver::start());
    slow.reply("/hook", [Reply::status(200).late(Duration::from_secs(20))]);
    let bench = Bench::start(data.path()).await;
    for i in 0..100 {
        bench.tell(&format!("msg_slow{i}"), &slow.url("/hook")).await;
    }
    bench.tell("msg_fast", &fast.url("/hook")).await;
    assert_eq!(bench.after("msg_fast", 1).await.0, "delivered");
    let (state, _) = bench.after("msg_slow0", 1).await;
    assert_eq!(state, "pending");
    let (_, log) = bench.store.delivery("msg_slow0", "acme").await.unwrap().unwrap();
    assert_eq!(log[0].error.as_deref(), Some("no answer in time"));
    let _ = bench.stop.send(true);
}

#[test]
fn deliveries_are_listed_with_their_attempts_and_sent_again_by_request() {
    let (server, receiver) = (Server::start_arguments(&LOOPBACK), Receiver::start());
    let (_, key) = server.key(&ADMIN);
    receiver.reply("/hook", [Reply { body: b"thanks".to_vec(), ..Reply::status(200) }]);
    server.post("/v1/analyze", &key, &submission(54, &receiver.url("/hook")));
    let first = receiver.wait_for("/hook", 1).remove(0);
    let id = first.headers["webhook-id"].clone();
    let path = format!("/v1/admin/webhooks/deliveries/{id}");
    let end = Instant::now() + Duration::from_secs(30);
    let delivery = loop {
        let delivery = server.get(&path, Some(&key)).json();
        if delivery["state"] == "delivered" {
            break delivery;
        }
        assert!(Instant::now() < end, "{delivery}");
    };
    assert_eq!(
        (&delivery["event"], &delivery["attempts"]),
        (&"analysis.complete".into(), &1.into())
    );
    let attempt = &delivery["attempt_log"][0];
    assert_eq!((&attempt["status"], &attempt["answer"]), (&200.into(), &"thanks".into()));
    let listed = server.get("/v1/admin/webhooks/deliveries?state=delivered", Some(&key)).json();
    assert_eq!(listed["deliveries"][0]["id"], id.as_str());
    let answer = server.post(&format!("{path}/redeliver"), &key, &json!({}));
    assert_eq!(answer.status, 202);
    let again = receiver.wait_for("/hook", 2).remove(1);
    assert_eq!((&again.body, &again.headers["webhook-id"]), (&first.body, &id));

    let (_, reads) = server.key(&["--scope", "read"]);
    assert_eq!(server.get(&path, Some(&reads)).status, 403);
    let (_, other, _) = server.keys(&["create", "--org", "other", "--scope", "admin"]);
    assert_eq!(server.get(&path, Some(other.trim())).status, 404);
}
