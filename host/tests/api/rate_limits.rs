// SPDX-License-Identifier: MIT OR Apache-2.0
//! Requests a minute, images a day.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use assay::store::{
    Charge, FirstAnswer, JobQueue as _, Kept, KeyRequest, NewAnalysis, NewJob, NewJobs, Remembered,
    Scope, Store, StoreError,
};
use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::json;

use crate::database;
use crate::receiver::{Receiver, Reply};
use crate::support::{photo, Answer, Server};

const PATH: &str = "/v1/detectors";
const LIMITS: &str = "\n[[organisation]]\nname = \"acme\"\nrequests_per_minute = 30\n\
                      requests_per_day = 2\n";

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Waits for a minute of the clock of which much is left, and for a day of which a minute is.
pub(crate) fn early_in_a_minute() {
    while now() % 60 > 40 || now() % 86_400 > 86_340 {
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn number(answer: &Answer, header: &str) -> u64 {
    answer.header(header).unwrap_or_else(|| panic!("no {header}")).parse().unwrap()
}

#[test]
fn exactly_the_limit_passes_however_many_ask_at_once() {
    let server = Server::start_with(LIMITS);
    let keys = [server.key(&[]).1, server.key(&[]).1];
    early_in_a_minute();
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let ask = |i: usize| -> Vec<Answer> {
            let key = Some(keys[i % keys.len()].as_str());
            (0..10).map(|_| server.get(PATH, key)).collect()
        };
        let threads: Vec<_> = (0..10).map(|i| scope.spawn(move || ask(i))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let (passed, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.status == 200);
    assert_eq!((passed.len(), refused.len()), (30, 70));
    let mut left: Vec<_> = passed.iter().map(|a| number(a, "x-ratelimit-remaining")).collect();
    left.sort_unstable();
    assert_eq!(left, (0..30).collect::<Vec<_>>());
    for answer in refused {
        assert_eq!((answer.status, answer.error().as_str()), (429, "RATE_LIMIT_EXCEEDED"));
        assert_eq!(number(answer, "x-ratelimit-limit"), 30);
        assert_eq!(number(answer, "x-ratelimit-remaining"), 0);
        let reset = number(answer, "x-ratelimit-reset");
        assert!(reset.is_multiple_of(60) && reset > now() - 60);
        assert!((1..=60).contains(&number(answer, "retry-after")));
    }
}

/// The growth plan, as the guide has it.
#[test]
fn of_a_thousand_at_once_the_plans_three_hundred_pass() {
    let server = Server::start();
    let (_, key) = server.key(&["--plan", "growth"]);
    early_in_a_minute();
    let passed: usize = std::thread::scope(|scope| {
        let ask = || server.get(PATH, Some(&key)).status;
        let threads: Vec<_> = (0..1_000).map(|_| scope.spawn(ask)).collect();
        let statuses = threads.into_iter().map(|thread| thread.join().unwrap());
        statuses.filter(|status| *status == 200).count()
    });
    assert_eq!(passed, 300);
}

#[test]
fn the_day_is_counted_in_images_and_outlives_a_restart() {
    let server = Server::start_with(LIMITS);
    let (_, key) = server.key(&[]);
    early_in_a_minute();
    let post = |server: &Server, seed| {
        let body = json!({ "image_base64": BASE64_STANDARD.encode(photo(seed)) });
        server.post("/v1/analyze", &key, &body)
    };
    assert_eq!(post(&server, 1).status, 200);
    // What is not submitted takes nothing, nor does what was answered before.
    assert_eq!(post(&server, 1).status, 200);
    assert_eq!(server.get(PATH, Some(&key)).status, 200);
    assert_eq!(server.post("/v1/analyze", &key, &json!({})).status, 400);
    assert_eq!(post(&server, 2).status, 200);
    let server = server.restart(LIMITS);
    let answer = post(&server, 3);
    assert_eq!((answer.status, answer.error().as_str()), (429, "QUOTA_EXCEEDED"));
    assert!((1..=86_400).contains(&number(&answer, "retry-after")));
    assert_eq!(server.get(PATH, Some(&key)).status, 200);
}

#[tokio::test]
async fn what_is_not_kept_is_not_charged() {
    let data = database::folder();
    let store = Store::open(database::location(data.path())).await.unwrap();
    let request = KeyRequest::unrestricted("acme", vec![Scope::Read]);
    store.create_key(&request, "local", "test").await.unwrap();
    let job = |name: &str| NewJob {
        request_id: name.into(),
        reference_id: None,
        webhook_url: None,
        task: "{}".into(),
    };
    let answer = FirstAnswer { request: vec![1], status: 202, body: "{}".into() };
    let remembered = Remembered { key: "once", answer, since: 0 };
    let accept = async |jobs: &[NewJob], images: u32, answer: Option<&Remembered<'_>>| {
        let charge = Some(Charge { day: 20_000, images, limit: 5 });
        let (actor, organisation) = ("test", "acme");
        let new = NewJobs { actor, organisation, batch: None, jobs, charge, answer };
        store.accept_jobs(&new).await
    };
    accept(&[job("req_1"), job("req_2")], 2, Some(&remembered)).await.unwrap();
    // Another host has answered this meanwhile.
    let late = accept(&[job("req_3")], 1, Some(&remembered)).await;
    assert!(matches!(late, Err(StoreError::AnsweredBefore)), "{late:?}");
    let kept = Kept { body: "{}", localisation: None, derivation: None, fingerprint: None };
    let new = NewAnalysis {
        actor: "test",
        request_id: "req_4",
        organisation: "acme",
        kept,
        charge: Some(Charge { day: 20_000, images: 1, limit: 5 }),
        answer: Some(&remembered),
    };
    let late = store.keep_analysis(&new).await;
    assert!(matches!(late, Err(StoreError::AnsweredBefore)), "{late:?}");
    assert_eq!(store.analysis("req_4", "acme").await.unwrap(), None);
    let many = accept(&[job("req_5")], 4, None).await;
    assert!(matches!(many, Err(StoreError::DayIsOver { limit: 5 })), "{many:?}");
    assert_eq!(store.images("acme", 20_000).await.unwrap(), 2);
    assert_eq!(store.jobs_to_do().await.unwrap(), 2);
    store.keep_analysis(&NewAnalysis { answer: None, ..new }).await.unwrap();
    assert_eq!(store.images("acme", 20_000).await.unwrap(), 3);
}

/// What the detectors did not run for is not charged, however its answer is asked for.
#[test]
fn an_answer_that_is_kept_is_free_for_webhooks_too() {
    let receiver = Receiver::start();
    let server = Server::start_with_arguments(LIMITS, &["--allow-net", "127.0.0.0/8"]);
    let (_, key) = server.key(&[]);
    early_in_a_minute();
    receiver.reply("/picture", [Reply::body(photo(5)), Reply::body(photo(5)), Reply::status(404)]);
    let used = || server.get("/v1/usage", Some(&key)).json()["day"]["used"].as_u64().unwrap();
    let tell = receiver.url("/hook");
    let kept = json!({ "image_base64": BASE64_STANDARD.encode(photo(5)) });
    assert_eq!(server.post("/v1/analyze", &key, &kept).status, 200);
    assert_eq!(used(), 1);
    let mut later = kept.clone();
    later["options"] = json!({ "webhook_url": tell });
    let url = json!({ "image_url": receiver.url("/picture"), "options": { "webhook_url": tell } });
    for (number, body) in [later.clone(), url.clone(), url.clone()].iter().enumerate() {
        assert_eq!(server.post("/v1/analyze", &key, body).status, 202);
        receiver.wait_for("/hook", number + 1);
        assert_eq!(used(), 1, "{number}");
    }
    // Nor is one whose image cannot be fetched.
    assert_eq!(server.post("/v1/analyze", &key, &url).status, 202);
    receiver.wait_for("/hook", 4);
    assert_eq!(used(), 1);
    let other = json!({ "image_base64": BASE64_STANDARD.encode(photo(6)) });
    assert_eq!(server.post("/v1/analyze", &key, &other).status, 200);
    // The day is over, and what is kept is there all the same.
    assert_eq!(server.post("/v1/analyze", &key, &later).status, 202);
    assert_eq!(server.post("/v1/analyze", &key, &url).status, 429);
}

#[test]
fn every_answer_under_v1_has_the_headers() {
    let server = Server::start();
    let (_, key) = server.key(&["--plan", "growth"]);
    early_in_a_minute();
    let answer = server.get(PATH, Some(&key));
    assert_eq!(number(&answer, "x-ratelimit-limit"), 300);
    assert_eq!(number(&answer, "x-ratelimit-remaining"), 299);
    let cases = [
        (server.get("/v1/nothing", Some(&key)), 404, 298),
        (server.send("DELETE", PATH, Some(&key), "", &[]), 405, 297),
        (server.get(PATH, None), 401, 0),
        (server.get("/v1/nothing", None), 404, 0),
    ];
    for (answer, status, remaining) in cases {
        assert_eq!(answer.status, status);
        assert_eq!(number(&answer, "x-ratelimit-remaining"), remaining);
        assert!(number(&answer, "x-ratelimit-reset") > 0);
    }
    assert_eq!(server.get("/healthz", None).header("x-ratelimit-limit"), None);
}
