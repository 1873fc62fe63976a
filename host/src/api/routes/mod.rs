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
use actix_web::{guard, HttpRequest, Route};
use utoipa::OpenApi;

pub(super) use self::batches::Batch;
use super::auth::count;
use super::error::{ApiError, Code};
use super::openapi::{self, Surroundings};
use super::Shared;

/// Registers each route, and takes it into the reference.
macro_rules! routes {
    ($($path:literal: $($method:ident $($at:ident)::+),+;)+) => {
        /// Registers the whole API.
        pub fn configure(config: &mut ServiceConfig) {
            $(config.service(
                web::resource($path)
                    $(.route(route(stringify!($method)).to($($at)::+)))+
                    .default_service(web::to(|shared, request| {
                        method_not_allowed(shared, request, allowed(&[$(stringify!($method)),+]))
                    })),
            );)+
            config.service(web::redirect("/docs", "/docs/"));
            config.service(openapi::page()).default_service(web::to(not_found));
        }

        #[derive(OpenApi)]
        #[openapi(paths($($($($at)::+),+),+), modifiers(&Surroundings))]
        pub(super) struct Reference;

        /// All routes: path and method.
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
    "/v1/admin/keys/{id}/restrict": post admin::keys::restrict_key;
    "/v1/admin/keys/{id}/revoke": post admin::keys::revoke_key;
    "/v1/admin/webhooks/secret": get admin::webhooks::secret;
    "/v1/admin/webhooks/secret/rotate": post admin::webhooks::rotate_secret;
    "/v1/admin/webhooks/deliveries": get admin::webhooks::deliveries;
    "/v1/admin/webhooks/deliveries/{id}": get admin::webhooks::delivery;
    "/v1/admin/webhooks/deliveries/{id}/redeliver": post admin::webhooks::redeliver;
    "/v1/admin/audit": get admin::audit::audit;
}

/// Registers only what tells how the process is: for one that does jobs and answers nobody.
pub fn health(config: &mut ServiceConfig) {
    config.route("/healthz", route("get").to(health::alive));
    config.route("/readyz", route("get").to(health::ready));
    config.route("/version", route("get").to(health::version));
    config.route("/metrics", route("get").to(metrics::show));
    config.default_service(web::to(not_found));
}

/// Whether a key can be restricted to a path: it lies in a route or is a collection of some.
///
/// # Errors
/// Names the known ones.
pub fn check_endpoint(path: &str) -> Result<(), String> {
    let mut known: Vec<&str> =
        ROUTES.iter().map(|(path, _)| *path).filter(|path| path.starts_with("/v1/")).collect();
    known.dedup();
    if known.iter().any(|route| is_within(path, route)) {
        return Ok(());
    }
    Err(format!("no request could be made at {path:?}; known: {}", known.join(", ")))
}

/// Whether a path is a route, one of its instances, or its collection.
fn is_within(path: &str, route: &str) -> bool {
    if route.split_once("/{").is_some_and(|(collection, _)| collection == path) {
        return true;
    }
    let (mut own, mut known) = (path.split('/'), route.split('/'));
    loop {
        match (own.next(), known.next()) {
            (None, None) => return true,
            (Some(own), Some(known)) if own == known => {}
            (Some(own), Some(known)) if known.starts_with('{') && !own.is_empty() => {}
            _ => return false,
        }
    }
}

async fn not_found(shared: web::Data<Shared>, request: HttpRequest) -> Result<String, ApiError> {
    count(&shared, &request).await?;
    let message = format!("There is nothing at {}.", request.path());
    Err(ApiError::new(Code::NotFound, message))
}

async fn method_not_allowed(
    shared: web::Data<Shared>,
    request: HttpRequest,
    allowed: &'static str,
) -> Result<String, ApiError> {
    count(&shared, &request).await?;
    let (path, method) = (request.path(), request.method());
    let message = format!("{path} does not take {method}; it takes {allowed}.");
    Err(ApiError::new(Code::MethodNotAllowed, message).allow(allowed))
}

/// A route of a method; what can be read with `GET` answers `HEAD` too, without a body.
fn route(method: &str) -> Route {
    if method == "get" {
        web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
    } else {
        web::post()
    }
}

/// The value of `Allow` for a path with these methods.
fn allowed(methods: &[&str]) -> &'static str {
    match methods {
        ["get"] => "GET, HEAD",
        ["post"] => "POST",
        _ => "GET, HEAD, POST",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn keys_can_be_restricted_to_what_there_is() {
        for path in [
            "/v1/analyze",
            "/v1/batches",
            "/v1/batches/{batch_id}",
            "/v1/analyses/req_1/heatmap.png",
        ] {
            assert_eq!(check_endpoint(path), Ok(()));
        }
        for path in ["/v1/", "/v1/nonsense", "/v1/analyses/", "/healthz", "analyze", ""] {
            let message = check_endpoint(path).unwrap_err();
            assert!(message.contains("/v1/analyze/batch"), "{message}");
        }
    }

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
