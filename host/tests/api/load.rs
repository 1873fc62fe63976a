// SPDX-License-Identifier: MIT OR Apache-2.0
//! Under load: what does not fit is refused at once, and what is inside is finished.

use std::time::{Duration, Instant};

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::json;

use crate::receiver::{Receiver, Reply};
use crate::support::{photo, Answer, Server};

#[test]
fn when_all_places_are_taken_the_next_is_told_to_come_again() {
    let more = "\n[server]\nat_once = 1\nwaiting = 3\ninside_each = 4\n";
    let server = Server::start_with_arguments(more, &["--allow-net", "127.0.0.0/8"]);
    let receiver = Receiver::start();
    let (_, key) = server.key(&["--plan", "enterprise"]);
    receiver.reply("/late", [Reply::body(photo(61)).late(Duration::from_secs(3))]);
    let ask = |index: usize| {
        let start = Instant::now();
        let body = json!({ "image_url": receiver.url("/late"), "reference_id": index.to_string() });
        (server.post("/v1/analyze", &key, &body), start.elapsed())
    };
    let answers: Vec<(Answer, Duration)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..12).map(|i| scope.spawn(move || ask(i))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (inside, outside): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|(answer, _)| answer.status == 200);
    assert_eq!((inside.len(), outside.len()), (4, 8));
    for (answer, took) in outside {
        assert_eq!((answer.status, answer.error().as_str()), (503, "OVERLOADED"));
        assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
        assert!(took < Duration::from_secs(2), "{took:?}");
    }
}

#[test]
fn jobs_beyond_the_queues_bound_are_refused_and_leave_nothing() {
    let server = Server::start_with("\n[server]\njobs = 2\n");
    let (_, key) = server.key(&[]);
    let image = || json!({ "image_base64": BASE64_STANDARD.encode(photo(62)) });
    let body = json!({ "images": [image(), image(), image()] });
    let answer = server.post("/v1/analyze/batch", &key, &body);
    assert_eq!((answer.status, answer.error().as_str()), (503, "OVERLOADED"));
    assert_eq!(server.get("/v1/usage", Some(&key)).json()["day"]["used"], 0);
    let answer = server.post("/v1/analyze/batch", &key, &json!({ "images": [image()] }));
    assert_eq!(answer.status, 202);
}

/// As many more jobs as an organisation gets into the queue, one by one; why it gets no more.
fn fills(server: &Server, organisation: &str) -> (usize, String) {
    let (_, key) = server.key_of(organisation, &[]);
    for number in 0.. {
        let image = json!({ "image_base64": BASE64_STANDARD.encode(photo(64)) });
        let answer = server.post("/v1/analyze/batch", &key, &json!({ "images": [image] }));
        if answer.status != 202 {
            assert_eq!((answer.status, answer.error().as_str()), (503, "OVERLOADED"));
            assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
            return (number, answer.message());
        }
    }
    unreachable!("the queue has a bound")
}

#[test]
fn an_organisation_leaves_room_in_the_queue_for_the_next() {
    let server = Server::start_with_arguments("\n[server]\njobs = 8\n", &["--no-jobs"]);
    let (first, why) = fills(&server, "first");
    assert!(why.contains("4 images of your organisation"), "{why}");
    assert_eq!((first, fills(&server, "second").0, fills(&server, "third").0), (4, 2, 1));
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let server = Server::start();
    let output = server.second();
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("another server uses it"), "{message}");
}

#[test]
fn what_is_measured_can_be_read() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let body = json!({ "image_base64": BASE64_STANDARD.encode(photo(63)) });
    for _ in 0..2 {
        assert_eq!(server.post("/v1/analyze", &key, &body).status, 200);
    }
    let answer = server.get("/metrics", None);
    assert!(answer.header("content-type").unwrap().starts_with("text/plain"));
    let text = String::from_utf8(answer.body).unwrap();
    let value = |start: &str| -> f64 {
        let line = text.lines().find(|line| line.starts_with(start));
        line.unwrap_or_else(|| panic!("{start}\n{text}"))
            .rsplit(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap()
    };
    assert_eq!((value("assay_cache_hits_total"), value("assay_cache_misses_total")), (1.0, 1.0));
    assert_eq!(value("assay_verdicts_total{"), 1.0);
    assert_eq!((value("assay_jobs_waiting"), value("assay_webhook_lag_seconds")), (0.0, 0.0));
    let requests = "assay_request_seconds_count{endpoint=\"/v1/analyze\",method=\"POST\"";
    assert_eq!(value(requests), 2.0);
    for model in ["gan", "diffusion", "noise", "metadata", "frequency", "splicing"] {
        assert_eq!(value(&format!("assay_detector_seconds_count{{detector=\"{model}\"")), 1.0);
    }
    assert!(!text.contains(&key));
}
