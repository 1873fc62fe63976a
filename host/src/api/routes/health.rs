// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether the process lives, whether it can work, which version it is.

use actix_web::{web, HttpResponse};
use assay_plugin_api::abi::CONTRACT_VERSION;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::error::ApiError;
use crate::api::Shared;

/// How the process is.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok`.
    status: &'static str,
}

/// Which version this is.
#[derive(Serialize, ToSchema)]
struct Version {
    /// Of the program.
    version: &'static str,
    /// Of the contract of detectors.
    contract: &'static str,
}

/// Whether the process lives.
#[utoipa::path(
    get, path = "/healthz", tag = "service",
    responses((status = 200, description = "It lives", body = Health)),
)]
pub(super) async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// Whether the process can work.
#[utoipa::path(
    get, path = "/readyz", tag = "service",
    responses(
        (status = 200, description = "It can work", body = Health),
        (status = 500, description = "It cannot", body = crate::view::ErrorBody),
    ),
)]
pub(super) async fn ready(shared: web::Data<Shared>) -> Result<HttpResponse, ApiError> {
    shared.store.ping().await?;
    Ok(HttpResponse::Ok().json(Health { status: "ok" }))
}

/// Which version this is.
#[utoipa::path(
    get, path = "/version", tag = "service",
    responses((status = 200, description = "Program and contract", body = Version)),
)]
pub(super) async fn version() -> HttpResponse {
    let version = env!("CARGO_PKG_VERSION");
    HttpResponse::Ok().json(Version { version, contract: CONTRACT_VERSION })
}
