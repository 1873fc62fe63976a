// SPDX-License-Identifier: MIT OR Apache-2.0
//! `image_url`: fetched from where the operator lets it, and from nowhere else.

use std::time::Duration;

use serde_json::{json, Value};

use crate::receiver::{Receiver, Reply};
use crate::support::{photo, Answer, Server};

const LOOPBACK: [&str; 2] = ["--allow-net", "127.0.0.0/8"];

fn fetch(server: &Server, key: &str, url: &str) -> Answer {
    server.post("/v1/analyze", key, &json!({ "image_url": url }))
}

fn failure(answer: &Answer) -> (u16, String) {
    (answer.status, answer.error())
}

#[test]
fn a_picture_is_fetched_and_examined_whatever_it_is_called() {
    let (server, receiver) = (Server::start_arguments(&LOOPBACK), Receiver::start());
    let (_, key) = server.key(&[]);
    let picture = photo(71);
    receiver.reply("/photo", [Reply::body(picture.clone())]);
    receiver.reply("/one", [Reply::redirect(&receiver.url("/two"))]);
    receiver.reply("/two", [Reply::redirect("/three")]);
    receiver.reply("/three", [Reply::redirect("photo")]);
    receiver.reply("/zero", [Reply::redirect("/one")]);
    let answer = fetch(&server, &key, &receiver.url("/photo"));
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert_eq!(answer.json()["image_info"]["file_size_bytes"], picture.len());
    assert_eq!(fetch(&server, &key, &receiver.url("/one")).header("x-cache"), Some("HIT"));
    let answer = fetch(&server, &key, &receiver.url("/zero"));
    assert_eq!(failure(&answer), (422, "URL_UNREACHABLE".into()));
    assert!(answer.message().contains("more than 3 redirects"), "{}", answer.message());
}

#[test]
fn what_cannot_be_fetched_has_the_guides_codes() {
    let more = "\n[network]\nfetch_timeout_ms = 1_000\n";
    let server = Server::start_with_arguments(more, &LOOPBACK);
    let receiver = Receiver::start();
    let (_, key) = server.key(&[]);
    receiver.reply("/missing", [Reply::status(404)]);
    receiver.reply("/page", [Reply::body(b"<html>hello</html>".to_vec())]);
    receiver.reply("/large", [Reply::body(vec![7; 20_000_001])]);
    receiver.reply("/late", [Reply::status(200).late(Duration::from_secs(5))]);
    receiver.reply("/away", [Reply::redirect("file:///etc/passwd")]);
    receiver.reply("/user", [Reply::redirect("http://user:secret@127.0.0.1/")]);
    for (path, status, code, part) in [
        ("/missing", 422, "URL_UNREACHABLE", "status 404"),
        ("/page", 422, "UNSUPPORTED_FORMAT", ""),
        ("/large", 413, "FILE_SIZE_EXCEEDED", "20000000"),
        ("/late", 422, "URL_UNREACHABLE", "in time"),
        ("/away", 422, "URL_UNREACHABLE", "only http and https"),
        ("/user", 422, "URL_UNREACHABLE", "user name"),
    ] {
        let answer = fetch(&server, &key, &receiver.url(path));
        assert_eq!(failure(&answer), (status, code.into()), "{path}");
        assert!(answer.message().contains(part), "{path}: {}", answer.message());
    }
    for wrong in
        ["file:///etc/passwd", "ftp://example.com/a", "http://a:b@example.com/", "photo.jpg"]
    {
        let answer = fetch(&server, &key, wrong);
        assert_eq!(failure(&answer), (400, "INVALID_REQUEST".into()), "{wrong}");
        assert!(answer.message().contains("image_url"), "{}", answer.message());
    }
}

/// The guard is asked before anything is dialled: the receiver sees nothing, not even of a redirect.
#[test]
fn addresses_that_are_not_public_are_not_dialled() {
    let receiver = Receiver::start();
    receiver.reply("/photo", [Reply::body(photo(72))]);
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let unreachable = |url: &str| {
        let answer = fetch(&server, &key, url);
        assert_eq!(failure(&answer), (422, "URL_UNREACHABLE".into()), "{url}");
        answer.message()
    };
    let local = receiver.url("/photo");
    let message = unreachable(&local);
    let port = local.rsplit(':').next().unwrap();
    assert_eq!(unreachable(&format!("http://localhost:{port}")), message);
    assert!(receiver.received("/photo").is_empty());

    let narrow = Server::start_arguments(&["--allow-net", "127.0.0.1/32"]);
    let (_, key) = narrow.key(&[]);
    receiver.reply("/inward", [Reply::redirect(&local.replace("127.0.0.1", "127.0.0.2"))]);
    let answer = fetch(&narrow, &key, &receiver.url("/inward"));
    assert_eq!(failure(&answer), (422, "URL_UNREACHABLE".into()));
    // Neither the code nor the message tells a refused address from one where nobody is.
    assert_eq!(answer.message(), message);
    assert_eq!(fetch(&narrow, &key, "http://127.0.0.1:1/").message(), message);
    assert_eq!(fetch(&narrow, &key, &local).status, 200);
}

#[test]
fn a_batch_can_point_at_its_pictures_too() {
    let (server, receiver) = (Server::start_arguments(&LOOPBACK), Receiver::start());
    let (_, key) = server.key(&[]);
    receiver.reply("/photo", [Reply::body(photo(73))]);
    receiver.reply("/missing", [Reply::status(404)]);
    let images = [("a", "/photo"), ("b", "/missing")]
        .map(|(name, path)| json!({ "image_url": receiver.url(path), "reference_id": name }));
    let answer = server.post("/v1/analyze/batch", &key, &json!({ "images": images }));
    let batch = server.finished_batch(&key, answer.json()["batch_id"].as_str().unwrap());
    let find = |name: &str| -> Value {
        let results = batch["results"].as_array().unwrap();
        results.iter().find(|result| result["reference_id"] == name).unwrap().clone()
    };
    assert_eq!(find("a")["status"], "complete");
    assert_eq!(find("b")["error"]["code"], "URL_UNREACHABLE");
}
