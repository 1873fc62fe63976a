// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was accepted survives `kill -9` at any moment, and is done once as seen from outside.

use std::collections::{HashMap, HashSet};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::database;
use crate::receiver::Receiver;
use crate::support::{photo, Server};

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
    for round in 0..database::rounds(50) {
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

const STOPS: u64 = 10;

/// Clients go on while the process is stopped or killed, in turn; what they were told holds.
#[test]
fn what_was_answered_under_load_holds_however_the_process_ends() {
    let mut server = Server::start();
    let (_, key) = server.key(&["--plan", "enterprise"]);
    let (mut answered, mut accepted) = (Vec::new(), Vec::new());
    for round in 0..STOPS {
        let told: Vec<(u16, Value)> = std::thread::scope(|scope| {
            let (address, key) = (server.address(), &key);
            let clients: Vec<_> = (0..4_u64)
                .map(|client| {
                    scope.spawn(move || {
                        let mut told = Vec::new();
                        for turn in 0.. {
                            let picture = photo(30_000 + round * 1_000 + client * 100 + turn);
                            let image = json!({ "image_base64": BASE64_STANDARD.encode(picture) });
                            let (path, body) = match client % 2 {
                                0 => (
                                    "/v1/analyze",
                                    json!({
                                    "image_base64": image["image_base64"], "options": quick() }),
                                ),
                                _ => (
                                    "/v1/analyze/batch",
                                    json!({
                                    "images": [image], "options": quick() }),
                                ),
                            };
                            let Some(answer) = try_post(address, path, key, &body) else { break };
                            told.push(answer);
                        }
                        told
                    })
                })
                .collect();
            std::thread::sleep(Duration::from_millis(100) + moment(round * 3 + 1));
            match round % 2 {
                0 => assert_eq!(server.stop(), Some(0)),
                _ => server.kill(),
            }
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
        });
        for (status, body) in told {
            let text = |name: &str| body[name].as_str().unwrap().to_owned();
            match status {
                200 => answered.push((text("request_id"), body)),
                202 => accepted.push(text("batch_id")),
                503 => {}
                other => panic!("{other}: {body}"),
            }
        }
        server = server.restart("");
    }
    assert!(!answered.is_empty() && !accepted.is_empty());
    for (id, body) in &answered {
        assert_eq!(server.get(&format!("/v1/analyses/{id}"), Some(&key)).json(), *body);
    }
    for id in &accepted {
        assert_eq!(server.finished_batch(&key, id)["completed"], 1);
    }
    let output = database::assay(server.data()).args(["audit", "verify"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Pictures whose host dies over them.
const DEATHS: u64 = 8;

/// Each is sent again until it is answered, alone or in a batch: what came of it before the host died is neither
/// lost nor charged once more.
#[test]
fn an_image_is_charged_once_however_often_its_host_dies_over_it() {
    let mut server = Server::start();
    let (_, key) = server.key(&["--plan", "enterprise"]);
    let mut broken = 0;
    for round in 0..DEATHS {
        let picture = BASE64_STANDARD.encode(photo(40_000 + round));
        let alone = json!({ "image_base64": picture, "options": quick() });
        let batch = json!({ "images": [{ "image_base64": picture }], "options": quick() });
        let (path, body) = match round % 2 {
            0 => ("/v1/analyze", alone),
            _ => ("/v1/analyze/batch", batch),
        };
        let name = format!("Idempotency-Key: {round}");
        let first = std::thread::scope(|scope| {
            let (address, more) = (server.address(), format!("{key}\r\n{name}"));
            let (body, path) = (&body, path);
            let asked = scope.spawn(move || try_post(address, path, &more, body));
            // An answer takes some tens of milliseconds, a batch is accepted in fewer.
            std::thread::sleep(moment(round * 5 + 1) / [10, 40][round as usize % 2]);
            server.kill();
            asked.join().unwrap()
        });
        broken += u64::from(first.is_none());
        server = server.restart("");
        let again = server.post_with(path, &key, &name, &body);
        assert!([200, 202].contains(&again.status), "{}", again.text());
        if let Some((_, first)) = first {
            assert_eq!(first, again.json());
        }
        let usage = server.get("/v1/usage", Some(&key)).json();
        assert_eq!(usage["day"]["used"], round + 1, "{path}");
    }
    assert!(broken > 0);
}

/// Posts JSON; nothing where the server ends before the whole answer is there.
fn try_post(address: SocketAddr, path: &str, key: &str, body: &Value) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let body = body.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {key}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n")?;
    let status = answer.get(9..12)?;
    let status = std::str::from_utf8(status).ok()?.parse().ok()?;
    Some((status, serde_json::from_slice(answer.get(end + 4..)?).ok()?))
}
