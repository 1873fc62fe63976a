// SPDX-License-Identifier: MIT OR Apache-2.0
//! The resources, one a file.

mod admin;
mod analyses;
mod analyze;
mod batches;
mod catalogue;
mod health;
mod metrics;
mod reference;

use actix_web::web::{self, ServiceConfig};
use actix_web::HttpRequest;
use utoipa::OpenApi;

use super::auth::count;
use super::error::{ApiError, Code};
use super::openapi::{self, Surroundings};
use super::Shared;

/// Registers each route, and takes it into the reference.
macro_rules! routes {
    ($($path:literal: $($method:ident $($at:ident)::+),+;)+) => {
        pub(super) fn configure(config: &mut ServiceConfig) {
            $(config.service(
                web::resource($path)
                    $(.route(web::$method().to($($at)::+)))+
                    .default_service(web::to(method_not_allowed)),
            );)+
            config.service(openapi::page()).default_service(web::to(not_found));
        }

        #[derive(OpenApi)]
        #[openapi(paths($($($($at)::+),+),+), modifiers(&Surroundings))]
        pub(super) struct Reference;

        #[cfg(test)]
        const ROUTES: &[(&str, &str)] = &[$($(($path, stringify!($method))),+),+];
    };
}

routes! {
    "/healthz": get health::alive;
    "/readyz": get health::ready;
    "/version": get health::version;
    "/metrics": get metrics::show;
    "/openapi.json": get reference::show;
    "/v1/analyze": post analyze::submit;
    "/v1/analyze/batch": post batches::submit;
    "/v1/batches/{batch_id}": get batches::show;
    "/v1/analyses/{request_id}": get analyses::show;
    "/v1/analyses/{request_id}/heatmap.png": get analyses::heatmap;
    "/v1/detectors": get catalogue::detectors;
    "/v1/policies": get catalogue::policies;
    "/v1/usage": get catalogue::usage;
    "/v1/admin/keys": get admin::keys::keys, post admin::keys::create_key;
    "/v1/admin/keys/{id}/rotate": post admin::keys::rotate_key;
    "/v1/admin/keys/{id}/revoke": post admin::keys::revoke_key;
    "/v1/admin/webhooks/secret": get admin::webhooks::secret;
    "/v1/admin/webhooks/secret/rotate": post admin::webhooks::rotate_secret;
    "/v1/admin/webhooks/deliveries": get admin::webhooks::deliveries;
    "/v1/admin/webhooks/deliveries/{id}": get admin::webhooks::delivery;
    "/v1/admin/webhooks/deliveries/{id}/redeliver": post admin::webhooks::redeliver;
    "/v1/admin/audit": get admin::audit::audit;
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_reference_has_every_route_and_no_other() {
        let document = serde_json::to_value(Reference::openapi()).unwrap();
        let mut described = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            let methods = methods.as_object().unwrap().keys();
            described.extend(methods.map(|method| (path.clone(), method.clone())));
        }
        let registered = ROUTES.iter().map(|&(path, method)| (path.to_owned(), method.to_owned()));
        assert_eq!(described, registered.collect());
    }
}
