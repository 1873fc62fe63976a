// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is done later: batches, webhooks, fetched images.

use std::thread;
use std::time::{Duration, Instant};

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::api::bench::Bench;
use crate::api::cases::Case;
use crate::api::clause;
use crate::api::client::Request;
use crate::api::expect::{equal, holds, Fields as _};
use crate::api::hooks::{Received, Reply};
use crate::api::signature;
use crate::case::{Check, Problem};

const PATH: &str = "/v1/analyze";
const BATCH: &str = "/v1/analyze/batch";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "batch",
        group: "batch",
        description: "A batch is accepted, polled until complete and has a result or an error for each image.",
        clause: clause::guide("API guide, Batch analysis", "Submits multiple images for asynchronous processing. Returns individual results as \
               they complete."),
        run: batch,
    },
    Case {
        id: "batch-empty",
        group: "batch",
        description: "A batch without images is refused, and so is one beyond the plan's size.",
        clause: clause::read("`POST /v1/analyze/batch` takes 1 to the plan's batch size."),
        run: batch_bounds,
    },
    Case {
        id: "image-url",
        group: "fetch",
        description: "An image is fetched from its URL, through a redirect too, and a missing one is 422.",
        clause: clause::guide("API guide, Single image analysis", "`image_url` | Publicly accessible URL of the image"),
        run: image_url,
    },
    Case {
        id: "image-url-refused",
        group: "fetch",
        description: "URLs of other schemes, with credentials or into the deployment's own network are refused undialled.",
        clause: clause::read("`URL_UNREACHABLE` 422 (also for a blocked address: the message does not tell which)"),
        run: refused_url,
    },
    Case {
        id: "webhook-single",
        group: "webhooks",
        description: "With a webhook the answer is 202 and the signed result comes to it.",
        clause: clause::guide("API guide, Single image analysis", "If provided, response is sent to webhook and endpoint returns `202 Accepted` \
               immediately"),
        run: webhook,
    },
    Case {
        id: "webhook-failed",
        group: "webhooks",
        description: "An analysis that fails sends its error to the webhook.",
        clause: clause::read("A failed analysis sends `event: \"analysis.failed\"` with the error object."),
        run: failed_webhook,
    },
    Case {
        id: "webhook-retry",
        group: "webhooks",
        description: "A webhook that fails or redirects is sent again after 5 s, the same message.",
        clause: clause::guide("API guide, Webhook integration", "Failed webhook deliveries (non-2xx response or timeout) are retried with exponential \
               backoff: 5 seconds, 30 seconds, 2 minutes, 10 minutes, 1 hour."),
        run: retry,
    },
    Case {
        id: "webhook-batch",
        group: "webhooks",
        description: "A batch sends its counts to the webhook when it is complete.",
        clause: clause::guide("API guide, Webhook integration", "Webhook payload (batch completion)"),
        run: batch_webhook,
    },
];

fn coded(bench: &Bench) -> Result<String, Problem> {
    Ok(BASE64_STANDARD.encode(bench.photo()?))
}

/// Polls a batch until it is done.
fn finished(bench: &Bench, id: &str) -> Result<Value, Problem> {
    let end = Instant::now() + bench.settings.wait;
    loop {
        let answer = bench.get(&format!("/v1/batches/{id}"))?;
        answer.status(200)?;
        let body = answer.json()?;
        if body.text("/status")? == "COMPLETE" {
            return Ok(body);
        }
        equal("status", "PROCESSING", body.text("/status")?)?;
        holds(Instant::now() < end, || format!("{id}: not done in time"))?;
        thread::sleep(Duration::from_millis(200));
    }
}

fn batch(bench: &Bench) -> Check {
    let images = [
        json!({ "image_base64": coded(bench)?, "reference_id": "a" }),
        json!({ "image_base64": BASE64_STANDARD.encode(b"GIF89a"), "reference_id": "b" }),
    ];
    let body = json!({ "images": images, "batch_reference_id": "batch-1" });
    let answer = bench.post(BATCH, &body)?;
    answer.status(202)?;
    let accepted = answer.json()?;
    equal("batch_reference_id", "batch-1", accepted.text("/batch_reference_id")?)?;
    equal("image_count", 2, accepted.count("/image_count")?)?;
    accepted.count("/estimated_completion_seconds")?;
    let id = accepted.text("/batch_id")?;
    let status_url = accepted.text("/status_url")?;
    holds(status_url.ends_with(&format!("/v1/batches/{id}")), || {
        format!("status_url: expected the batch's, found {status_url}")
    })?;
    let done = finished(bench, id)?;
    for (name, expected) in [("/total", 2), ("/completed", 1), ("/failed", 1)] {
        equal(name, expected, done.count(name)?)?;
    }
    for result in done.list("/results")? {
        match result.text("/reference_id")? {
            "a" => {
                equal("status", "complete", result.text("/status")?)?;
                result.text("/verdict/label")?;
                result.number("/verdict/confidence")?;
                result.text("/verdict/risk_level")?;
            }
            _ => equal("error", "UNSUPPORTED_FORMAT", result.text("/error/code")?)?,
        }
    }
    Ok(())
}

fn batch_bounds(bench: &Bench) -> Check {
    bench.post(BATCH, &json!({ "images": [] }))?.error(400, "INVALID_REQUEST")?;
    let usage = bench.get("/v1/usage")?.json()?;
    let most = usage.count("/batch_size")?;
    let image = json!({ "image_base64": "AA==" });
    let images = vec![image; usize::try_from(most).unwrap_or(usize::MAX).saturating_add(1)];
    bench.post(BATCH, &json!({ "images": images }))?.error(413, "BATCH_TOO_LARGE").map(drop)
}

fn image_url(bench: &Bench) -> Check {
    let photo = bench.photo()?;
    let size = photo.len() as u64;
    let place = bench.hooks()?.place(vec![Reply::file("image/jpeg", photo)]);
    let answer = bench.post(PATH, &json!({ "image_url": place.url }))?;
    answer.status(200)?;
    equal("file_size_bytes", size, answer.json()?.count("/image_info/file_size_bytes")?)?;
    let moved = bench.hooks()?.place(vec![Reply::redirect(&place.url)]);
    bench.post(PATH, &json!({ "image_url": moved.url }))?.status(200)?;
    let missing = bench.hooks()?.place(vec![Reply::status(404)]);
    bench.post(PATH, &json!({ "image_url": missing.url }))?.error(422, "URL_UNREACHABLE").map(drop)
}

fn refused_url(bench: &Bench) -> Check {
    for url in ["file:///etc/passwd", "http://user:word@127.0.0.1:1/"] {
        let answer = bench.post(PATH, &json!({ "image_url": url }))?;
        answer.error(400, "INVALID_REQUEST")?;
    }
    // Addresses of the deployment's own machine, so that a guard that fails sends nothing beyond it.
    let mut urls = vec!["http://0.0.0.0:1/".to_owned(), "http://[::1]:1/".to_owned()];
    let mut inside = None;
    if let Some(hooks) = &bench.hooks {
        let place = hooks.place(vec![Reply::file("image/jpeg", bench.photo()?)]);
        // Behind the unspecified address listens who listens on the loopback one.
        let disguised = place.url.replace("127.0.0.1", "0.0.0.0");
        if disguised != place.url {
            urls.push(hooks.place(vec![Reply::redirect(&disguised)]).url);
            urls.push(disguised);
            inside = Some(place);
        }
    }
    for url in urls {
        bench.post(PATH, &json!({ "image_url": url }))?.error(422, "URL_UNREACHABLE")?;
    }
    let dialled = inside.map_or(0, |place| place.received().len());
    equal("requests to a refused address", 0, dialled)
}

fn secret(bench: &Bench) -> Result<Option<String>, Problem> {
    let settings = &bench.settings;
    let (None, Some(admin)) = (&settings.webhook_secret, &settings.admin_key) else {
        return Ok(settings.webhook_secret.clone());
    };
    let answer = bench.send(&Request::new("GET", "/v1/admin/webhooks/secret").key(admin))?;
    Ok(Some(answer.json()?.text("/secret")?.to_owned()))
}

fn check_signatures(bench: &Bench, message: &Received) -> Check {
    let Some(secret) = secret(bench)? else { return Ok(()) };
    let wrong = |e: signature::SecretError| Problem::failed(e.to_string());
    let expected = signature::guide(&secret, &message.body).map_err(wrong)?;
    equal("X-CheckReal-Signature", &*expected, message.header("x-checkreal-signature"))?;
    let (id, at) = (message.header("webhook-id"), message.header("webhook-timestamp"));
    let expected = signature::standard(&secret, id, at, &message.body).map_err(wrong)?;
    let found = message.header("webhook-signature");
    holds(found.split(' ').any(|one| one == expected), || {
        format!("webhook-signature: expected {expected}, found {found}")
    })
}

fn json_of(message: &Received) -> Result<Value, Problem> {
    serde_json::from_slice(&message.body)
        .map_err(|e| Problem::failed(format!("a webhook's body is no JSON: {e}")))
}

fn first(mut messages: Vec<Received>) -> Result<Received, Problem> {
    messages.pop().ok_or_else(|| Problem::failed("no webhook came"))
}

fn webhook(bench: &Bench) -> Check {
    let place = bench.hooks()?.place(vec![Reply::status(200)]);
    let more = json!({ "options": { "webhook_url": place.url }, "reference_id": "r" });
    let answer = bench.analyze(&bench.photo()?, &more)?;
    answer.status(202)?;
    let accepted = answer.json()?;
    equal("status", "processing", accepted.text("/status")?)?;
    accepted.text("/status_url")?;
    let message = first(place.wait(1, bench.settings.wait)?)?;
    check_signatures(bench, &message)?;
    let payload = json_of(&message)?;
    equal("event", "analysis.complete", payload.text("/event")?)?;
    equal("reference_id", "r", payload.text("/reference_id")?)?;
    let id = accepted.text("/request_id")?;
    equal("request_id", id, payload.text("/request_id")?)?;
    payload.text("/verdict/label")?;
    payload.text("/webhook_delivered_at")?;
    let whole = bench.get(&format!("/v1/analyses/{id}"))?;
    whole.status(200)?;
    equal("status", "complete", whole.json()?.text("/status")?)
}

fn failed_webhook(bench: &Bench) -> Check {
    let place = bench.hooks()?.place(vec![Reply::status(200)]);
    let more = json!({ "options": { "webhook_url": place.url } });
    bench.analyze(b"GIF89a", &more)?.status(202)?;
    let payload = json_of(&first(place.wait(1, bench.settings.wait)?)?)?;
    equal("event", "analysis.failed", payload.text("/event")?)?;
    equal("code", "UNSUPPORTED_FORMAT", payload.text("/error/code")?)
}

fn retry(bench: &Bench) -> Check {
    let elsewhere = bench.hooks()?.place(vec![Reply::status(200)]);
    let failures = [Reply::status(500), Reply::redirect(&elsewhere.url)];
    let places = failures.map(|reply| Ok(bench.hooks()?.place(vec![reply, Reply::status(200)])));
    let places = places.into_iter().collect::<Result<Vec<_>, Problem>>()?;
    for place in &places {
        let more = json!({ "options": { "webhook_url": place.url } });
        bench.analyze(&bench.photo()?, &more)?.status(202)?;
    }
    for place in &places {
        tried_again(&place.wait(2, bench.settings.wait)?)?;
    }
    equal("messages behind the redirect", 0, elsewhere.received().len())
}

/// A message that failed is sent once more, the same, after the first wait of the schedule.
fn tried_again(messages: &[Received]) -> Check {
    let [one, two] = messages else {
        return Err(Problem::failed(format!("expected 2 attempts, found {}", messages.len())));
    };
    equal("webhook-id", one.header("webhook-id"), two.header("webhook-id"))?;
    holds(one.body == two.body, || "the second attempt has another body".into())?;
    let wait = two.at.duration_since(one.at).as_secs_f64();
    holds((4.5..10.0).contains(&wait), || {
        format!("expected the first retry after 5 s, found {wait:.1} s")
    })
}

fn batch_webhook(bench: &Bench) -> Check {
    let place = bench.hooks()?.place(vec![Reply::status(200)]);
    let images = [json!({ "image_base64": coded(bench)? })];
    let body = json!({ "images": images, "webhook_url": place.url });
    let answer = bench.post(BATCH, &body)?;
    answer.status(202)?;
    let payload = json_of(&first(place.wait(1, bench.settings.wait)?)?)?;
    equal("event", "batch.complete", payload.text("/event")?)?;
    equal("batch_id", answer.json()?.text("/batch_id")?, payload.text("/batch_id")?)?;
    equal("completed", 1, payload.count("/completed")?)?;
    for label in ["AUTHENTIC", "AI_GENERATED", "MANIPULATED", "INCONCLUSIVE"] {
        payload.count(&format!("/summary/{label}"))?;
    }
    Ok(())
}
