// SPDX-License-Identifier: MIT OR Apache-2.0
//! Errors: statuses, codes, body.

use serde_json::json;

use crate::api::bench::Bench;
use crate::api::cases::Case;
use crate::api::clause;
use crate::api::client::Request;
use crate::api::expect::{equal, holds};
use crate::case::{Check, Problem};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "either-url-or-base64",
        group: "errors",
        description: "A request with neither a URL nor base64, or with both, is refused.",
        clause: clause::guide(
            "API guide, Single image analysis",
            "Either `image_url` or `image_base64` is required, not both.",
        ),
        run: either,
    },
    Case {
        id: "model-unknown",
        group: "options",
        description: "A model that is not known is refused with the names of the known ones.",
        clause: clause::read("An unknown name is a 400 that lists the known ones."),
        run: unknown_model,
    },
    Case {
        id: "error-has-the-request-id",
        group: "errors",
        description: "An error's body and its header name the same request.",
        clause: clause::read("Every error body has the `request_id`."),
        run: request_id,
    },
    Case {
        id: "key-wrong",
        group: "keys",
        description: "Without a key or with a wrong one the answer is 401 INVALID_API_KEY.",
        clause: clause::read(
            "An unknown, malformed, expired or revoked key: `401 INVALID_API_KEY`.",
        ),
        run: wrong_key,
    },
    Case {
        id: "key-restricted",
        group: "keys",
        description: "A key used outside its endpoints gets 403 FORBIDDEN.",
        clause: clause::read("A restricted key outside its endpoints or ranges: `403 FORBIDDEN`."),
        run: restricted,
    },
    Case {
        id: "rate-headers",
        group: "rate",
        description:
            "Answers and errors alike carry the three headers of the minute as whole numbers.",
        clause: clause::read("`X-RateLimit-*` is on every response of `/v1`, errors included."),
        run: rate_headers,
    },
    Case {
        id: "framework-errors",
        group: "errors",
        description: "What is refused before any handler sees it has the guide's error body too.",
        clause: clause::beyond(
            "the guide's body everywhere, also for what the framework itself rejects",
        ),
        run: framework,
    },
    Case {
        id: "problem-json",
        group: "errors",
        description: "An error is `application/problem+json` to who asks for it.",
        clause: clause::beyond("`application/problem+json` when asked for by Accept"),
        run: problem,
    },
    Case {
        id: "models-elsewhere",
        group: "options",
        description: "Models outside the options are refused with the field's name.",
        clause: clause::read("`options.models` is the one place."),
        run: models_elsewhere,
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

fn framework(bench: &Bench) -> Check {
    let key = &bench.settings.key;
    let post =
        |kind: &str, body: &[u8]| bench.send(&Request::new("POST", PATH).key(key).body(kind, body));
    post("text/plain", b"hello")?.error(400, "INVALID_REQUEST")?;
    post("application/json", b"{\"reference_id\": \"\xff\"}")?.error(400, "INVALID_REQUEST")?;
    post("application/json", b"[1, 2")?.error(400, "INVALID_REQUEST")?;
    post("multipart/form-data", b"no boundary")?.error(400, "INVALID_REQUEST")?;
    post("application/json", b"{\"image_base64\": \"%%\"}")?.error(400, "INVALID_REQUEST")?;
    let answer = bench.send(&Request::new("DELETE", PATH).key(key))?;
    answer.error(405, "METHOD_NOT_ALLOWED").map(drop)
}

fn problem(bench: &Bench) -> Check {
    let request = Request::json(PATH, &json!({})).key(&bench.settings.key);
    let answer = bench.send(&request.header("Accept", "application/problem+json"))?;
    answer.error(400, "INVALID_REQUEST")?;
    let kind = answer.header("content-type");
    equal("Content-Type", Some("application/problem+json"), kind)?;
    let body = answer.json()?;
    equal("status", Some(400), body["status"].as_u64())?;
    equal("detail", body["error"]["message"].as_str(), body["detail"].as_str())
}

fn models_elsewhere(bench: &Bench) -> Check {
    let answer = bench.analyze(&bench.photo()?, &json!({ "models": ["gan"] }))?;
    let message = answer.error(400, "INVALID_REQUEST")?;
    holds(message.contains("models"), || format!("expected the field's name in {message:?}"))
}
