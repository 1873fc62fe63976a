// SPDX-License-Identifier: MIT OR Apache-2.0
//! Clients that send or take a byte now and then: none holds a connection or a place for long.

use std::time::{Duration, Instant};

use serde_json::json;
use socket2::{Domain, Socket, Type};

use crate::raw::{head, while_answering, Raw};
use crate::support::{parse, Server};

const QUICKLY_GIVEN_UP: &str =
    "\n[server]\nbody_patience_seconds = 2\nbody_bytes_per_second = 1_000\n";

/// A number of `/metrics`; empty where it is not there.
fn measured(server: &Server, name: &str) -> String {
    let text = String::from_utf8(server.get("/metrics", None).body).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_default().to_owned()
}

#[test]
fn a_head_that_trickles_is_cut_off() {
    let server = Server::start();
    let (_, key) = server.key(&["--plan", "enterprise"]);
    while_answering(&server, &key, || {
        let mut raw = Raw::open(&server);
        assert!(raw.send(b"GET /healthz HTTP/1.1\r\nX-Slow: "));
        let (said, took) = raw.trickle(b'a', Duration::from_secs(60));
        assert!(took > Duration::from_secs(3), "{took:?}");
        assert!(said.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&said));
    });
}

/// The framework gives only the first head of a connection a deadline.
#[test]
fn a_later_head_that_trickles_is_cut_off_too() {
    let server = Server::start();
    let (_, key) = server.key(&["--plan", "enterprise"]);
    while_answering(&server, &key, || {
        let mut raw = Raw::open(&server);
        assert!(
            raw.send(b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\nGET /healthz HTTP/1.1\r\nX: ")
        );
        let (said, took) = raw.trickle(b'a', Duration::from_secs(60));
        assert!(said.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&said));
        assert!(took > Duration::from_secs(5), "{took:?}");
    });
}

#[test]
fn a_body_that_trickles_is_told_that_it_is_too_slow() {
    let server = Server::start_with(QUICKLY_GIVEN_UP);
    let (_, key) = server.key(&["--plan", "enterprise", "--scope", "analyze", "--scope", "admin"]);
    let (_, honest) = server.key(&[]);
    let json = "Content-Type: application/json\r\nContent-Length: 10000\r\n";
    let form = "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 10000\r\n";
    let chunked = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
    while_answering(&server, &honest, || {
        for (path, kind, start, byte) in [
            ("/v1/analyze", json, "{", b' '),
            (
                "/v1/analyze",
                form,
                "--b\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\n",
                b'x',
            ),
            ("/v1/analyze", form, "", b'x'),
            ("/v1/analyze", chunked, "2000\r\n{", b' '),
            ("/v1/analyze/batch", json, "{", b' '),
            ("/v1/admin/keys", json, "{", b' '),
        ] {
            let mut raw = Raw::open(&server);
            assert!(raw.send(&head("POST", path, &key, kind)) && raw.send(start.as_bytes()));
            let (said, took) = raw.trickle(byte, Duration::from_secs(60));
            let answer = parse(&said);
            let failure = (answer.status, answer.error());
            assert_eq!(failure, (408, "REQUEST_TIMEOUT".into()), "{path} {kind}");
            assert!(took > Duration::from_millis(1_900), "{path}: {took:?}");
        }
    });
}

/// The pace is of the whole body: one that is large and comes steadily has the time that it needs.
#[test]
fn a_body_that_comes_steadily_may_take_longer_than_the_patience() {
    let server = Server::start_with(QUICKLY_GIVEN_UP);
    let (_, key) = server.key(&[]);
    let start = Instant::now();
    let mut raw = Raw::open(&server);
    let kind = "Content-Type: application/json\r\nContent-Length: 60000\r\nConnection: close\r\n";
    assert!(raw.send(&head("POST", "/v1/analyze", &key, kind)));
    for _ in 0..30 {
        assert!(raw.send(&[b' '; 2_000]));
        std::thread::sleep(Duration::from_millis(110));
    }
    assert!(start.elapsed() > Duration::from_secs(3));
    // All of it was read: what is wrong is the JSON.
    let answer = raw.answer();
    assert_eq!((answer.status, answer.error().as_str()), (400, "INVALID_REQUEST"));
}

#[test]
fn a_client_that_does_not_take_its_answers_is_let_go() {
    let server = Server::start();
    let (_, key) = server.key(&["--plan", "enterprise"]);
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    socket.connect(&server.address().into()).unwrap();
    let mut raw = Raw(socket.into());
    raw.0.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    while_answering(&server, &key, || {
        // More than any buffer between the two holds.
        for _ in 0..2_000 {
            if !raw.send(b"GET /openapi.json HTTP/1.1\r\nHost: test\r\n\r\n") {
                break;
            }
        }
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            if measured(&server, "assay_connections_stalled_total") == "1" {
                break;
            }
            assert!(Instant::now() < end, "the connection is still open");
            std::thread::sleep(Duration::from_millis(500));
        }
    });
    // What was on its way still comes, and then the end; not all 2,000 answers.
    let said = raw.rest();
    let taken = said.windows(12).filter(|w| *w == b"HTTP/1.1 200").count();
    assert!(taken < 1_000, "{taken}");
}

/// One organisation that sends slowly holds no more than its half of the places.
#[test]
fn slow_bodies_of_one_organisation_leave_places_for_the_others() {
    let server = Server::start_with("\n[server]\nat_once = 1\nwaiting = 7\n");
    let (_, slow) = server.key_of("slow", &["--plan", "enterprise"]);
    let (_, honest) = server.key_of("honest", &["--plan", "enterprise"]);
    let kind = "Content-Type: application/json\r\nContent-Length: 10000\r\nConnection: close\r\n";
    let held: Vec<Raw> = (0..4)
        .map(|_| {
            let mut raw = Raw::open(&server);
            assert!(raw.send(&head("POST", "/v1/analyze", &slow, kind)) && raw.send(b"{"));
            raw
        })
        .collect();
    let end = Instant::now() + Duration::from_secs(20);
    while measured(&server, "assay_requests_inside") != "4" {
        assert!(Instant::now() < end, "the places are not taken");
        std::thread::sleep(Duration::from_millis(100));
    }
    let body = json!({ "image_base64": "AAAA" });
    let full = server.post("/v1/analyze", &slow, &body);
    assert_eq!((full.status, full.error().as_str()), (503, "OVERLOADED"));
    assert_eq!(server.post("/v1/analyze", &honest, &body).status, 422);
    drop(held);
    let end = Instant::now() + Duration::from_secs(10);
    while server.post("/v1/analyze", &slow, &body).status == 503 {
        assert!(Instant::now() < end, "the places are not given back");
        std::thread::sleep(Duration::from_millis(100));
    }
}
