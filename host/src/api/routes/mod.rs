// SPDX-License-Identifier: MIT OR Apache-2.0
//! The resources, one a file.

mod analyses;
mod analyze;
mod catalogue;
mod health;

use actix_web::web::{self, ServiceConfig};
use actix_web::HttpRequest;

use super::error::{ApiError, Code};

pub(super) fn configure(config: &mut ServiceConfig) {
    let resource = |path: &str| web::resource(path).default_service(web::to(method_not_allowed));
    config
        .service(resource("/healthz").route(web::get().to(health::alive)))
        .service(resource("/readyz").route(web::get().to(health::ready)))
        .service(resource("/version").route(web::get().to(health::version)))
        .service(resource("/v1/analyze").route(web::post().to(analyze::submit)))
        .service(resource("/v1/analyses/{request_id}").route(web::get().to(analyses::show)))
        .service(resource("/v1/detectors").route(web::get().to(catalogue::detectors)))
        .service(resource("/v1/policies").route(web::get().to(catalogue::policies)))
        .service(resource("/v1/usage").route(web::get().to(catalogue::usage)))
        .default_service(web::to(not_found));
}

async fn not_found(request: HttpRequest) -> Result<String, ApiError> {
    let message = format!("There is nothing at {}.", request.path());
    Err(ApiError::new(Code::NotFound, message))
}

async fn method_not_allowed(request: HttpRequest) -> Result<String, ApiError> {
    let message = format!("{} does not take {}.", request.path(), request.method());
    Err(ApiError::new(Code::MethodNotAllowed, message))
}
