// SPDX-License-Identifier: MIT OR Apache-2.0
//! What keeps pages from being misused by other sites: headers, and no act that another site began.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    HeaderMap, HeaderName, HeaderValue, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{web, Error, ResponseError as _};

use super::error::PageError;
use crate::api::Shared;

/// Everything comes from here, and nothing inline is run.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// On every answer of the dashboard. Other sites are told no address of ours; to ourselves browsers tell
/// it, because without it they would not say either where a form was sent from.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Passes a request on unless another site began an act with it, and writes the headers.
pub(super) async fn protect(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = if request.method().is_safe() || is_from_here(&request) {
        next.call(request).await?.map_into_boxed_body()
    } else {
        let refused = PageError::forbidden("The form was sent from another site.");
        request.into_response(refused.error_response())
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        // A report says itself what it is made of.
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// Whether a page of ours sent a form, as far as the browser tells. Programs that are no browsers tell
/// nothing; they have no cookie that they were not given.
fn is_from_here(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    if let Some(site) = headers.get("Sec-Fetch-Site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let own = request.app_data::<web::Data<Shared>>();
    let own = own.and_then(|shared| shared.service.public_url.as_deref());
    own.is_some_and(|own| is_origin_of(origin, own)) || is_same_host(origin, headers)
}

fn is_origin_of(origin: &str, url: &str) -> bool {
    url.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_same_host(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let named = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    named.is_some() && named == host
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn is_let_in(headers: &[(&str, &str)]) -> bool {
        let start = TestRequest::post().insert_header((HOST, "assay.example:8080"));
        let with = |request: TestRequest, header: &(&str, &str)| {
            request.insert_header((header.0.to_owned(), header.1.to_owned()))
        };
        is_from_here(&headers.iter().fold(start, with).to_srv_request())
    }

    #[test]
    fn forms_of_other_sites_are_told_apart() {
        for own in [
            &[("Sec-Fetch-Site", "same-origin"), ("Origin", "null")][..],
            &[("Origin", "http://assay.example:8080")],
            &[("Origin", "https://assay.example:8080")],
            &[],
        ] {
            assert!(is_let_in(own), "{own:?}");
        }
        for other in [
            &[("Sec-Fetch-Site", "cross-site")][..],
            &[("Sec-Fetch-Site", "same-site"), ("Origin", "http://assay.example:8080")],
            &[("Origin", "null")],
            &[("Origin", "https://evil.example")],
            &[("Origin", "https://assay.example:8080.evil.example")],
        ] {
            assert!(!is_let_in(other), "{other:?}");
        }
    }

    #[test]
    fn an_origin_is_that_of_the_whole_host() {
        assert!(is_origin_of("https://a.example", "https://a.example/assay"));
        assert!(!is_origin_of("https://a.ex", "https://a.example"));
    }
}
