// SPDX-License-Identifier: MIT OR Apache-2.0
//! `GET /v1/analyses/{request_id}`: an answer, once more, or how far it is; and where in the picture.

use std::io::Cursor;

use actix_web::http::header::ContentType;
use actix_web::{web, HttpRequest, HttpResponse};
use assay_plugin_api::heatmap::Heatmap;
use image::{DynamicImage, ImageFormat};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::analysis::{Localisation, StoredLocalisation};
use crate::api::auth::authorise;
use crate::api::error::{ApiError, Code};
use crate::api::jobs::again;
use crate::api::openapi::Failures;
use crate::api::Shared;
use crate::store::Scope;
use crate::view::{AnalysisBody, FailureBody, RequestId};

/// An image that is not examined yet, or could not be.
#[derive(Serialize, ToSchema)]
struct Standing {
    request_id: String,
    reference_id: Option<String>,
    /// `processing` or `failed`.
    #[schema(pattern = "^(processing|failed)$")]
    status: &'static str,
    /// Why it could not be examined.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<FailureBody>)]
    error: Option<Value>,
}

/// A PNG.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code)] // the shape of an answer that is no JSON
struct Png(Vec<u8>);

/// What `GET /v1/analyses/{request_id}` answers.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = AnalysisOrStanding)]
#[allow(dead_code)] // the shape of answers that are kept as texts
enum Answer {
    #[schema(title = "complete")]
    Complete(Box<AnalysisBody>),
    #[schema(title = "processing or failed")]
    Standing(Standing),
}

/// An answer once more, or how far it is.
///
/// Of the key's own organisation only: whether another has it is nobody's business.
#[utoipa::path(
    get, path = "/v1/analyses/{request_id}", tag = "analysis", security(("key" = [])),
    params(("request_id" = String, Path)),
    responses(
        (status = 200, description = "The result, or how far it is", body = inline(Answer)),
        Failures,
    ),
)]
pub(super) async fn show(
    shared: web::Data<Shared>,
    request: HttpRequest,
    request_id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let key = authorise(&shared, &request, Scope::Read).await?;
    if let Some(body) = shared.store.analysis(&request_id, &key.organisation).await? {
        return Ok(HttpResponse::Ok().content_type(ContentType::json()).body(body));
    }
    if let Some((first, reference_id)) = shared.store.repeat(&request_id, &key.organisation).await?
    {
        let body = shared.store.analysis(&first, &key.organisation).await?.ok_or_else(unknown)?;
        let name = RequestId::parse(&request_id).ok_or_else(unknown)?;
        let body = again(&body, &name, reference_id.as_deref())?;
        return Ok(HttpResponse::Ok().content_type(ContentType::json()).body(body));
    }
    let job = shared.store.job(&request_id, &key.organisation).await?.ok_or_else(unknown)?;
    let error = job.outcome.as_deref().map(serde_json::from_str).transpose();
    Ok(HttpResponse::Ok().json(Standing {
        request_id: request_id.into_inner(),
        reference_id: job.reference_id,
        status: if job.state == "failed" { "failed" } else { "processing" },
        error: error.map_err(|e| ApiError::internal(&e))?,
    }))
}

fn unknown() -> ApiError {
    ApiError::new(Code::NotFound, "There is no analysis of this name; names start with req_.")
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Layer {
    /// 8-bit grey.
    #[default]
    Mask,
    /// To lay over the picture.
    Colour,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Drawing {
    #[serde(default)]
    layer: Layer,
}

/// Where in the picture, as a PNG of the stored picture's size.
#[utoipa::path(
    get, path = "/v1/analyses/{request_id}/heatmap.png", tag = "analysis", security(("key" = [])),
    params(
        ("request_id" = String, Path),
        ("layer" = Option<String>, Query, description = "mask (8-bit grey, 255 = most suspicious) or colour (to lay over the picture)"),
    ),
    responses(
        (status = 200, description = "The drawing", body = Png, content_type = "image/png"),
        Failures,
    ),
)]
pub(super) async fn heatmap(
    shared: web::Data<Shared>,
    request: HttpRequest,
    request_id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let key = authorise(&shared, &request, Scope::Read).await?;
    let drawing = web::Query::<Drawing>::from_query(request.query_string());
    let layer = drawing.map_err(|e| ApiError::invalid(format!("The query: {e}")))?.layer;
    let repeat = shared.store.repeat(&request_id, &key.organisation).await?;
    let owner = repeat.map_or_else(|| request_id.into_inner(), |(first, _)| first);
    let stored = shared.store.localisation(&owner, &key.organisation).await?;
    let stored = stored.ok_or_else(|| {
        let message = "There is no analysis of this name in which anything was localised.";
        ApiError::new(Code::NotFound, message)
    })?;
    let stored = StoredLocalisation::read(&stored).map_err(|e| ApiError::internal(&e))?;
    let _permit = shared.running.acquire().await.map_err(|e| ApiError::internal(&e))?;
    let drawn = web::block(move || draw(&stored, layer)).await;
    let png = drawn.map_err(|e| ApiError::internal(&e))?.map_err(|e| ApiError::internal(&e))?;
    Ok(HttpResponse::Ok().content_type(ContentType::png()).body(png))
}

fn draw(stored: &StoredLocalisation, layer: Layer) -> image::ImageResult<Vec<u8>> {
    let &StoredLocalisation { width, height, columns, rows, cell_px, ref heats } = stored;
    let values = heats.iter().map(|heat| f32::from(*heat) / 255.0).collect();
    let heatmap = Heatmap { columns, rows, cell_px, values };
    let found = Localisation { heatmap, regions: Vec::new() };
    let picture: DynamicImage = match layer {
        Layer::Mask => found.mask(width, height).into(),
        Layer::Colour => found.colour(width, height).into(),
    };
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}
