// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/v1/admin`: an organisation's own keys, webhooks and audit log.

use actix_web::{web, HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{json, Value};

use crate::api::auth::authorise;
use crate::api::body;
use crate::api::error::{ApiError, Code};
use crate::api::page::{cursor, Page};
use crate::api::submission::from_json;
use crate::api::Shared;
use crate::net::AddressRange;
use crate::store::{
    ApiKey, Attempt, Delivery, Environment, KeyRequest, NewKey, Scope, StoreError, OVERLAP_SECONDS,
};

/// Largest body, bytes.
const MOST_BYTES: usize = 64 << 10;
/// Most entries of one page, and how many there are unless asked for otherwise.
const PAGE: u32 = 100;
/// Longest overlap of two keys or secrets, s: 30 days.
const LONGEST_OVERLAP: u32 = 2_592_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Create {
    environment: String,
    scopes: Vec<String>,
    endpoints: Vec<String>,
    allow_ips: Vec<String>,
    expires_at: Option<Timestamp>,
}

impl Default for Create {
    fn default() -> Self {
        Self {
            environment: "production".into(),
            scopes: vec!["analyze".into(), "read".into()],
            endpoints: Vec::new(),
            allow_ips: Vec::new(),
            expires_at: None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rotate {
    overlap_seconds: u32,
}

impl Default for Rotate {
    fn default() -> Self {
        Self { overlap_seconds: OVERLAP_SECONDS }
    }
}

impl Create {
    fn request(self, organisation: &str) -> Result<KeyRequest, ApiError> {
        let word = |e: StoreError| match e {
            StoreError::Corrupt { what, value } => {
                ApiError::invalid(format!("unknown {what} \"{value}\""))
            }
            other => other.into(),
        };
        let environment: Environment = self.environment.parse().map_err(word)?;
        let scopes = self.scopes.iter().map(|scope| scope.parse::<Scope>());
        let scopes: Vec<_> = scopes.collect::<Result<_, _>>().map_err(word)?;
        if scopes.is_empty() {
            return Err(ApiError::invalid("scopes must hold at least one scope"));
        }
        if let Some(wrong) = self.endpoints.iter().find(|path| !path.starts_with("/v1/")) {
            let message = format!("endpoints: expected paths that start with /v1/, found {wrong}");
            return Err(ApiError::invalid(message));
        }
        let ranges = self.allow_ips.iter().map(|text| text.parse::<AddressRange>());
        let ranges = ranges.collect::<Result<Vec<_>, _>>();
        let ranges = ranges.map_err(|e| ApiError::invalid(format!("allow_ips: {e}")))?;
        Ok(KeyRequest {
            organisation: organisation.into(),
            plan: None,
            environment,
            scopes,
            endpoints: self.endpoints,
            addresses: ranges.iter().map(ToString::to_string).collect(),
            expires_at: self.expires_at,
        })
    }
}

/// Reads a small JSON body; none reads as an empty object.
async fn read<T: serde::de::DeserializeOwned>(payload: web::Payload) -> Result<T, ApiError> {
    let bytes = body::read(payload, MOST_BYTES).await?;
    from_json(if bytes.is_empty() { b"{}" } else { &bytes })
}

fn new_key(new: &NewKey) -> HttpResponse {
    let NewKey { id, key, organisation, plan } = new;
    let body = json!({ "id": id, "key": key, "org": organisation, "plan": plan.as_str() });
    HttpResponse::Created().json(body)
}

fn time(at: i64) -> Value {
    Timestamp::from_second(at).map_or(Value::Null, |time| time.to_string().into())
}

fn milliseconds(at: i64) -> Value {
    Timestamp::from_millisecond(at).map_or(Value::Null, |time| time.to_string().into())
}

pub(super) async fn keys(
    shared: web::Data<Shared>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let now = Timestamp::now().as_second();
    let row = |key: &ApiKey| {
        json!({
            "id": key.id,
            "environment": key.environment.as_str(),
            "scopes": key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>(),
            "endpoints": key.endpoints,
            "allow_ips": key.addresses,
            "state": key.state(now),
            "created_at": time(key.created_at),
            "expires_at": key.expires_at.map(time),
            "revoked_at": key.revoked_at.map(time),
            "successor": key.successor,
        })
    };
    let keys = shared.store.keys().await?;
    let own = keys.iter().filter(|key| key.organisation == admin.organisation);
    Ok(HttpResponse::Ok().json(json!({ "keys": own.map(row).collect::<Vec<_>>() })))
}

pub(super) async fn create_key(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let create: Create = read(payload).await?;
    let asked = create.request(&admin.organisation)?;
    Ok(new_key(&shared.store.create_key(&asked, &shared.service.region, &admin.id).await?))
}

pub(super) async fn rotate_key(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let overlap = overlap(read(payload).await?)?;
    own_key(&shared, &admin, &id).await?;
    let new = shared.store.rotate_key(&id, overlap, &shared.service.region, &admin.id).await;
    Ok(new_key(&new.map_err(key_error)?))
}

pub(super) async fn revoke_key(
    shared: web::Data<Shared>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    own_key(&shared, &admin, &id).await?;
    shared.store.revoke_key(&id, &admin.id).await.map_err(key_error)?;
    Ok(HttpResponse::Ok().json(json!({ "id": *id, "state": "revoked" })))
}

fn overlap(rotate: Rotate) -> Result<u32, ApiError> {
    if rotate.overlap_seconds > LONGEST_OVERLAP {
        let message = format!("overlap_seconds must be at most {LONGEST_OVERLAP}");
        return Err(ApiError::invalid(message));
    }
    Ok(rotate.overlap_seconds)
}

async fn own_key(shared: &Shared, admin: &ApiKey, id: &str) -> Result<(), ApiError> {
    let keys = shared.store.keys().await?;
    let is_own = keys.iter().any(|key| key.id == id && key.organisation == admin.organisation);
    is_own.then_some(()).ok_or_else(|| not_found("There is no key of this name."))
}

fn key_error(error: StoreError) -> ApiError {
    match error {
        StoreError::KeyIsOver { .. } => ApiError::invalid(error.to_string()),
        StoreError::NoSuchKey { .. } => not_found("There is no key of this name."),
        other => other.into(),
    }
}

fn not_found(message: &str) -> ApiError {
    ApiError::new(Code::NotFound, message)
}

pub(super) async fn secret(
    shared: web::Data<Shared>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let secrets = shared.store.webhook_secrets(&admin.organisation).await?;
    Ok(HttpResponse::Ok().json(json!({ "secret": secrets.secret })))
}

pub(super) async fn rotate_secret(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let overlap = overlap(read(payload).await?)?;
    let store = &shared.store;
    let secrets = store.rotate_webhook_secret(&admin.organisation, overlap, &admin.id).await?;
    Ok(HttpResponse::Ok().json(json!({ "secret": secrets.secret })))
}

pub(super) async fn deliveries(
    shared: web::Data<Shared>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let page = Page::of(&request, PAGE)?;
    let state = page.state.as_deref();
    if state.is_some_and(|state| !["pending", "delivered", "abandoned"].contains(&state)) {
        return Err(ApiError::invalid("state must be pending, delivered or abandoned"));
    }
    let before = page.behind.unwrap_or(i64::MAX);
    let found = shared.store.deliveries(&admin.organisation, state, before, page.limit).await?;
    let is_full = found.len() as u64 >= u64::from(page.limit);
    let next = found.last().filter(|_| is_full).map(|delivery| cursor(delivery.number));
    let rows: Vec<_> = found.iter().map(delivery_json).collect();
    Ok(HttpResponse::Ok().json(json!({ "deliveries": rows, "next_cursor": next })))
}

pub(super) async fn delivery(
    shared: web::Data<Shared>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let found = shared.store.delivery(&id, &admin.organisation).await?;
    let (delivery, attempts) =
        found.ok_or_else(|| not_found("There is no delivery of this name."))?;
    let mut body = delivery_json(&delivery);
    if let Some(fields) = body.as_object_mut() {
        fields.insert("attempt_log".into(), attempts.iter().map(attempt_json).collect());
    }
    Ok(HttpResponse::Ok().json(body))
}

pub(super) async fn redeliver(
    shared: web::Data<Shared>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let now = shared.sender.now();
    if !shared.store.redeliver(&id, &admin.organisation, now, &admin.id).await? {
        return Err(not_found("There is no delivery of this name."));
    }
    shared.sender.wake();
    Ok(HttpResponse::Accepted().json(json!({ "id": *id, "state": "pending" })))
}

fn delivery_json(delivery: &Delivery) -> Value {
    let is_pending = delivery.state == "pending";
    json!({
        "id": delivery.id,
        "event": delivery.event,
        "url": delivery.url,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_attempt_at": is_pending.then(|| milliseconds(delivery.next_at)),
        "created_at": time(delivery.created_at),
    })
}

fn attempt_json(attempt: &Attempt) -> Value {
    json!({
        "number": attempt.number,
        "at": milliseconds(attempt.at),
        "status": attempt.status,
        "error": attempt.error,
        "latency_ms": attempt.latency_ms,
        "answer": attempt.answer,
    })
}

pub(super) async fn audit(
    shared: web::Data<Shared>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let page = Page::of(&request, PAGE)?;
    let before = page.behind.unwrap_or(i64::MAX);
    let found = shared.store.audit(Some(&admin.organisation), before, page.limit).await?;
    let is_full = found.len() as u64 >= u64::from(page.limit);
    let next = found.last().filter(|_| is_full).map(|entry| cursor(entry.number));
    let row = |entry: &crate::store::AuditEntry| {
        json!({
            "at": time(entry.at),
            "actor": entry.actor,
            "act": entry.act,
            "subject": entry.subject,
        })
    };
    let rows: Vec<_> = found.iter().map(row).collect();
    Ok(HttpResponse::Ok().json(json!({ "entries": rows, "next_cursor": next })))
}
