// SPDX-License-Identifier: MIT OR Apache-2.0
//! `GET /openapi.json`: what can be asked, for machines.

use std::sync::OnceLock;

use actix_web::http::header::ContentType;
use actix_web::HttpResponse;
use utoipa::OpenApi as _;

use super::Reference;
use crate::api::error::ApiError;

static DOCUMENT: OnceLock<String> = OnceLock::new();

/// The OpenAPI document.
#[utoipa::path(
    get, path = "/openapi.json", tag = "service",
    responses((status = 200, description = "This document", body = serde_json::Value)),
)]
pub(super) async fn show() -> Result<HttpResponse, ApiError> {
    let document = match DOCUMENT.get() {
        Some(document) => document,
        None => {
            let made = Reference::openapi().to_json().map_err(|e| ApiError::internal(&e))?;
            DOCUMENT.get_or_init(|| made)
        }
    };
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(document.as_str()))
}
