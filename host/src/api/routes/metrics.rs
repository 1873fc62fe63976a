// SPDX-License-Identifier: MIT OR Apache-2.0
//! `GET /metrics`: what the process has measured, in Prometheus' text format.

use actix_web::{web, HttpResponse};

use crate::api::error::ApiError;
use crate::api::Shared;
use crate::store::JobQueue as _;

/// What the process has measured.
#[utoipa::path(
    get, path = "/metrics", tag = "service",
    responses(
        (status = 200, description = "Prometheus' text format", body = String, content_type = "text/plain"),
        (status = 500, description = "The database failed", body = crate::view::ErrorBody),
    ),
)]
pub(super) async fn show(shared: web::Data<Shared>) -> Result<HttpResponse, ApiError> {
    metrics::gauge!("assay_jobs_waiting").set(shared.store.jobs_to_do().await? as f64);
    metrics::gauge!("assay_hosts").set(f64::from(shared.store.hosts().await?));
    let lag = shared.store.delivery_lag_ms(shared.sender.now()).await?;
    metrics::gauge!("assay_webhook_lag_seconds").set(lag as f64 / 1e3);
    metrics::gauge!("assay_requests_inside").set(shared.places.taken() as f64);
    metrics::gauge!("assay_connections_open").set(shared.connections.number() as f64);
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(shared.metrics.render()))
}
