// SPDX-License-Identifier: MIT OR Apache-2.0
//! `POST /v1/analyze`: one image, answered when its verdict is there.

use std::sync::Arc;
use std::time::Instant;

use actix_web::http::header::ContentType;
use actix_web::{web, HttpMessage as _, HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde_json::Value;

use crate::analysis::Analyser;
use crate::api::auth::authorise;
use crate::api::cache::CacheKey;
use crate::api::error::ApiError;
use crate::api::idempotency::IdempotencyKey;
use crate::api::submission::Submission;
use crate::api::Shared;
use crate::image::evidence::ImageEvidence;
use crate::image::DecodeLimits;
use crate::store::Scope;
use crate::view::{AnalysisView, Heatmap, RequestId};

pub(super) async fn submit(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let start = Instant::now();
    let key = authorise(&shared, &request, Scope::Analyze).await?;
    let submission = Submission::read(&request, payload, shared.limits.max_file_bytes).await?;
    let analyser = Arc::clone(shared.policies.choose(submission.policy.as_deref())?);
    submission.request.choose(&analyser.models())?;
    let name = request.extensions().get::<RequestId>().cloned();
    let name = name.ok_or_else(|| ApiError::internal(&"a request without a name"))?;

    let cache_key = CacheKey::of(&submission, &key.organisation, &analyser);
    let asked = cache_key.with_reference(submission.reference_id.as_deref());
    let once = IdempotencyKey::of(&request, &key.organisation, asked)?;
    let flight = shared.cache.enter(cache_key).await;
    if let Some(once) = &once {
        if let Some(first) = once.first_answer(&shared.store).await? {
            return Ok(answer(first, true));
        }
    }
    let (body, is_hit) = match flight.find(&shared.store).await? {
        Some(first) => (renamed(&first, &name, submission.reference_id.as_deref())?, true),
        None => {
            shared.rates.take_images(&shared.store, &key, 1).await?;
            let (limits, name) = (shared.limits, name.clone());
            let run = move || examine(&analyser, &limits, submission, name, start);
            let body = web::block(run).await.map_err(|e| ApiError::internal(&e))??.to_string();
            flight.keep(&shared.store, &body).await?;
            (body, false)
        }
    };
    if let Some(once) = &once {
        once.keep(&shared.store, &body).await?;
    }
    drop(flight);
    shared.store.keep_analysis(&name.to_string(), &key.organisation, &body).await?;
    Ok(answer(body, is_hit))
}

fn answer(body: String, is_hit: bool) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header(("X-Cache", if is_hit { "HIT" } else { "MISS" }))
        .body(body)
}

/// The first answer under this request's names.
fn renamed(first: &str, name: &RequestId, reference_id: Option<&str>) -> Result<String, ApiError> {
    let mut body: Value = serde_json::from_str(first).map_err(|e| ApiError::internal(&e))?;
    if let Some(fields) = body.as_object_mut() {
        fields.insert("request_id".into(), name.to_string().into());
        fields.insert("reference_id".into(), reference_id.into());
    }
    Ok(body.to_string())
}

fn examine(
    analyser: &Analyser,
    limits: &DecodeLimits,
    submission: Submission,
    name: RequestId,
    start: Instant,
) -> Result<Value, ApiError> {
    let image = Arc::new(ImageEvidence::from_bytes(submission.image, limits)?);
    let analysis = analyser.analyse(&image, &submission.request)?;
    let heatmap = match analysis.localisation.as_ref().filter(|_| submission.return_heatmap) {
        Some(found) => {
            let drawn = Heatmap::inline(found, &image);
            Some(drawn.map_err(|e| ApiError::internal(&e))?)
        }
        None => None,
    };
    let view = AnalysisView {
        request_id: name,
        reference_id: submission.reference_id.as_deref(),
        source: None,
        processed_at: Timestamp::now(),
        processing_time_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        heatmap,
        analysis: &analysis,
        policy: analyser.policy(),
    };
    Ok(view.to_json())
}
