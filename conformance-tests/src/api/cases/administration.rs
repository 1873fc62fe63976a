// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/v1/admin`: keys, the webhook secret, deliveries, the audit log.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{json, Value};

use crate::api::bench::Bench;
use crate::api::cases::Case;
use crate::api::clause;
use crate::api::client::{Answer, Request};
use crate::api::expect::{equal, holds, Fields as _};
use crate::api::hooks::Reply;
use crate::case::{Check, Problem};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "keys-rotated-and-revoked",
        group: "admin",
        description:
            "A rotated key and its successor work until they are revoked, and not a moment longer.",
        clause: clause::guide(
            "API guide, Authentication",
            "Revoked keys return `401 Unauthorized` immediately.",
        ),
        run: keys,
    },
    Case {
        id: "key-restrictions",
        group: "admin",
        description: "A new key can be bound to endpoints and to address ranges.",
        clause: clause::guide(
            "API guide, Authentication",
            "API keys can be restricted to specific endpoints or IP ranges",
        ),
        run: restrictions,
    },
    Case {
        id: "admin-scope",
        group: "admin",
        description: "A key without the scope admin gets 403 from the administration.",
        clause: clause::beyond(
            "keys and webhooks administration under `/v1/admin` for keys that have that scope",
        ),
        run: scope,
    },
    Case {
        id: "audit",
        group: "admin",
        description: "Making and revoking a key stand in the audit log, the key itself does not.",
        clause: clause::beyond("An audit log line for every administrative act."),
        run: audit,
    },
    Case {
        id: "webhook-sent-again",
        group: "admin",
        description:
            "A delivery is logged with its answer and can be sent once more, the same message.",
        clause: clause::beyond(
            "every attempt is logged with status, latency and the first 1 KB of the answer; \
               redelivery by request",
        ),
        run: sent_again,
    },
];

const KEYS: &str = "/v1/admin/keys";
const DELIVERIES: &str = "/v1/admin/webhooks/deliveries";

fn admin(bench: &Bench) -> Result<&str, Problem> {
    let key = bench.settings.admin_key.as_deref();
    key.ok_or_else(|| Problem::skipped("no --admin-key was given"))
}

fn post(bench: &Bench, path: &str, body: &Value) -> Result<Answer, Problem> {
    bench.send(&Request::json(path, body).key(admin(bench)?))
}

fn read(bench: &Bench, path: &str) -> Result<Value, Problem> {
    let answer = bench.send(&Request::new("GET", path).key(admin(bench)?))?;
    answer.status(200)?;
    answer.json()
}

fn made(bench: &Bench, body: &Value) -> Result<Value, Problem> {
    let answer = post(bench, KEYS, body)?;
    answer.status(201)?;
    answer.json()
}

fn revoke(bench: &Bench, key: &Value) -> Check {
    post(bench, &format!("{KEYS}/{}/revoke", key.text("/id")?), &json!({}))?.status(200)
}

fn keys(bench: &Bench) -> Check {
    let key = made(bench, &json!({}))?;
    let works = |key: &Value| {
        let request = Request::new("GET", "/v1/detectors").key(key.text("/key")?);
        bench.send(&request)
    };
    works(&key)?.status(200)?;
    let path = format!("{KEYS}/{}/rotate", key.text("/id")?);
    let successor = post(bench, &path, &json!({}))?.json()?;
    for key in [&key, &successor] {
        works(key)?.status(200)?;
    }
    for key in [&key, &successor] {
        revoke(bench, key)?;
        works(key)?.error(401, "INVALID_API_KEY")?;
    }
    Ok(())
}

fn restrictions(bench: &Bench) -> Check {
    let elsewhere = made(bench, &json!({ "endpoints": ["/v1/usage"] }))?;
    let far = made(bench, &json!({ "allow_ips": ["192.0.2.0/24", "2001:db8::/32"] }))?;
    for (key, path) in [(&elsewhere, "/v1/detectors"), (&far, "/v1/usage")] {
        let answer = bench.send(&Request::new("GET", path).key(key.text("/key")?))?;
        answer.error(403, "FORBIDDEN")?;
    }
    let answer = bench.send(&Request::new("GET", "/v1/usage").key(elsewhere.text("/key")?))?;
    answer.status(200)?;
    revoke(bench, &elsewhere)?;
    revoke(bench, &far)?;
    let wrong = post(bench, KEYS, &json!({ "allow_ips": ["300.0.0.0/8"] }))?;
    wrong.error(400, "INVALID_REQUEST").map(drop)
}

fn scope(bench: &Bench) -> Check {
    for path in [KEYS, DELIVERIES, "/v1/admin/audit"] {
        bench.get(path)?.error(403, "FORBIDDEN")?;
    }
    Ok(())
}

fn audit(bench: &Bench) -> Check {
    let key = made(bench, &json!({ "environment": "staging" }))?;
    revoke(bench, &key)?;
    let id = key.text("/id")?;
    let log = read(bench, "/v1/admin/audit")?;
    for act in ["key.create", "key.revoke"] {
        let is_there =
            log.list("/entries")?.iter().any(|entry| entry["act"] == act && entry["subject"] == id);
        holds(is_there, || format!("expected {act} of {id} in the audit log"))?;
    }
    let text = log.to_string();
    holds(!text.contains(key.text("/key")?), || "the audit log holds a key".into())
}

/// The name of the delivery to `url`, once it is written down as done.
fn delivered(bench: &Bench, url: &str) -> Result<String, Problem> {
    let end = Instant::now() + bench.settings.wait;
    loop {
        let list = read(bench, DELIVERIES)?;
        let ours = list.list("/deliveries")?.iter().find(|delivery| delivery["url"] == *url);
        let ours = ours.ok_or_else(|| Problem::failed("expected the delivery in the list"))?;
        if ours["state"] == "delivered" {
            return Ok(ours.text("/id")?.to_owned());
        }
        holds(Instant::now() < end, || format!("expected it to be delivered, found {ours}"))?;
        thread::sleep(Duration::from_millis(50));
    }
}

fn sent_again(bench: &Bench) -> Check {
    admin(bench)?;
    let replies = vec![Reply::file("text/plain", b"thank you".to_vec())];
    let place = bench.hooks()?.place(replies);
    let more = json!({ "options": { "webhook_url": place.url } });
    bench.analyze(&bench.photo()?, &more)?.status(202)?;
    place.wait(1, bench.settings.wait)?;
    let path = format!("{DELIVERIES}/{}", delivered(bench, &place.url)?);
    post(bench, &format!("{path}/redeliver"), &json!({}))?.status(202)?;
    let messages = place.wait(2, bench.settings.wait)?;
    let [first, second] = messages.as_slice() else {
        return Err(Problem::failed(format!("expected 2 messages, found {}", messages.len())));
    };
    equal("webhook-id", first.header("webhook-id"), second.header("webhook-id"))?;
    holds(first.body == second.body, || "the second message has another body".into())?;
    let delivery = read(bench, &path)?;
    let attempt = delivery.list("/attempt_log")?.first();
    let attempt = attempt.ok_or_else(|| Problem::failed("expected an attempt in the log"))?;
    equal("status", 200, attempt.count("/status")?)?;
    attempt.count("/latency_ms")?;
    equal("answer", "thank you", attempt.text("/answer")?)
}
