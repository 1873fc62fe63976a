// SPDX-License-Identifier: MIT OR Apache-2.0
//! `POST /v1/analyze`: one image, answered when its verdict is there.

use std::sync::Arc;
use std::time::Instant;

use actix_web::{web, HttpMessage as _, HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde_json::Value;

use crate::api::auth::authorise;
use crate::api::error::ApiError;
use crate::api::submission::Submission;
use crate::api::Shared;
use crate::image::evidence::ImageEvidence;
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
    submission.request.choose(&shared.analyser.models())?;
    shared.rates.take_images(&shared.store, &key, 1).await?;
    let name = request.extensions().get::<RequestId>().cloned();
    let name = name.ok_or_else(|| ApiError::internal(&"a request without a name"))?;
    let body = web::block(move || examine(&shared, submission, name, start)).await;
    let body = body.map_err(|e| ApiError::internal(&e))??;
    Ok(HttpResponse::Ok().json(body))
}

fn examine(
    shared: &Shared,
    submission: Submission,
    name: RequestId,
    start: Instant,
) -> Result<Value, ApiError> {
    let image = Arc::new(ImageEvidence::from_bytes(submission.image, &shared.limits)?);
    let analysis = shared.analyser.analyse(&image, &submission.request)?;
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
        policy: shared.analyser.policy(),
    };
    Ok(view.to_json())
}
