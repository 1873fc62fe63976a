// SPDX-License-Identifier: MIT OR Apache-2.0
//! `POST /v1/analyze`: the answer.

use serde_json::{json, Value};

use crate::api::bench::Bench;
use crate::api::cases::Case;
use crate::api::clause;
use crate::api::expect::{equal, holds, Fields as _};
use crate::case::{Check, Problem};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "analyze-fields",
        group: "analyze",
        description: "An analysis has the caller's reference, facts of the file and a result of each of the six models.",
        clause: clause::guide("API guide, Single image analysis", "Analyzes a single image synchronously. Returns results in the response body."),
        run: fields,
    },
    Case {
        id: "verdict-bands",
        group: "analyze",
        description: "Confidence and risk level follow from the two probabilities by the bands.",
        clause: clause::read("The bands are cut on the risk: max(p_ai_generated, p_manipulated)."),
        run: bands,
    },
    Case {
        id: "cache-hit",
        group: "cache",
        description: "The same picture again is a hit with a new request id and the first run's times.",
        clause: clause::read("A hit has a new request_id, the caller's reference_id, header X-Cache: HIT, the first run's processed_at and processing_time_ms."),
        run: cache_hit,
    },
];

fn result(bench: &Bench) -> Result<Value, Problem> {
    let answer = bench.analyze(&bench.photo()?, &json!({ "reference_id": "claim-1" }))?;
    answer.status(200)?;
    answer.json()
}

fn fields(bench: &Bench) -> Check {
    let body = result(bench)?;
    equal("reference_id", "claim-1", body.text("/reference_id")?)?;
    equal("status", "complete", body.text("/status")?)?;
    for pointer in ["/request_id", "/processed_at", "/image_info/sha256"] {
        body.text(pointer)?;
    }
    equal("image_info.format", "JPEG", body.text("/image_info/format")?)?;
    equal("image_info.width", 400, body.count("/image_info/width")?)?;
    equal("image_info.height", 320, body.count("/image_info/height")?)?;
    body.count("/image_info/file_size_bytes")?;
    body.count("/processing_time_ms")?;
    body.flag("/model_results/metadata_analysis/exif_present")?;
    let mut names = body.names("/model_results")?;
    names.sort_unstable();
    let expected = [
        "diffusion_detection",
        "frequency_analysis",
        "gan_detection",
        "metadata_analysis",
        "noise_analysis",
        "splicing_detection",
    ];
    holds(expected.iter().all(|name| names.contains(name)), || {
        format!("model_results: expected {expected:?}, found {names:?}")
    })
}

fn bands(bench: &Bench) -> Check {
    let body = result(bench)?;
    let (ai, edited) =
        (body.number("/verdict/p_ai_generated")?, body.number("/verdict/p_manipulated")?);
    let risk = ai.max(edited);
    let confidence = match body.text("/verdict/label")? {
        "AI_GENERATED" | "MANIPULATED" => risk,
        "AUTHENTIC" => 1.0 - risk,
        "INCONCLUSIVE" => risk.max(1.0 - risk),
        other => return Err(Problem::failed(format!("verdict.label: found {other:?}"))),
    };
    let found = body.number("/verdict/confidence")?;
    holds((confidence - found).abs() < 0.001, || {
        format!("verdict.confidence: expected {confidence}, found {found}")
    })?;
    let level = if risk < 0.6 {
        "LOW"
    } else if risk <= 0.85 {
        "MEDIUM"
    } else {
        "HIGH"
    };
    equal("verdict.risk_level", level, body.text("/verdict/risk_level")?)
}

fn cache_hit(bench: &Bench) -> Check {
    let photo = bench.photo()?;
    let first = bench.analyze(&photo, &json!({ "reference_id": "a" }))?;
    let second = bench.analyze(&photo, &json!({ "reference_id": "b" }))?;
    first.status(200)?;
    second.status(200)?;
    equal("X-Cache", Some("MISS"), first.header("x-cache"))?;
    equal("X-Cache", Some("HIT"), second.header("x-cache"))?;
    let (first, second) = (first.json()?, second.json()?);
    equal("reference_id", "b", second.text("/reference_id")?)?;
    for name in ["processed_at", "processing_time_ms"] {
        equal(name, &first[name], &second[name])?;
    }
    holds(first["request_id"] != second["request_id"], || "request_id: found the first one".into())
}
