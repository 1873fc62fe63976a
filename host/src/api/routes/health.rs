// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether the process lives, whether it can work, which version it is.

use actix_web::{web, HttpResponse};
use assay_plugin_api::abi::CONTRACT_VERSION;
use serde_json::json;

use crate::api::error::ApiError;
use crate::api::Shared;

pub(super) async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

pub(super) async fn ready(shared: web::Data<Shared>) -> Result<HttpResponse, ApiError> {
    shared.store.ping().await?;
    Ok(HttpResponse::Ok().json(json!({ "status": "ok" })))
}

pub(super) async fn version() -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "contract": CONTRACT_VERSION,
    }))
}
