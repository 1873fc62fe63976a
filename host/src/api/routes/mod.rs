// SPDX-License-Identifier: MIT OR Apache-2.0
//! The resources, one a file.

mod admin;
mod analyses;
mod analyze;
mod batches;
mod catalogue;
mod health;
mod metrics;

use actix_web::web::{self, ServiceConfig};
use actix_web::HttpRequest;

use super::auth::count;
use super::error::{ApiError, Code};
use super::Shared;

pub(super) fn configure(config: &mut ServiceConfig) {
    let resource = |path: &str| web::resource(path).default_service(web::to(method_not_allowed));
    config
        .service(resource("/healthz").route(web::get().to(health::alive)))
        .service(resource("/readyz").route(web::get().to(health::ready)))
        .service(resource("/metrics").route(web::get().to(metrics::show)))
        .service(resource("/version").route(web::get().to(health::version)))
        .service(resource("/v1/analyze").route(web::post().to(analyze::submit)))
        .service(resource("/v1/analyze/batch").route(web::post().to(batches::submit)))
        .service(resource("/v1/batches/{batch_id}").route(web::get().to(batches::show)))
        .service(resource("/v1/analyses/{request_id}").route(web::get().to(analyses::show)))
        .service(
            resource("/v1/analyses/{request_id}/heatmap.png")
                .route(web::get().to(analyses::heatmap)),
        )
        .service(
            resource("/v1/admin/keys")
                .route(web::get().to(admin::keys))
                .route(web::post().to(admin::create_key)),
        )
        .service(resource("/v1/admin/keys/{id}/rotate").route(web::post().to(admin::rotate_key)))
        .service(resource("/v1/admin/keys/{id}/revoke").route(web::post().to(admin::revoke_key)))
        .service(resource("/v1/admin/webhooks/secret").route(web::get().to(admin::secret)))
        .service(
            resource("/v1/admin/webhooks/secret/rotate")
                .route(web::post().to(admin::rotate_secret)),
        )
        .service(resource("/v1/admin/webhooks/deliveries").route(web::get().to(admin::deliveries)))
        .service(
            resource("/v1/admin/webhooks/deliveries/{id}").route(web::get().to(admin::delivery)),
        )
        .service(
            resource("/v1/admin/webhooks/deliveries/{id}/redeliver")
                .route(web::post().to(admin::redeliver)),
        )
        .service(resource("/v1/admin/audit").route(web::get().to(admin::audit)))
        .service(resource("/v1/detectors").route(web::get().to(catalogue::detectors)))
        .service(resource("/v1/policies").route(web::get().to(catalogue::policies)))
        .service(resource("/v1/usage").route(web::get().to(catalogue::usage)))
        .default_service(web::to(not_found));
}

async fn not_found(shared: web::Data<Shared>, request: HttpRequest) -> Result<String, ApiError> {
    count(&shared, &request).await?;
    let message = format!("There is nothing at {}.", request.path());
    Err(ApiError::new(Code::NotFound, message))
}

async fn method_not_allowed(
    shared: web::Data<Shared>,
    request: HttpRequest,
) -> Result<String, ApiError> {
    count(&shared, &request).await?;
    let message = format!("{} does not take {}.", request.path(), request.method());
    Err(ApiError::new(Code::MethodNotAllowed, message))
}
