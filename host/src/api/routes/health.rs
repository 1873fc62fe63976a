// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether the process lives, whether it can work, which version it is.

use actix_web::{web, HttpResponse};
use assay_plugin_api::abi::CONTRACT_VERSION;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::error::ApiError;
use crate::api::Shared;
use crate::store::Trouble;

/// Why a process cannot work that has not the policies of the others.
const BEHIND: &str =
    "the policies of the database cannot be used here, which the log explains; others are in force";

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

/// Whether the process can work: the database and the place of images can be written.
#[utoipa::path(
    get, path = "/readyz", tag = "service",
    responses(
        (status = 200, description = "It can work", body = Health),
        (status = 503, description = "It cannot for the time being; the message says why", body = crate::view::ErrorBody),
    ),
)]
pub(super) async fn ready(shared: web::Data<Shared>) -> Result<HttpResponse, ApiError> {
    let told = shared.store.try_writing().await;
    if let Err(error) = told {
        tracing::error!(%error, "the database cannot be written");
        let trouble = error.trouble().unwrap_or(Trouble::Disk);
        return Err(ApiError::storage().because(trouble.as_str()));
    }
    if let Err(error) = shared.blobs.try_writing().await {
        return Err(ApiError::depot(&error).because(error.trouble().as_str()));
    }
    if shared.policies.is_behind() {
        return Err(ApiError::storage().because(BEHIND));
    }
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
