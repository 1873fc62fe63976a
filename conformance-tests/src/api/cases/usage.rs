// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is counted: requests in the minute, images in the day, one run for identical requests.
//!
//! The cases that read the day's use want a key whose organisation nobody else uses meanwhile.

use std::thread;

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::api::bench::Bench;
use crate::api::cases::Case;
use crate::api::clause;
use crate::api::client::{Answer, Request};
use crate::api::expect::{equal, holds, Fields as _};
use crate::case::{Check, Problem};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "batch-is-counted",
        group: "rate",
        description: "A batch of three counts three against the day and one against the minute.",
        clause: clause::read("A batch of n images counts n against the day and 1 against the minute."),
        run: batch_is_counted,
    },
    Case {
        id: "hit-is-not-counted",
        group: "cache",
        description: "A hit counts against the minute and not against the day.",
        clause: clause::read("A hit is not counted against the day's quota (it is counted against the minute's)."),
        run: hit_is_not_counted,
    },
    Case {
        id: "one-run",
        group: "cache",
        description: "Four identical requests at once give one miss and four request ids.",
        clause: clause::read("Two identical requests in flight at once run the detectors once."),
        run: one_run,
    },
    Case {
        id: "options-are-another-request",
        group: "cache",
        description: "The same picture with other options is no hit.",
        clause: clause::read("Cache key: SHA-256 of the encoded bytes + organisation + the models asked for + \
               options that change the result"),
        run: other_options,
    },
    Case {
        id: "minute-limit",
        group: "rate",
        description: "Beyond the minute's limit the answer is 429 RATE_LIMIT_EXCEEDED with the seconds to wait.",
        clause: clause::guide("API guide, Rate limits", "When you exceed rate limits, the API returns `429 Too Many Requests` with a \
               `Retry-After` header specifying the number of seconds to wait."),
        run: minute,
    },
    Case {
        id: "day-limit",
        group: "rate",
        description: "Beyond the day's limit the answer is 429 QUOTA_EXCEEDED with the seconds to wait.",
        clause: clause::read("day: `429 QUOTA_EXCEEDED`"),
        run: day,
    },
];

/// Most requests that are sent to reach a minute's limit.
const MOST_REQUESTS: usize = 400;

/// Images of the day, and requests that are left in the minute.
fn standing(bench: &Bench) -> Result<(u64, u64, u64), Problem> {
    let answer = bench.get("/v1/usage")?;
    answer.status(200)?;
    let used = answer.json()?.count("/day/used")?;
    let header = |name: &str| -> Result<u64, Problem> {
        let value = answer.header(name).and_then(|value| value.parse().ok());
        value.ok_or_else(|| Problem::failed(format!("{name}: expected a whole number")))
    };
    Ok((used, header("x-ratelimit-remaining")?, header("x-ratelimit-reset")?))
}

/// What something adds to the day and takes from the minute, and what it gave; tried again where the
/// minute ended meanwhile.
fn counted<T>(
    bench: &Bench,
    mut act: impl FnMut() -> Result<T, Problem>,
) -> Result<(u64, u64, T), Problem> {
    for _ in 0..3 {
        let (used, left, minute) = standing(bench)?;
        let given = act()?;
        let (used_then, left_then, minute_then) = standing(bench)?;
        if minute == minute_then {
            // One of the requests is the second look.
            let taken = left.saturating_sub(left_then).saturating_sub(1);
            return Ok((used_then.saturating_sub(used), taken, given));
        }
    }
    Err(Problem::skipped("each try went over the end of a minute"))
}

fn batch_is_counted(bench: &Bench) -> Check {
    let image = json!({ "image_base64": BASE64_STANDARD.encode(b"GIF89a") });
    let body = json!({ "images": [image, image, image] });
    let (images, requests, answer) = counted(bench, || bench.post("/v1/analyze/batch", &body))?;
    answer.status(202)?;
    equal("images of the day", 3, images)?;
    equal("requests of the minute", 1, requests)
}

fn hit_is_not_counted(bench: &Bench) -> Check {
    let photo = bench.photo()?;
    bench.analyze(&photo, &json!({}))?.status(200)?;
    let (images, requests, answer) = counted(bench, || bench.analyze(&photo, &json!({})))?;
    equal("X-Cache", Some("HIT"), answer.header("x-cache"))?;
    equal("images of the day", 0, images)?;
    equal("requests of the minute", 1, requests)
}

fn one_run(bench: &Bench) -> Check {
    let photo = bench.photo()?;
    let ask = || bench.analyze(&photo, &json!({}));
    let answers: Vec<Result<Answer, Problem>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        let broken = || Problem::failed("a thread of this program broke off");
        threads.into_iter().map(|thread| thread.join().map_err(|_| broken())?).collect()
    });
    let answers: Vec<Answer> = answers.into_iter().collect::<Result<_, _>>()?;
    let misses = answers.iter().filter(|answer| answer.header("x-cache") == Some("MISS"));
    equal("answers that are no HIT", 1, misses.count())?;
    let bodies: Vec<Value> = answers.iter().map(Answer::json).collect::<Result<_, _>>()?;
    let mut names: Vec<&str> =
        bodies.iter().map(|body| body.text("/request_id")).collect::<Result<_, _>>()?;
    names.sort_unstable();
    names.dedup();
    equal("request ids", answers.len(), names.len())
}

fn other_options(bench: &Bench) -> Check {
    let photo = bench.photo()?;
    for options in [
        json!({}),
        json!({ "models": ["gan"] }),
        json!({ "metadata_analysis": false }),
        json!({ "return_heatmap": true }),
    ] {
        let answer = bench.analyze(&photo, &json!({ "options": options }))?;
        answer.status(200)?;
        equal("X-Cache", Some("MISS"), answer.header("x-cache"))?;
    }
    Ok(())
}

fn is_limited(answer: &Answer, code: &str, longest: u64) -> Check {
    answer.error(429, code)?;
    let wait = answer.header("retry-after").and_then(|value| value.parse::<u64>().ok());
    holds(wait.is_some_and(|seconds| (1..=longest).contains(&seconds)), || {
        format!("Retry-After: expected 1 to {longest} s, found {wait:?}")
    })
}

fn minute(bench: &Bench) -> Check {
    let key = bench.settings.limited_key.as_deref();
    let key = key.ok_or_else(|| Problem::skipped("no --limited-key was given"))?;
    let request = Request::new("GET", "/v1/detectors").key(key).impatient();
    for _ in 0..MOST_REQUESTS {
        let answer = bench.send(&request)?;
        if answer.status != 200 {
            equal("X-RateLimit-Remaining", Some("0"), answer.header("x-ratelimit-remaining"))?;
            return is_limited(&answer, "RATE_LIMIT_EXCEEDED", 60);
        }
    }
    Err(Problem::failed(format!("none of {MOST_REQUESTS} requests in a row was limited")))
}

fn day(bench: &Bench) -> Check {
    let key = bench.settings.spent_key.as_deref();
    let key = key.ok_or_else(|| Problem::skipped("no --spent-key was given"))?;
    let body = json!({ "image_base64": BASE64_STANDARD.encode(bench.photo()?) });
    let answer = bench.send(&Request::json("/v1/analyze", &body).key(key).impatient())?;
    is_limited(&answer, "QUOTA_EXCEEDED", 86_400)
}
