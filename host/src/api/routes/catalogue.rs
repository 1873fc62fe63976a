// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be asked for.

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
        .analyser
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
