// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/v1/admin`: an organisation's own keys, webhooks and audit log.

use actix_web::{web, HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::auth::authorise;
use crate::api::body;
use crate::api::error::{ApiError, Code};
use crate::api::openapi::Failures;
use crate::api::page::{cursor, Page};
use crate::api::submission::from_json;
use crate::api::Shared;
use crate::net::AddressRange;
use crate::store::{
    ApiKey, Attempt, AuditEntry, Delivery, Environment, KeyRequest, NewKey, Scope, StoreError,
    OVERLAP_SECONDS,
};

/// Largest body, bytes.
const MOST_BYTES: usize = 64 << 10;
/// Most entries of one page, and how many there are unless asked for otherwise.
const PAGE: u32 = 100;
/// Longest overlap of two keys or secrets, s: 30 days.
const LONGEST_OVERLAP: u32 = 2_592_000;

/// What is asked of a new key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = NewKey)]
struct Create {
    /// `development`, `staging` or `production`.
    environment: String,
    /// `analyze`, `read`, `admin`.
    scopes: Vec<String>,
    /// Paths that it may be used for; any if empty.
    endpoints: Vec<String>,
    /// CIDR ranges that it may be used from; any if empty.
    allow_ips: Vec<String>,
    /// When it ends, RFC 3339.
    #[schema(value_type = Option<String>, format = DateTime)]
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

/// How long the old one goes on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct Rotate {
    /// At most 30 days; a day unless given.
    overlap_seconds: u32,
}

/// A key that was just made; its text is shown this once.
#[derive(Serialize, ToSchema)]
struct MadeKey<'a> {
    id: &'a str,
    key: &'a str,
    org: &'a str,
    /// `starter`, `growth` or `enterprise`.
    plan: &'static str,
}

/// An organisation's keys.
#[derive(Serialize, ToSchema)]
struct KeyList {
    keys: Vec<KeyEntry>,
}

/// A key as it can be shown.
#[derive(Serialize, ToSchema)]
#[schema(as = Key)]
struct KeyEntry {
    id: String,
    environment: &'static str,
    scopes: Vec<&'static str>,
    endpoints: Vec<String>,
    allow_ips: Vec<String>,
    /// `active`, `expired` or `revoked`.
    state: &'static str,
    created_at: Option<String>,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    /// The key that it was rotated to.
    successor: Option<String>,
}

/// Something's new state.
#[derive(Serialize, ToSchema)]
struct Changed {
    id: String,
    state: &'static str,
}

/// What webhooks are signed with.
#[derive(Serialize, ToSchema)]
struct Secret {
    secret: String,
}

/// What was sent.
#[derive(Serialize, ToSchema)]
struct DeliveryList {
    deliveries: Vec<DeliveryEntry>,
    /// For the next page; null at the end.
    next_cursor: Option<String>,
}

/// One message to a receiver.
#[derive(Serialize, ToSchema)]
#[schema(as = Delivery)]
struct DeliveryEntry {
    /// `msg_…`, the `webhook-id`.
    id: String,
    event: String,
    url: String,
    /// `pending`, `delivered` or `abandoned`.
    state: String,
    attempts: u32,
    next_attempt_at: Option<String>,
    created_at: Option<String>,
    /// Each attempt, the oldest first; where one delivery is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt_log: Option<Vec<AttemptEntry>>,
}

/// One attempt to deliver.
#[derive(Serialize, ToSchema)]
#[schema(as = Attempt)]
struct AttemptEntry {
    number: u32,
    at: Option<String>,
    /// The answer's status.
    status: Option<u16>,
    /// Why there was no answer.
    error: Option<String>,
    latency_ms: i64,
    /// The first kilobyte of the answer.
    answer: String,
}

/// Who changed what.
#[derive(Serialize, ToSchema)]
struct AuditLog {
    entries: Vec<Act>,
    /// For the next page; null at the end.
    next_cursor: Option<String>,
}

/// One administrative act.
#[derive(Serialize, ToSchema)]
struct Act {
    at: Option<String>,
    /// `cli`, or a key's name.
    actor: String,
    act: String,
    subject: String,
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
    HttpResponse::Created().json(MadeKey { id, key, org: organisation, plan: plan.as_str() })
}

fn time(at: i64) -> Option<String> {
    Timestamp::from_second(at).ok().map(|time| time.to_string())
}

fn milliseconds(at: i64) -> Option<String> {
    Timestamp::from_millisecond(at).ok().map(|time| time.to_string())
}

/// The organisation's keys.
#[utoipa::path(
    get, path = "/v1/admin/keys", tag = "administration", security(("key" = [])),
    responses((status = 200, description = "The keys", body = KeyList), Failures),
)]
pub(super) async fn keys(
    shared: web::Data<Shared>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let now = Timestamp::now().as_second();
    let entry = |key: ApiKey| KeyEntry {
        state: key.state(now),
        id: key.id,
        environment: key.environment.as_str(),
        scopes: key.scopes.iter().map(|scope| scope.as_str()).collect(),
        endpoints: key.endpoints,
        allow_ips: key.addresses,
        created_at: time(key.created_at),
        expires_at: key.expires_at.and_then(time),
        revoked_at: key.revoked_at.and_then(time),
        successor: key.successor,
    };
    let keys = shared.store.keys().await?.into_iter();
    let own = keys.filter(|key| key.organisation == admin.organisation);
    Ok(HttpResponse::Ok().json(KeyList { keys: own.map(entry).collect() }))
}

/// Makes a key; its text is shown this once.
#[utoipa::path(
    post, path = "/v1/admin/keys", tag = "administration", security(("key" = [])),
    request_body = Option<Create>,
    responses((status = 201, description = "The key", body = MadeKey), Failures),
)]
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

/// Makes a key with the rights of another, which goes on for a while.
#[utoipa::path(
    post, path = "/v1/admin/keys/{id}/rotate", tag = "administration", security(("key" = [])),
    params(
        ("id" = String, Path),
    ),
    request_body = Option<Rotate>,
    responses((status = 201, description = "The new key", body = MadeKey), Failures),
)]
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

/// Ends a key at once.
#[utoipa::path(
    post, path = "/v1/admin/keys/{id}/revoke", tag = "administration", security(("key" = [])),
    params(
        ("id" = String, Path),
    ),
    responses((status = 200, description = "It is over", body = Changed), Failures),
)]
pub(super) async fn revoke_key(
    shared: web::Data<Shared>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    own_key(&shared, &admin, &id).await?;
    shared.store.revoke_key(&id, &admin.id).await.map_err(key_error)?;
    Ok(HttpResponse::Ok().json(Changed { id: id.into_inner(), state: "revoked" }))
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

/// What the organisation's webhooks are signed with.
#[utoipa::path(
    get, path = "/v1/admin/webhooks/secret", tag = "administration", security(("key" = [])),
    responses((status = 200, description = "The secret", body = Secret), Failures),
)]
pub(super) async fn secret(
    shared: web::Data<Shared>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let secrets = shared.store.webhook_secrets(&admin.organisation).await?;
    Ok(HttpResponse::Ok().json(Secret { secret: secrets.secret }))
}

/// Makes a new secret; the old one signs beside it for a while.
#[utoipa::path(
    post, path = "/v1/admin/webhooks/secret/rotate", tag = "administration", security(("key" = [])),
    request_body = Option<Rotate>,
    responses((status = 200, description = "The new secret", body = Secret), Failures),
)]
pub(super) async fn rotate_secret(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let overlap = overlap(read(payload).await?)?;
    let store = &shared.store;
    let secrets = store.rotate_webhook_secret(&admin.organisation, overlap, &admin.id).await?;
    Ok(HttpResponse::Ok().json(Secret { secret: secrets.secret }))
}

/// What was sent, the newest first.
#[utoipa::path(
    get, path = "/v1/admin/webhooks/deliveries", tag = "administration", security(("key" = [])),
    params(
        ("state" = Option<String>, Query, description = "pending, delivered or abandoned"),
        ("limit" = Option<u32>, Query, description = "Most entries, 1..=100"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
    ),
    responses((status = 200, description = "The deliveries", body = DeliveryList), Failures),
)]
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
    let deliveries = found.into_iter().map(delivery_entry).collect();
    Ok(HttpResponse::Ok().json(DeliveryList { deliveries, next_cursor: next }))
}

/// One delivery with its attempts.
#[utoipa::path(
    get, path = "/v1/admin/webhooks/deliveries/{id}", tag = "administration", security(("key" = [])),
    params(
        ("id" = String, Path),
    ),
    responses((status = 200, description = "The delivery", body = DeliveryEntry), Failures),
)]
pub(super) async fn delivery(
    shared: web::Data<Shared>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let found = shared.store.delivery(&id, &admin.organisation).await?;
    let (delivery, attempts) =
        found.ok_or_else(|| not_found("There is no delivery of this name."))?;
    let attempt_log = Some(attempts.into_iter().map(attempt_entry).collect());
    Ok(HttpResponse::Ok().json(DeliveryEntry { attempt_log, ..delivery_entry(delivery) }))
}

/// Sends a delivery again.
#[utoipa::path(
    post, path = "/v1/admin/webhooks/deliveries/{id}/redeliver", tag = "administration", security(("key" = [])),
    params(
        ("id" = String, Path),
    ),
    responses((status = 202, description = "It is sent again", body = Changed), Failures),
)]
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
    Ok(HttpResponse::Accepted().json(Changed { id: id.into_inner(), state: "pending" }))
}

fn delivery_entry(delivery: Delivery) -> DeliveryEntry {
    let is_pending = delivery.state == "pending";
    DeliveryEntry {
        id: delivery.id,
        event: delivery.event,
        url: delivery.url,
        state: delivery.state,
        attempts: delivery.attempts,
        next_attempt_at: is_pending.then(|| milliseconds(delivery.next_at)).flatten(),
        created_at: time(delivery.created_at),
        attempt_log: None,
    }
}

fn attempt_entry(attempt: Attempt) -> AttemptEntry {
    let Attempt { number, at, status, error, latency_ms, answer } = attempt;
    AttemptEntry { number, at: milliseconds(at), status, error, latency_ms, answer }
}

/// Who changed what, the newest first.
#[utoipa::path(
    get, path = "/v1/admin/audit", tag = "administration", security(("key" = [])),
    params(
        ("limit" = Option<u32>, Query, description = "Most entries, 1..=100"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
    ),
    responses((status = 200, description = "The acts", body = AuditLog), Failures),
)]
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
    let act = |entry: AuditEntry| Act {
        at: time(entry.at),
        actor: entry.actor,
        act: entry.act,
        subject: entry.subject,
    };
    let entries = found.into_iter().map(act).collect();
    Ok(HttpResponse::Ok().json(AuditLog { entries, next_cursor: next }))
}
