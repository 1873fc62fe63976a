// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/v1/admin/keys`.

use actix_web::{web, HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{read, time, Changed};
use crate::api::administration::{self, Create, Restrict, Rotate};
use crate::api::auth::authorise;
use crate::api::error::ApiError;
use crate::api::openapi::Failures;
use crate::api::Shared;
use crate::store::{ApiKey, NewKey, Scope};

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

fn new_key(new: &NewKey) -> HttpResponse {
    let NewKey { id, key, organisation, plan } = new;
    HttpResponse::Created().json(MadeKey { id, key, org: organisation, plan: plan.as_str() })
}

/// The organisation's keys.
#[utoipa::path(
    get, path = "/v1/admin/keys", tag = "administration", security(("key" = [])),
    responses((status = 200, description = "The keys", body = KeyList), Failures),
)]
pub(in crate::api::routes) async fn keys(
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
    let own = administration::own_keys(&shared, &admin).await?;
    Ok(HttpResponse::Ok().json(KeyList { keys: own.into_iter().map(entry).collect() }))
}

/// Makes a key; its text is shown this once.
#[utoipa::path(
    post, path = "/v1/admin/keys", tag = "administration", security(("key" = [])),
    request_body = Option<Create>,
    responses((status = 201, description = "The key", body = MadeKey), Failures),
)]
pub(in crate::api::routes) async fn create_key(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let create: Create = read(&shared, &request, payload).await?;
    Ok(new_key(&administration::create_key(&shared, &admin, create).await?))
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
pub(in crate::api::routes) async fn rotate_key(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let Rotate { overlap_seconds } = read(&shared, &request, payload).await?;
    Ok(new_key(&administration::rotate_key(&shared, &admin, &id, overlap_seconds).await?))
}

/// Restricts a key to paths and address ranges, in the place of those that it had.
#[utoipa::path(
    post, path = "/v1/admin/keys/{id}/restrict", tag = "administration", security(("key" = [])),
    params(
        ("id" = String, Path),
    ),
    request_body = Option<Restrict>,
    responses((status = 200, description = "It holds", body = Changed), Failures),
)]
pub(in crate::api::routes) async fn restrict_key(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let restrict: Restrict = read(&shared, &request, payload).await?;
    administration::restrict_key(&shared, &admin, &id, restrict).await?;
    Ok(HttpResponse::Ok().json(Changed { id: id.into_inner(), state: "active" }))
}

/// Ends a key at once.
#[utoipa::path(
    post, path = "/v1/admin/keys/{id}/revoke", tag = "administration", security(("key" = [])),
    params(
        ("id" = String, Path),
    ),
    responses((status = 200, description = "It is over", body = Changed), Failures),
)]
pub(in crate::api::routes) async fn revoke_key(
    shared: web::Data<Shared>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    administration::revoke_key(&shared, &admin, &id).await?;
    Ok(HttpResponse::Ok().json(Changed { id: id.into_inner(), state: "revoked" }))
}
