// SPDX-License-Identifier: MIT OR Apache-2.0
//! Places that the server is sent to and that never end: each has its bound of bytes and of time.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::raw::while_answering;
use crate::support::{photo, Server};

const QUICK: &str = "\n[network]\nfetch_timeout_ms = 2_000\n\n[webhooks]\ntimeout_ms = 2_000\n";
const ALLOW: [&str; 2] = ["--allow-net", "127.0.0.0/8"];

/// Says something and then the same again and again, as long as somebody listens.
struct Endless {
    address: SocketAddr,
    sent: Arc<AtomicU64>,
}

impl Endless {
    fn start(first: &'static [u8], again: Vec<u8>, pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let sent = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&sent);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (count, again) = (Arc::clone(&count), again.clone());
                std::thread::spawn(move || say(stream, first, &again, pause, &count));
            }
        });
        Self { address, sent }
    }

    fn url(&self) -> String {
        format!("http://{}/x", self.address)
    }
}

fn say(mut stream: TcpStream, first: &[u8], again: &[u8], pause: Duration, count: &AtomicU64) {
    let mut request = [0; 8_192];
    let _ = stream.read(&mut request);
    if stream.write_all(first).is_err() {
        return;
    }
    while stream.write_all(again).is_ok() {
        count.fetch_add(again.len() as u64, Ordering::Relaxed);
        std::thread::sleep(pause);
    }
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";
const STATUS: &[u8] = b"HTTP/1.1 200 OK\r\n";
const SILENT: Duration = Duration::from_millis(200);

#[test]
fn images_without_end_are_given_up_at_the_limit_of_bytes_or_time() {
    let server = Server::start_with_arguments(QUICK, &ALLOW);
    let (_, key) = server.key(&["--plan", "enterprise"]);
    let cases = [
        (Endless::start(OK, vec![7; 65_536], Duration::ZERO), 413, "FILE_SIZE_EXCEEDED"),
        (Endless::start(OK, vec![7], SILENT), 422, "URL_UNREACHABLE"),
        (Endless::start(STATUS, b"X: y\r\n".to_vec(), Duration::ZERO), 422, "URL_UNREACHABLE"),
        (Endless::start(STATUS, b"X: y\r\n".to_vec(), SILENT), 422, "URL_UNREACHABLE"),
        (Endless::start(b"", b"nonsense".to_vec(), Duration::ZERO), 422, "URL_UNREACHABLE"),
    ];
    while_answering(&server, &key, || {
        for (number, (place, status, code)) in cases.iter().enumerate() {
            let start = Instant::now();
            let answer = server.post("/v1/analyze", &key, &json!({ "image_url": place.url() }));
            assert_eq!((answer.status, answer.error().as_str()), (*status, *code), "{number}");
            assert!(start.elapsed() < Duration::from_secs(10), "{number}: {:?}", start.elapsed());
        }
    });
}

#[test]
fn receivers_without_end_are_given_up_and_hold_up_no_others() {
    let server = Server::start_with_arguments(QUICK, &ALLOW);
    let (_, key) = server.key(&["--plan", "enterprise", "--scope", "analyze", "--scope", "admin"]);
    let (_, honest) = server.key(&["--scope", "read"]);
    // With the status that each attempt has; none for those that give none.
    let cases = [
        (Endless::start(OK, vec![b'a'; 65_536], Duration::ZERO), json!(200)),
        (Endless::start(OK, vec![b'a'], SILENT), json!(200)),
        (Endless::start(STATUS, b"X: y\r\n".to_vec(), Duration::ZERO), Value::Null),
        (Endless::start(STATUS, b"X: y\r\n".to_vec(), SILENT), Value::Null),
        (Endless::start(b"", b"".to_vec(), SILENT), Value::Null),
    ];
    while_answering(&server, &honest, || {
        for (place, _) in &cases {
            let body = json!({
                "image_base64": BASE64_STANDARD.encode(photo(610)),
                "options": { "webhook_url": place.url(), "models": ["metadata"] },
            });
            assert_eq!(server.post("/v1/analyze", &key, &body).status, 202);
        }
        for (number, (place, status)) in cases.iter().enumerate() {
            let attempt = first_attempt(&server, &key, &place.url());
            assert_eq!(&attempt["status"], status, "{number}: {attempt}");
            assert!(attempt["latency_ms"].as_i64().unwrap() < 6_000, "{number}: {attempt}");
            assert!(attempt["answer"].as_str().unwrap().len() <= 1_024);
        }
    });
    // What fits into the buffers between the two was sent, and no more.
    assert!(cases[0].0.sent.load(Ordering::Relaxed) < 64 << 20);
}

/// The first attempt to deliver to a URL, once it is over.
fn first_attempt(server: &Server, key: &str, url: &str) -> Value {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let listed = server.get("/v1/admin/webhooks/deliveries", Some(key)).json();
        let deliveries = listed["deliveries"].as_array().unwrap();
        let found = deliveries.iter().find(|d| d["url"] == url && d["attempts"] != 0);
        if let Some(found) = found {
            let path = format!("/v1/admin/webhooks/deliveries/{}", found["id"].as_str().unwrap());
            return server.get(&path, Some(key)).json()["attempt_log"][0].clone();
        }
        assert!(Instant::now() < end, "{listed}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
