// SPDX-License-Identifier: MIT OR Apache-2.0
//! What faulty deployments do wrong, each seen by one case.

use serde_json::json;

use super::proxy::Ask;
use crate::support::Answer;

/// What is spoilt.
pub(super) enum Spoil {
    /// The request, before the server sees it.
    Ask(fn(&mut Ask)),
    /// The answer, before the client sees it.
    Answer(fn(&mut Answer)),
    /// A webhook, before its receiver sees it.
    Hook(fn(&mut Ask)),
    /// Each webhook is sent twice, at once.
    HookTwice,
}

/// One thing that a deployment does wrong.
pub(super) struct Fault {
    /// The case that must fail.
    pub(super) case: &'static str,
    /// Method and beginning of the path of the requests that are spoilt.
    pub(super) at: &'static str,
    pub(super) spoil: Spoil,
    /// Part of what the case must say.
    pub(super) message: &'static str,
}

const fn fault(case: &'static str, at: &'static str, spoil: Spoil, message: &'static str) -> Fault {
    Fault { case, at, spoil, message }
}

pub(super) static FAULTS: &[Fault] = &[
    fault(
        "analyze-fields",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.set("/reference_id", json!("other"))),
        "reference_id",
    ),
    fault(
        "verdict-bands",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.set("/verdict/risk_level", json!("NONE"))),
        "verdict.risk_level",
    ),
    fault(
        "verdict-bands",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.set("/verdict/confidence", json!(-1))),
        "verdict.confidence",
    ),
    fault(
        "cache-hit",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.say("x-cache", Some("MISS"))),
        "X-Cache",
    ),
    fault(
        "formats",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.set("/image_info/format", json!("JPEG"))),
        "image_info.format",
    ),
    fault(
        "format-unsupported",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.status = 400),
        "expected status 422",
    ),
    fault(
        "image-corrupt",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.set("/error/code", json!("UNSUPPORTED_FORMAT"))),
        "IMAGE_CORRUPT",
    ),
    fault(
        "image-too-small",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.status = 200),
        "expected status 422",
    ),
    fault(
        "file-too-large",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.status = 422),
        "expected status 413",
    ),
    fault(
        "models-subset",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.set("/model_results/noise_analysis", json!({}))),
        "model_results",
    ),
    fault(
        "metadata-switched-off",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.set("/model_results/metadata_analysis", json!({}))),
        "expected to be left out",
    ),
    fault(
        "heatmap",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.set("/heatmap", json!(null))),
        "expected an object when it is asked for",
    ),
    fault(
        "heatmap",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.set("/heatmap", json!({}))),
        "expected none unless it is asked for",
    ),
    fault(
        "policy",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.set("/policy/digest", json!("0"))),
        "policy.digest",
    ),
    fault(
        "claimed-at",
        "POST /v1/analyze",
        Spoil::Ask(|a| a.set("/context", json!(null))),
        "expected status 400",
    ),
    fault("data-uri", "POST /v1/analyze", Spoil::Answer(|a| a.status = 400), "expected status 200"),
    fault(
        "multipart",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.status = 415),
        "expected status 200",
    ),
    fault(
        "field-unknown",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.set("/error/message", json!("wrong"))),
        "expected the field's name",
    ),
    fault(
        "either-url-or-base64",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.status = 422),
        "expected status 400",
    ),
    fault(
        "model-unknown",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.set("/error/message", json!("unknown"))),
        "expected gan",
    ),
    fault(
        "error-has-the-request-id",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.say("x-request-id", Some("other"))),
        "X-Request-Id",
    ),
    fault(
        "error-has-the-request-id",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.set("/error/request_id", json!(""))),
        "with message and request_id",
    ),
    fault(
        "key-wrong",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.status = 403),
        "expected status 401",
    ),
    fault(
        "key-restricted",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.status = 401),
        "expected status 403",
    ),
    fault(
        "rate-headers",
        "GET /v1/nothing",
        Spoil::Answer(|a| a.say("x-ratelimit-reset", None)),
        "x-ratelimit-reset",
    ),
    fault(
        "framework-errors",
        "DELETE /v1/analyze",
        Spoil::Answer(|a| a.body = b"Method Not Allowed".to_vec()),
        "expected JSON",
    ),
    fault(
        "problem-json",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.say("content-type", Some("application/json"))),
        "Content-Type",
    ),
    fault(
        "models-elsewhere",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.status = 200),
        "expected status 400",
    ),
    fault(
        "idempotency-key",
        "POST /v1/analyze/batch",
        Spoil::Ask(|a| a.forget("idempotency-key")),
        "the replay's body",
    ),
    fault(
        "region",
        "GET /v1/nothing",
        Spoil::Answer(|a| a.say("x-region", None)),
        "expected X-Region",
    ),
    fault("not-found", "GET /v1/batches", Spoil::Answer(|a| a.status = 403), "expected status 404"),
    fault(
        "lists",
        "GET /v1/detectors",
        Spoil::Answer(|a| a.set("/detectors", json!([]))),
        "expected the detector gan",
    ),
    fault(
        "service",
        "GET /metrics",
        Spoil::Answer(|a| a.say("content-type", Some("text/html"))),
        "expected text/plain",
    ),
    fault(
        "openapi",
        "GET /openapi.json",
        Spoil::Answer(|a| a.set("/openapi", json!("3.0.3"))),
        "expected 3.1",
    ),
    fault(
        "analysis-read-again",
        "GET /v1/analyses",
        Spoil::Answer(|a| a.set("/status", json!("lost"))),
        "the analysis",
    ),
    fault(
        "heatmap-png",
        "GET /v1/analyses",
        Spoil::Answer(|a| (a.status, a.body) = (200, b"no drawing".to_vec())),
        "Content-Type",
    ),
    fault(
        "batch-pages",
        "GET /v1/batches",
        Spoil::Ask(|a| a.path = a.path.replace("limit=1", "limit=9")),
        "expected one result",
    ),
    fault(
        "batch",
        "POST /v1/analyze/batch",
        Spoil::Answer(|a| a.set("/image_count", json!(3))),
        "image_count",
    ),
    fault("batch", "GET /v1/batches", Spoil::Answer(|a| a.set("/failed", json!(0))), "/failed"),
    fault(
        "batch-empty",
        "POST /v1/analyze/batch",
        Spoil::Answer(|a| a.status = 202),
        "expected status 400",
    ),
    fault(
        "image-url",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.status = 422),
        "expected status 200",
    ),
    fault(
        "image-url-refused",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.set("/error/code", json!("FORBIDDEN"))),
        "expected error INVALID_REQUEST",
    ),
    fault(
        "webhook-single",
        "",
        Spoil::Hook(|a| a.forget("x-checkreal-signature")),
        "X-CheckReal-Signature",
    ),
    fault(
        "webhook-single",
        "",
        Spoil::Hook(|a| a.set("/event", json!("done"))),
        "X-CheckReal-Signature",
    ),
    fault(
        "webhook-failed",
        "",
        Spoil::Hook(|a| a.set("/event", json!("analysis.complete"))),
        "event",
    ),
    fault("webhook-retry", "", Spoil::HookTwice, "after 5 s"),
    fault("webhook-batch", "", Spoil::Hook(|a| a.set("/summary", json!({}))), "/summary/AUTHENTIC"),
    fault(
        "keys-rotated-and-revoked",
        "GET /v1/detectors",
        Spoil::Answer(|a| a.status = 200),
        "expected status 401",
    ),
    fault(
        "key-restrictions",
        "GET /v1/detectors",
        Spoil::Answer(|a| a.status = 200),
        "expected status 403",
    ),
    fault(
        "admin-scope",
        "GET /v1/admin/audit",
        Spoil::Answer(|a| a.status = 200),
        "expected status 403",
    ),
    fault(
        "audit",
        "GET /v1/admin/audit",
        Spoil::Answer(|a| a.set("/entries", json!([]))),
        "expected key.create",
    ),
    fault(
        "webhook-sent-again",
        "GET /v1/admin/webhooks/deliveries/",
        Spoil::Answer(|a| a.set("/attempt_log", json!([]))),
        "expected an attempt",
    ),
    fault(
        "batch-is-counted",
        "GET /v1/usage",
        Spoil::Answer(|a| a.set("/day/used", json!(0))),
        "images of the day",
    ),
    fault(
        "hit-is-not-counted",
        "GET /v1/usage",
        Spoil::Answer(|a| a.say("x-ratelimit-remaining", Some("9"))),
        "requests of the minute",
    ),
    fault(
        "one-run",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.say("x-cache", Some("MISS"))),
        "answers that are no HIT",
    ),
    fault(
        "options-are-another-request",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.say("x-cache", Some("HIT"))),
        "X-Cache",
    ),
    fault(
        "minute-limit",
        "GET /v1/detectors",
        Spoil::Answer(|a| a.say("retry-after", None)),
        "Retry-After",
    ),
    fault(
        "day-limit",
        "POST /v1/analyze",
        Spoil::Answer(|a| a.set("/error/code", json!("RATE_LIMIT_EXCEEDED"))),
        "QUOTA_EXCEEDED",
    ),
];
