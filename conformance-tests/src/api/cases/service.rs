// SPDX-License-Identifier: MIT OR Apache-2.0
//! The service around the analyses: idempotency, regions, lists, administration, reference.

use serde_json::json;

use crate::api::bench::Bench;
use crate::api::cases::Case;
use crate::api::clause;
use crate::api::client::Request;
use crate::api::expect::{equal, holds, Fields as _};
use crate::case::{Check, Problem};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "idempotency-key",
        group: "idempotency",
        description: "A request repeated under one key gets the first answer, another body under it 422.",
        clause: clause::beyond("optional `Idempotency-Key` header (same key, other body: 422; replay returns the first \
               answer)"),
        run: idempotency,
    },
    Case {
        id: "region",
        group: "keys",
        description: "Answers name the region, and a key of another one is sent to its base URL.",
        clause: clause::read("Every answer has `X-Region`; a key of another region gets `421 WRONG_REGION` with the \
               right base URL."),
        run: region,
    },
    Case {
        id: "not-found",
        group: "errors",
        description: "Paths, analyses and batches that are not there are 404 NOT_FOUND.",
        clause: clause::read("`NOT_FOUND` 404"),
        run: not_found,
    },
    Case {
        id: "lists",
        group: "catalogue",
        description: "Detectors, policies and usage can be read, and the six models are among the detectors.",
        clause: clause::beyond("`GET /v1/detectors`, `GET /v1/policies`, `GET /v1/usage`"),
        run: lists,
    },
    Case {
        id: "service",
        group: "service",
        description: "Health, readiness, version and metrics answer without a key.",
        clause: clause::beyond("`/healthz`, `/readyz`, `/metrics` (Prometheus), `/version`"),
        run: service,
    },
    Case {
        id: "openapi",
        group: "service",
        description: "The OpenAPI document is of 3.1 and has the guide's paths.",
        clause: clause::beyond("`GET /openapi.json` (3.1)"),
        run: openapi,
    },
];

fn idempotency(bench: &Bench) -> Check {
    let name = format!("conformance-{}-{}", bench.seed, std::process::id());
    let send = |reference: &str| {
        let body = json!({ "image_base64": "R0lGODlh", "reference_id": reference });
        let request = Request::json("/v1/analyze/batch", &json!({ "images": [body] }));
        bench.send(&request.key(&bench.settings.key).header("Idempotency-Key", &name))
    };
    let (one, again) = (send("a")?, send("a")?);
    one.status(202)?;
    equal("the replay's body", one.excerpt(), again.excerpt())?;
    send("b")?.error(422, "IDEMPOTENCY_CONFLICT").map(drop)
}

fn region(bench: &Bench) -> Check {
    for answer in [bench.get("/v1/usage")?, bench.get("/v1/nothing")?] {
        let found = answer.header("x-region");
        holds(found.is_some_and(|region| !region.is_empty()), || {
            format!("{}: expected X-Region", answer.what)
        })?;
    }
    let key = bench.settings.foreign_key.as_deref();
    let key = key.ok_or_else(|| Problem::skipped("no --foreign-key was given"))?;
    let answer = bench.send(&Request::new("GET", "/v1/usage").key(key))?;
    let message = answer.error(421, "WRONG_REGION")?;
    holds(message.contains("http"), || format!("expected a base URL in {message:?}"))
}

fn not_found(bench: &Bench) -> Check {
    for path in ["/v1/nothing", "/v1/analyses/req_0", "/v1/batches/batch_0"] {
        bench.get(path)?.error(404, "NOT_FOUND")?;
    }
    Ok(())
}

fn lists(bench: &Bench) -> Check {
    let detectors = bench.get("/v1/detectors")?.json()?;
    let models = detectors.list("/detectors")?;
    for name in ["gan", "diffusion", "noise", "metadata", "frequency", "splicing"] {
        let is_there = models.iter().any(|model| model["model"] == name);
        holds(is_there, || format!("expected the detector {name}"))?;
    }
    let policies = bench.get("/v1/policies")?.json()?;
    holds(!policies.list("/policies")?.is_empty(), || "expected a policy".into())?;
    bench.get("/v1/usage")?.json()?.count("/day/limit").map(drop)
}

fn service(bench: &Bench) -> Check {
    for path in ["/healthz", "/readyz", "/version", "/metrics"] {
        bench.send(&Request::new("GET", path))?.status(200)?;
    }
    let metrics = bench.send(&Request::new("GET", "/metrics"))?;
    let kind = metrics.header("content-type").unwrap_or_default();
    holds(kind.starts_with("text/plain"), || format!("expected text/plain, found {kind}"))
}

fn openapi(bench: &Bench) -> Check {
    let answer = bench.send(&Request::new("GET", "/openapi.json"))?;
    answer.status(200)?;
    let document = answer.json()?;
    let version = document.text("/openapi")?;
    holds(version.starts_with("3.1"), || format!("openapi: expected 3.1, found {version}"))?;
    let paths = document.names("/paths")?;
    for path in ["/v1/analyze", "/v1/analyze/batch", "/v1/batches/{batch_id}"] {
        holds(paths.contains(&path), || format!("expected {path} in paths"))?;
    }
    Ok(())
}
