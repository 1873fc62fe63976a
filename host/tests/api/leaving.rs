// SPDX-License-Identifier: MIT OR Apache-2.0
//! Clients that go away before their answer: nothing more is done for them than what is under way, and it stays
//! within the bound of what runs at once; what was promised is done.

use std::net::Shutdown;
use std::path::Path;
use std::time::{Duration, Instant};

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::raw::{head, Raw};
use crate::support::{photo, Server};

/// Clients that go away at once.
const LEAVERS: u64 = 20;
/// Of these, how many analyses may have been done before it was seen that nobody waits.
const OVERTAKEN: u64 = 4;
/// How long the hostile detector is let spin, ms.
const SPIN: u64 = 3_000;

/// Sends a whole request for an analysis, and no more.
fn ask(server: &Server, key: &str, more: &str, body: &Value) -> Raw {
    let body = body.to_string();
    let kind =
        format!("Content-Type: application/json\r\nContent-Length: {}\r\n{more}", body.len());
    let mut raw = Raw::open(server);
    assert!(raw.send(&head("POST", "/v1/analyze", key, &kind)) && raw.send(body.as_bytes()));
    raw
}

fn picture(seed: u64) -> Value {
    json!({ "image_base64": BASE64_STANDARD.encode(photo(seed)) })
}

/// A number of `/metrics`, its labels' series together.
fn measured(server: &Server, name: &str) -> u64 {
    let text = server.get("/metrics", None).text();
    let own =
        |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{']));
    let value = |line: &str| line.rsplit(' ').next().and_then(|value| value.parse::<u64>().ok());
    text.lines().filter(own).filter_map(value).sum()
}

/// Waits until a number is reached.
#[track_caller]
fn reached(server: &Server, name: &str, number: u64) {
    let end = Instant::now() + Duration::from_secs(30);
    while measured(server, name) < number {
        assert!(Instant::now() < end, "{name} is {}", measured(server, name));
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn those_who_left_are_not_examined_and_the_next_one_is_answered() {
    let more = "\n[server]\nat_once = 1\nwaiting = 60\ninside_each = 60\n";
    let server = Server::start_with(more);
    let (_, key) = server.key(&["--plan", "enterprise"]);
    let mut half_closed = Vec::new();
    for seed in 0..LEAVERS {
        let raw = ask(&server, &key, "", &picture(seed));
        if seed % 2 == 0 {
            raw.0.shutdown(Shutdown::Write).unwrap();
            half_closed.push(raw);
        }
    }
    assert_eq!(server.post("/v1/analyze", &key, &picture(LEAVERS)).status, 200);
    let done = measured(&server, "assay_verdicts_total");
    assert!((1..=1 + OVERTAKEN).contains(&done), "{done} analyses");
    // Who has closed its side gets the end of the connection and no answer.
    let answered = half_closed.into_iter().map(Raw::rest).filter(|said| !said.is_empty()).count();
    assert!(answered as u64 <= OVERTAKEN, "{answered}");
    reached(&server, "assay_clients_gone_total", LEAVERS - OVERTAKEN);
    // What was given up is not charged.
    let charged = server.get("/v1/usage", Some(&key)).json()["day"]["used"].as_u64().unwrap();
    assert!((1..=1 + OVERTAKEN).contains(&charged), "{charged}");
}

/// A server that examines one image at once, with a detector that spins under the policy `spin`.
fn spinning(folder: &Path) -> Server {
    let policy = format!(
        "name = \"spin\"\nversion = \"1\"\nextends = \"default\"\n\
         [detectors.hostile]\ndeadline_ms = {SPIN}\nparams = {{ attack = \"spin\" }}\n"
    );
    std::fs::write(folder.join("spin.toml"), policy).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_assay"));
    Server::start_with(&format!(
        "\n[server]\nat_once = 1\n\n[policies]\nsearch = [\"{}\"]\n\n\
         [[plugin]]\nmodel = \"hostile\"\nlibrary = \"{}\"\n",
        folder.display(),
        program.with_file_name("libassay_hostile.so").display()
    ))
}

/// Sends a request that is under way for [`SPIN`] at least, and has been for a third of it.
fn ask_to_spin(server: &Server, key: &str) -> Raw {
    let mut body = picture(1);
    body["options"] = json!({ "policy": "spin", "models": ["hostile", "noise"] });
    let raw = ask(server, key, "", &body);
    std::thread::sleep(Duration::from_millis(SPIN / 3));
    raw
}

#[test]
fn what_is_under_way_for_nobody_keeps_its_place_and_is_not_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let server = spinning(folder.path());
    let (_, key) = server.key(&["--plan", "enterprise"]);
    let left = ask_to_spin(&server, &key);
    drop(left);
    reached(&server, "assay_clients_gone_total", 1);
    let start = Instant::now();
    assert_eq!(server.post("/v1/analyze", &key, &picture(2)).status, 200);
    // At once is one: the place is free when the detector has overrun its deadline, not before.
    assert!(start.elapsed() > Duration::from_millis(SPIN / 6), "{:?}", start.elapsed());
    assert_eq!(measured(&server, "assay_verdicts_total"), 1);
}

#[test]
fn a_request_under_an_idempotency_key_is_done_without_its_client() {
    let folder = tempfile::tempdir().unwrap();
    let server = spinning(folder.path());
    let (_, key) = server.key(&["--plan", "enterprise"]);
    let first = ask_to_spin(&server, &key);
    // It waits for its turn when its client goes.
    let once = "Idempotency-Key: mine\r\n";
    let left = ask(&server, &key, once, &picture(2));
    reached(&server, "assay_requests_inside", 2);
    std::thread::sleep(Duration::from_millis(SPIN / 6));
    drop(left);
    reached(&server, "assay_clients_gone_total", 1);
    reached(&server, "assay_verdicts_total", 2);
    drop(first);
    let again = server.post_with("/v1/analyze", &key, once.trim_end(), &picture(2));
    assert_eq!((again.status, again.header("x-cache")), (200, Some("HIT")));
    assert_eq!(measured(&server, "assay_verdicts_total"), 2);
    let usage = server.get("/v1/usage", Some(&key)).json();
    assert_eq!(usage["day"]["used"], 2, "{usage}");
}
