// SPDX-License-Identifier: MIT OR Apache-2.0
//! What receivers are told, in the guide's words.

use jiff::Timestamp;
use serde_json::{json, Map, Value};

use crate::store::{Batch, BatchStanding, NewDelivery};

/// The guide's labels, in its order.
const LABELS: [&str; 4] = ["AUTHENTIC", "AI_GENERATED", "MANIPULATED", "INCONCLUSIVE"];

/// One image was examined.
///
/// # Errors
/// When the system has no random numbers.
pub fn analysis_complete(
    target: (&str, &str),
    request_id: &str,
    reference_id: Option<&str>,
    verdict: &Value,
    now: i64,
) -> std::io::Result<NewDelivery> {
    let about = ("verdict", verdict.clone());
    single("analysis.complete", target, request_id, reference_id, about, now)
}

/// One image could not be examined; `error` is the guide's error object.
///
/// # Errors
/// When the system has no random numbers.
pub fn analysis_failed(
    target: (&str, &str),
    request_id: &str,
    reference_id: Option<&str>,
    error: &Value,
    now: i64,
) -> std::io::Result<NewDelivery> {
    let about = ("error", error.clone());
    single("analysis.failed", target, request_id, reference_id, about, now)
}

fn single(
    event: &'static str,
    target: (&str, &str),
    request_id: &str,
    reference_id: Option<&str>,
    (name, about): (&str, Value),
    now: i64,
) -> std::io::Result<NewDelivery> {
    let mut body = Map::new();
    body.insert("event".into(), event.into());
    body.insert("request_id".into(), request_id.into());
    body.insert("reference_id".into(), reference_id.into());
    body.insert(name.into(), about);
    delivery(event, target, body, now)
}

/// All images of a batch are done.
///
/// # Errors
/// When the system has no random numbers.
pub fn batch_complete(
    target: (&str, &str),
    batch: &Batch,
    standing: &BatchStanding,
    now: i64,
) -> std::io::Result<NewDelivery> {
    let number = |label: &str| {
        standing.labels.iter().find(|(known, _)| known == label).map_or(0, |(_, number)| *number)
    };
    let summary: Map<_, _> =
        LABELS.into_iter().map(|label| (label.to_owned(), number(label).into())).collect();
    let event = "batch.complete";
    let mut body = Map::new();
    body.insert("event".into(), event.into());
    body.insert("batch_id".into(), batch.batch_id.clone().into());
    body.insert("batch_reference_id".into(), batch.reference_id.clone().into());
    for (name, number) in
        [("total", standing.total), ("completed", standing.completed), ("failed", standing.failed)]
    {
        body.insert(name.into(), number.into());
    }
    body.insert("summary".into(), summary.into());
    if let Some(claim) = standing.claim.as_deref() {
        body.insert("claim".into(), claim_in_short(claim));
    }
    delivery(event, target, body, now)
}

/// Risk and risk level of a claim.
fn claim_in_short(claim: &str) -> Value {
    let claim: Value = serde_json::from_str(claim).unwrap_or(Value::Null);
    json!({ "risk": claim.get("risk"), "risk_level": claim.get("risk_level") })
}

/// `webhook_delivered_at` is when the first attempt is due: the bytes are the same with every attempt.
fn delivery(
    event: &'static str,
    (url, receiver): (&str, &str),
    mut body: Map<String, Value>,
    now: i64,
) -> std::io::Result<NewDelivery> {
    let at = Timestamp::from_millisecond(now).unwrap_or(Timestamp::UNIX_EPOCH);
    let at = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    body.insert("webhook_delivered_at".into(), at.into());
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    let id: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(NewDelivery {
        id: format!("msg_{id}"),
        event,
        url: url.into(),
        receiver: receiver.into(),
        body: json!(body).to_string(),
        next_at: now,
    })
}
