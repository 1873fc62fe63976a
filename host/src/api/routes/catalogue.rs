// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be asked for, and how much of it is left.

use std::sync::Arc;

use actix_web::{web, HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use crate::analysis::outcome::DetectorOutcome;
use crate::analysis::Analyser;
use crate::api::auth::authorise;
use crate::api::error::ApiError;
use crate::api::openapi::Failures;
use crate::api::Shared;
use crate::store::Scope;

/// The detectors, in the order of results.
#[derive(Serialize, ToSchema)]
struct Detectors {
    detectors: Vec<DetectorEntry>,
}

/// One detector.
#[derive(Serialize, ToSchema)]
#[schema(as = Detector)]
struct DetectorEntry {
    /// Name in requests and policies: `splicing`.
    model: String,
    /// Name in results: `splicing_detection`.
    result_key: String,
    /// Name for a person.
    title: String,
    /// `generation`, `manipulation` or `provenance`.
    kind: &'static str,
    /// Its own version.
    version: String,
    /// SHA-256 of its library, hexadecimal.
    digest: String,
}

/// The policies that a request may name.
#[derive(Serialize, ToSchema)]
struct PolicyList {
    policies: Vec<PolicyEntry>,
}

/// One policy.
#[derive(Serialize, ToSchema)]
#[schema(as = Policy)]
struct PolicyEntry {
    name: String,
    version: String,
    /// What it is for.
    description: String,
    /// SHA-256 of its canonical form, hexadecimal.
    digest: String,
    /// Whether it is the one of requests that name none.
    is_default: bool,
}

/// What an organisation may do and has done.
#[derive(Serialize, ToSchema)]
struct Usage {
    organisation: String,
    /// `starter`, `growth` or `enterprise`.
    plan: &'static str,
    requests_per_minute: u64,
    /// Most images of a batch.
    batch_size: u64,
    day: UsageOfDay,
}

/// Images of a day (UTC).
#[derive(Serialize, ToSchema)]
struct UsageOfDay {
    limit: u64,
    used: u64,
    /// When the next day begins, Unix seconds.
    reset: i64,
}

/// The detectors of the default policy, in the order of results.
#[utoipa::path(
    get, path = "/v1/detectors", tag = "catalogue", security(("key" = [])),
    responses((status = 200, description = "The detectors", body = Detectors), Failures),
)]
pub(super) async fn detectors(
    shared: web::Data<Shared>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    authorise(&shared, &request, Scope::Read).await?;
    let set = shared.policies.set();
    let entry = |identity: &DetectorOutcome| DetectorEntry {
        model: identity.model_key.clone(),
        result_key: identity.result_key.clone(),
        title: identity.title.clone(),
        kind: identity.kind.as_str(),
        version: identity.version.clone(),
        digest: identity.digest.clone(),
    };
    let detectors = set.default().identities().map(entry).collect();
    Ok(HttpResponse::Ok().json(Detectors { detectors }))
}

/// The policies that a request may name.
#[utoipa::path(
    get, path = "/v1/policies", tag = "catalogue", security(("key" = [])),
    responses((status = 200, description = "The policies", body = PolicyList), Failures),
)]
pub(super) async fn policies(
    shared: web::Data<Shared>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let key = authorise(&shared, &request, Scope::Read).await?;
    let set = shared.policies.set();
    let (default, known) = shared.policies.allowed(&set, &key.organisation);
    let entry = |analyser: &Arc<Analyser>| {
        let policy = analyser.policy();
        PolicyEntry {
            name: policy.name.clone(),
            version: policy.version.clone(),
            description: policy.description.clone(),
            digest: policy.digest().to_string(),
            is_default: policy.name == default.policy().name,
        }
    };
    Ok(HttpResponse::Ok().json(PolicyList { policies: known.iter().map(entry).collect() }))
}

/// What the key's organisation may do and has done today.
#[utoipa::path(
    get, path = "/v1/usage", tag = "catalogue", security(("key" = [])),
    responses((status = 200, description = "Plan and day", body = Usage), Failures),
)]
pub(super) async fn usage(
    shared: web::Data<Shared>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let key = authorise(&shared, &request, Scope::Read).await?;
    let day = shared.rates.day(&shared.store, &key).await?;
    let allowance = day.allowance;
    Ok(HttpResponse::Ok().json(Usage {
        organisation: key.organisation.to_string(),
        plan: key.plan.as_str(),
        requests_per_minute: allowance.requests_per_minute,
        batch_size: allowance.batch_size,
        day: UsageOfDay { limit: allowance.requests_per_day, used: day.used, reset: day.reset },
    }))
}
