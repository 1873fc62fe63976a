// SPDX-License-Identifier: MIT OR Apache-2.0
//! Requests that lie about their length, or that are made to cost more than they say.

use std::net::Shutdown;
use std::time::{Duration, Instant};

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::json;

use crate::raw::{head, while_answering, Raw};
use crate::support::{parse, photo, Answer, Server};

const JSON: &str = "Content-Type: application/json\r\n";
const FORM: &str = "Content-Type: multipart/form-data; boundary=b\r\n";

fn failure(answer: &Answer) -> (u16, String) {
    (answer.status, answer.error())
}

fn server() -> (Server, String) {
    let server = Server::start();
    let (_, key) = server.key(&["--plan", "enterprise"]);
    (server, key)
}

#[test]
fn a_body_shorter_than_announced_is_no_body() {
    let (server, key) = server();
    let before = server.get("/v1/usage", Some(&key)).json();
    let mut raw = Raw::open(&server);
    let announced = format!("{JSON}Content-Length: 1000\r\n");
    assert!(raw.send(&head("POST", "/v1/analyze", &key, &announced)) && raw.send(b"{\"image"));
    raw.0.shutdown(Shutdown::Write).unwrap();
    // Nobody may be left who reads the refusal, so that it may be missing.
    let said = raw.rest();
    if !said.is_empty() {
        assert_eq!(failure(&parse(&said)), (400, "INVALID_REQUEST".into()));
    }
    assert_eq!(server.get("/v1/usage", Some(&key)).json(), before);
}

#[test]
fn what_comes_behind_the_announced_length_is_not_part_of_the_request() {
    let (server, key) = server();
    let announced = format!("{JSON}Content-Length: 2\r\n");
    let request = [&head("POST", "/v1/analyze", &key, &announced)[..], b"{}"].concat();
    let behind = b",\"image_base64\":\"AAAA\"}\r\n\r\n";

    let mut raw = Raw::open(&server);
    assert!(raw.send(&request));
    let mut said = raw.until("either image_url or image_base64");
    assert!(raw.send(behind));
    said += &String::from_utf8(raw.rest()).unwrap();
    // The rest is no request: one bare refusal, and the end.
    assert_eq!(said.matches("HTTP/1.1 ").count(), 2, "{said}");
    assert_eq!(said.matches("HTTP/1.1 400").count(), 2, "{said}");

    // Sent at once, it may end the connection before the answer is made.
    let mut raw = Raw::open(&server);
    assert!(raw.send(&[&request[..], behind].concat()));
    let said = String::from_utf8(raw.rest()).unwrap();
    assert!(said.matches("HTTP/1.1 ").count() <= 2, "{said}");
    assert_eq!(said.matches("HTTP/1.1 ").count(), said.matches("HTTP/1.1 400").count(), "{said}");
}

#[test]
fn a_body_whose_length_is_told_in_two_ways_is_refused() {
    let (server, key) = server();
    for more in [
        "Content-Length: 2\r\nContent-Length: 3\r\n",
        "Content-Length: 2, 3\r\n",
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Transfer-Encoding: identity, chunked, chunked\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: +2\r\n",
        "Content-Length: 0x2\r\n",
        "Content-Length: 99999999999999999999999\r\n",
    ] {
        let mut raw = Raw::open(&server);
        assert!(raw.send(&head("POST", "/v1/analyze", &key, &format!("{JSON}{more}"))));
        // Were it read in the one way or the other, the second request would be seen.
        raw.send(b"0\r\n\r\nGET /version HTTP/1.1\r\nHost: test\r\n\r\n");
        let said = String::from_utf8(raw.rest()).unwrap();
        assert!(said.starts_with("HTTP/1.1 4"), "{more}: {said}");
        assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{more}: {said}");
    }
}

#[test]
fn chunks_without_end_are_refused_at_the_limit_and_not_read_for_ever() {
    let (server, key) = server();
    while_answering(&server, &key, || {
        for kind in [JSON, FORM] {
            let mut raw = Raw::open(&server);
            let kind = format!("{kind}Transfer-Encoding: chunked\r\n");
            assert!(raw.send(&head("POST", "/v1/analyze", &key, &kind)));
            let chunk = [b"10000\r\n".to_vec(), vec![b' '; 0x10000], b"\r\n".to_vec()].concat();
            let (start, mut sent) = (Instant::now(), 0_u64);
            while raw.send(&chunk) {
                sent += 0x10000;
                // The server takes what comes for a while, and lets the connection go.
                assert!(start.elapsed() < Duration::from_secs(40), "{sent} bytes were taken");
            }
            let said = String::from_utf8_lossy(&raw.rest()).into_owned();
            let is_refused = said.starts_with("HTTP/1.1 413") || said.starts_with("HTTP/1.1 400");
            assert!(is_refused || said.is_empty(), "{said}");
        }
    });
}

#[test]
fn floods_of_headers_are_refused() {
    let (server, key) = server();
    while_answering(&server, &key, || {
        let many = (0..5_000).map(|i| format!("X-{i}: 1\r\n")).collect::<String>();
        let long = format!("X-Long: {}\r\n", "a".repeat(300_000));
        let folded = format!("Accept: {}\r\n", "a/b;q=0.1,".repeat(20_000));
        for more in [many, long, folded] {
            let mut raw = Raw::open(&server);
            raw.send(&head("GET", "/v1/detectors", &key, &more));
            let said = raw.rest();
            let said = String::from_utf8_lossy(&said);
            let is_refused = said.starts_with("HTTP/1.1 431") || said.starts_with("HTTP/1.1 400");
            // A server that has heard enough may be gone before all is sent.
            assert!(is_refused || said.is_empty(), "{said}");
        }
    });
}

#[test]
fn json_that_is_nested_too_deep_is_no_json() {
    let (server, key) = server();
    const DEEP: usize = 100_000;
    let nested = |open: &str, close: &str| open.repeat(DEEP) + "1" + &close.repeat(DEEP);
    for (path, body) in [
        ("/v1/analyze", nested("[", "]")),
        ("/v1/analyze", nested("{\"options\":", "}")),
        ("/v1/analyze", format!("{{\"options\":{}}}", nested("[", "]"))),
        ("/v1/analyze", format!("{{\"unknown\":{}}}", nested("[", "]"))),
        ("/v1/analyze/batch", format!("{{\"images\":{}}}", nested("[", "]"))),
    ] {
        let answer = server.send("POST", path, Some(&key), "application/json", body.as_bytes());
        assert_eq!(failure(&answer), (400, "INVALID_REQUEST".into()), "{path}");
        assert!(answer.message().len() < 500, "{}", answer.message());
    }
    assert_eq!(server.get("/healthz", None).status, 200);
}

#[test]
fn base64_beyond_the_limit_is_refused_before_it_is_decoded() {
    let (server, key) = server();
    let large = BASE64_STANDARD.encode(vec![0; 20_000_001]);
    // It is too large, whatever it holds: nobody has looked into it.
    let broken = format!("{}%", &large[1..]);
    for text in [&large, &broken] {
        let answer = server.post("/v1/analyze", &key, &json!({ "image_base64": text }));
        assert_eq!(failure(&answer), (413, "FILE_SIZE_EXCEEDED".into()));
    }
    let images = [json!({ "image_base64": broken }), json!({ "image_base64": "%%" })];
    let accepted = server.post("/v1/analyze/batch", &key, &json!({ "images": images })).json();
    let batch = server.finished_batch(&key, accepted["batch_id"].as_str().unwrap());
    let mut codes: Vec<_> = batch["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["error"]["code"].as_str().unwrap())
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, ["FILE_SIZE_EXCEEDED", "INVALID_REQUEST"]);
}

#[test]
fn floods_of_form_fields_are_refused() {
    let (server, key) = server();
    let send = |body: &[u8]| {
        let start = Instant::now();
        let mut raw = Raw::open(&server);
        let length = format!("{FORM}Connection: close\r\nContent-Length: {}\r\n", body.len());
        raw.send(&head("POST", "/v1/analyze", &key, &length));
        raw.send(body);
        let said = raw.rest();
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
        // Whoever sends on after the answer may lose it.
        if said.is_empty() {
            return (413, "FILE_SIZE_EXCEEDED".into());
        }
        failure(&parse(&said))
    };
    let is_refused = |body: &[u8]| matches!(send(body).0, 400 | 413);
    while_answering(&server, &key, || {
        let part =
            |i: usize| format!("--b\r\nContent-Disposition: form-data; name=\"f{i}\"\r\n\r\nx\r\n");
        let parts = (0..10_000).map(part).collect::<String>() + "--b--\r\n";
        assert!(is_refused(parts.as_bytes()));
        let same = "--b\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\nx\r\n".repeat(3);
        assert_eq!(send(format!("{same}--b--\r\n").as_bytes()), (400, "INVALID_REQUEST".into()));
        let preamble = "no boundary\r\n".repeat(1_500_000);
        assert!(is_refused(preamble.as_bytes()));
        let long = vec![b'x'; 19_000_000];
        assert!(is_refused(&long));
        let long_head = format!("--b\r\nX-Long: {}\r\n\r\nx\r\n--b--\r\n", "a".repeat(10_000_000));
        assert!(is_refused(long_head.as_bytes()));
        let heads = "--b\r\n".to_owned() + &"X-Many: 1\r\n".repeat(100_000) + "\r\nx\r\n--b--\r\n";
        assert!(is_refused(heads.as_bytes()));
        let name = "n".repeat(50_000);
        let named =
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n\r\n--b--\r\n");
        assert_eq!(send(named.as_bytes()).0, 400);
    });
}

/// An endless form: what is in front of the first boundary is read up to the limit of a form only.
#[test]
fn a_preamble_without_end_is_not_read_for_ever() {
    let (server, key) = server();
    while_answering(&server, &key, || {
        let mut raw = Raw::open(&server);
        let kind = format!("{FORM}Content-Length: 1000000000000\r\n");
        assert!(raw.send(&head("POST", "/v1/analyze", &key, &kind)));
        let lines = b"preamble\r\n".repeat(6_554);
        let start = Instant::now();
        while raw.send(&lines) {
            assert!(start.elapsed() < Duration::from_secs(40));
        }
    });
    let body = json!({ "image_base64": BASE64_STANDARD.encode(photo(601)) });
    assert_eq!(server.post("/v1/analyze", &key, &body).status, 200);
}
