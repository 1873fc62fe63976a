// SPDX-License-Identifier: MIT OR Apache-2.0
//! Errors: statuses, codes, body.

use serde_json::json;

use crate::api::bench::Bench;
use crate::api::case::{Case, Check};
use crate::api::client::Request;
use crate::api::expect::{equal, holds};
use crate::case::Problem;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "either-url-or-base64",
        group: "errors",
        rule: "Either `image_url` or `image_base64` is required, not both.",
        run: either,
    },
    Case {
        id: "model-unknown",
        group: "options",
        rule: "An unknown name is a 400 that lists the known ones.",
        run: unknown_model,
    },
    Case {
        id: "error-has-the-request-id",
        group: "errors",
        rule: "Every error body has the `request_id`.",
        run: request_id,
    },
    Case {
        id: "key-wrong",
        group: "keys",
        rule: "An unknown, malformed, expired or revoked key: `401 INVALID_API_KEY`.",
        run: wrong_key,
    },
    Case {
        id: "key-restricted",
        group: "keys",
        rule: "A restricted key outside its endpoints or ranges: `403 FORBIDDEN`.",
        run: restricted,
    },
    Case {
        id: "rate-headers",
        group: "rate",
        rule: "`X-RateLimit-*` is on every response of `/v1`, errors included.",
        run: rate_headers,
    },
];

const PATH: &str = "/v1/analyze";

fn either(bench: &Bench) -> Check {
    let both = json!({ "image_url": "https://a.example/x.jpg", "image_base64": "AA==" });
    for body in [json!({}), both] {
        bench.post(PATH, &body)?.error(400, "INVALID_REQUEST")?;
    }
    Ok(())
}

fn unknown_model(bench: &Bench) -> Check {
    let more = json!({ "options": { "models": ["no-such-model"] } });
    let message = bench.analyze(&bench.photo()?, &more)?.error(400, "INVALID_REQUEST")?;
    for name in ["gan", "diffusion", "noise", "metadata", "frequency", "splicing"] {
        holds(message.contains(name), || format!("expected {name} in {message:?}"))?;
    }
    Ok(())
}

fn request_id(bench: &Bench) -> Check {
    let answer = bench.post(PATH, &json!({}))?;
    answer.error(400, "INVALID_REQUEST")?;
    let body = answer.json()?;
    equal("X-Request-Id", body["error"]["request_id"].as_str(), answer.header("x-request-id"))
}

fn wrong_key(bench: &Bench) -> Check {
    let request = Request::json(PATH, &json!({}));
    for request in [request.clone(), request.key("nonsense")] {
        bench.send(&request)?.error(401, "INVALID_API_KEY")?;
    }
    Ok(())
}

fn restricted(bench: &Bench) -> Check {
    let key = bench.settings.restricted_key.as_deref();
    let key = key.ok_or_else(|| Problem::skipped("no --restricted-key was given"))?;
    bench.send(&Request::json(PATH, &json!({})).key(key))?.error(403, "FORBIDDEN").map(drop)
}

fn rate_headers(bench: &Bench) -> Check {
    let answers =
        [bench.get("/v1/usage")?, bench.get("/v1/nothing")?, bench.post(PATH, &json!({}))?];
    for answer in answers {
        for name in ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"] {
            let value = answer.header(name);
            holds(value.is_some_and(|value| value.parse::<u64>().is_ok()), || {
                format!("{}: {name}: expected a whole number, found {value:?}", answer.what)
            })?;
        }
    }
    Ok(())
}
