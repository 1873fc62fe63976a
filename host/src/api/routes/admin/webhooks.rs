// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/v1/admin/webhooks`.

use actix_web::{web, HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::{milliseconds, read, time, Changed, PAGE};
use crate::api::administration::{self, check_state, no_delivery, Rotate};
use crate::api::auth::authorise;
use crate::api::error::ApiError;
use crate::api::openapi::Failures;
use crate::api::page::{cursor, Page};
use crate::api::Shared;
use crate::store::{Attempt, Delivery, Scope};

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

/// What the organisation's webhooks are signed with.
#[utoipa::path(
    get, path = "/v1/admin/webhooks/secret", tag = "administration", security(("key" = [])),
    responses((status = 200, description = "The secret", body = Secret), Failures),
)]
pub(in crate::api::routes) async fn secret(
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
pub(in crate::api::routes) async fn rotate_secret(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let Rotate { overlap_seconds } = read(&shared, &request, payload).await?;
    let secret = administration::rotate_secret(&shared, &admin, overlap_seconds).await?;
    Ok(HttpResponse::Ok().json(Secret { secret }))
}

/// What was sent, the newest first.
#[utoipa::path(
    get, path = "/v1/admin/webhooks/deliveries", tag = "administration", security(("key" = [])),
    params(
        ("state" = Option<String>, Query, description = "pending, delivered or abandoned"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Most entries, 1..=100"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
    ),
    responses((status = 200, description = "The deliveries", body = DeliveryList), Failures),
)]
pub(in crate::api::routes) async fn deliveries(
    shared: web::Data<Shared>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let page = Page::of(&request, PAGE)?;
    let state = page.state.as_deref();
    check_state(state)?;
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
pub(in crate::api::routes) async fn delivery(
    shared: web::Data<Shared>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let found = shared.store.delivery(&id, &admin.organisation).await?;
    let (delivery, attempts) = found.ok_or_else(no_delivery)?;
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
pub(in crate::api::routes) async fn redeliver(
    shared: web::Data<Shared>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    administration::redeliver(&shared, &admin, &id).await?;
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
