// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be asked for, and how much of it is left.

use actix_web::{web, HttpRequest, HttpResponse};
use serde_json::json;

use crate::api::auth::authorise;
use crate::api::error::ApiError;
use crate::api::Shared;
use crate::store::Scope;

/// The detectors of the default policy, in the order of results.
pub(super) async fn detectors(
    shared: web::Data<Shared>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    authorise(&shared, &request, Scope::Read).await?;
    let detectors: Vec<_> = shared
        .policies
        .set()
        .default()
        .identities()
        .map(|identity| {
            json!({
                "model": identity.model_key,
                "result_key": identity.result_key,
                "title": identity.title,
                "kind": identity.kind.as_str(),
                "version": identity.version,
                "digest": identity.digest,
            })
        })
        .collect();
    Ok(HttpResponse::Ok().json(json!({ "detectors": detectors })))
}

/// The policies that a request may name.
pub(super) async fn policies(
    shared: web::Data<Shared>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let key = authorise(&shared, &request, Scope::Read).await?;
    let set = shared.policies.set();
    let (default, known) = shared.policies.allowed(&set, &key.organisation);
    let policies: Vec<_> = known
        .iter()
        .map(|analyser| {
            let policy = analyser.policy();
            json!({
                "name": policy.name,
                "version": policy.version,
                "description": policy.description,
                "digest": policy.digest(),
                "is_default": policy.name == default.policy().name,
            })
        })
        .collect();
    Ok(HttpResponse::Ok().json(json!({ "policies": policies })))
}

/// What the key's organisation may do and has done today.
pub(super) async fn usage(
    shared: web::Data<Shared>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let key = authorise(&shared, &request, Scope::Read).await?;
    let day = shared.rates.day(&shared.store, &key).await?;
    Ok(HttpResponse::Ok().json(json!({
        "organisation": key.organisation,
        "plan": key.plan.as_str(),
        "requests_per_minute": day.allowance.requests_per_minute,
        "batch_size": day.allowance.batch_size,
        "day": { "limit": day.allowance.requests_per_day, "used": day.used, "reset": day.reset },
    })))
}
