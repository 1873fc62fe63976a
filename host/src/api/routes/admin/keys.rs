// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/v1/admin/keys`.

use actix_web::{web, HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{not_found, overlap, read, time, Changed, Rotate};
use crate::api::auth::authorise;
use crate::api::error::ApiError;
use crate::api::openapi::Failures;
use crate::api::{check_endpoint, Shared};
use crate::net::AddressRange;
use crate::store::{ApiKey, Environment, KeyRequest, NewKey, Scope, StoreError};

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
        for path in &self.endpoints {
            check_endpoint(path).map_err(|e| ApiError::invalid(format!("endpoints: {e}")))?;
        }
        if self.expires_at.is_some_and(|end| end <= Timestamp::now()) {
            return Err(ApiError::invalid("expires_at must be in the future"));
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
pub(in crate::api::routes) async fn create_key(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let create: Create = read(&shared, &request, payload).await?;
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
pub(in crate::api::routes) async fn rotate_key(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let overlap = overlap(read(&shared, &request, payload).await?)?;
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
pub(in crate::api::routes) async fn revoke_key(
    shared: web::Data<Shared>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    own_key(&shared, &admin, &id).await?;
    shared.store.revoke_key(&id, &admin.id).await.map_err(key_error)?;
    Ok(HttpResponse::Ok().json(Changed { id: id.into_inner(), state: "revoked" }))
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
