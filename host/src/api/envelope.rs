// SPDX-License-Identifier: MIT OR Apache-2.0
//! What every answer has: the request's name in a header, and in the body of an error; the region; under
//! `/v1` also where its organisation stands in the minute. And what is written down of every request.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    HeaderName, HeaderValue, ACCEPT, ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{web, Error, HttpMessage as _, HttpRequest, HttpResponse};

use super::connections::{deadline_of, Watched};
use super::error::{ApiError, Code};
use super::rate_limit::Standing;
use super::Shared;
use crate::view::{ErrorBody, FailureBody, ProblemBody, RequestId};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REGION: HeaderName = HeaderName::from_static("x-region");
const REGION_URL: HeaderName = HeaderName::from_static("x-region-base-url");
/// RFC 9457.
const PROBLEM: &str = "application/problem+json";

/// Names the request, passes it on, and writes the name and the error's body into the answer.
pub(super) async fn wrap(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let start = Instant::now();
    let deadline = deadline_of(request.request());
    if let Some(deadline) = &deadline {
        deadline.begin();
    }
    let name = RequestId::random().map_err(|e| ApiError::internal(&e))?;
    request.extensions_mut().insert(name.clone());
    let mut waiting = Waiting { name: &name, is_over: false };
    let response = next.call(request).await;
    waiting.is_over = true;
    let response = response?.map_into_boxed_body();
    let mut response = match error_of(&response) {
        Some(error) => {
            let answer = error_answer(&error, &name, response.request());
            response.into_response(answer)
        }
        None => response,
    };
    if response.request().path().starts_with("/v1/") {
        let standing = response.request().extensions().get::<Standing>().copied();
        standing.unwrap_or_else(Standing::of_nobody).write(response.headers_mut());
    }
    let region = response.request().app_data::<web::Data<Shared>>();
    let region = region.and_then(|shared| HeaderValue::from_str(&shared.service.region).ok());
    if let Some(region) = region {
        response.headers_mut().insert(REGION, region);
    }
    if let Ok(value) = HeaderValue::from_str(&name.to_string()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    write_down(&response, &name, start);
    Ok(response.map_body(|_, body| Watched::new(body, deadline)))
}

/// Writes down a request whose client was gone before its answer was there.
struct Waiting<'a> {
    name: &'a RequestId,
    is_over: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            tracing::info!(request_id = %self.name, "the client is gone before its answer was there");
            metrics::counter!("assay_clients_gone_total").increment(1);
        }
    }
}

fn error_answer(error: &ApiError, name: &RequestId, request: &HttpRequest) -> HttpResponse {
    let status = error.code.status();
    let guide = FailureBody {
        code: error.code.as_str().into(),
        message: error.message.clone(),
        request_id: name.to_string(),
    };
    let mut answer = HttpResponse::build(status);
    if let Some(seconds) = error.retry_after {
        answer.insert_header((RETRY_AFTER, seconds));
    }
    if let Some(methods) = error.allow {
        answer.insert_header((ALLOW, methods));
    }
    if error.code == Code::InvalidApiKey {
        answer.insert_header((WWW_AUTHENTICATE, "Bearer"));
    }
    if let Some(url) = &error.elsewhere {
        answer.insert_header((REGION_URL, url.as_str()));
    }
    let accepted = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    if accepted.is_some_and(wants_problem) {
        let problem = ProblemBody {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail: error.message.clone(),
            code: guide.code.clone(),
            request_id: guide.request_id.clone(),
            error: guide,
        };
        let mut answer = answer.json(problem);
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        return answer;
    }
    answer.json(ErrorBody { error: guide })
}

/// Whether an `Accept` header names problems, and not only to refuse them (RFC 9110, 12.5.1).
fn wants_problem(accepted: &str) -> bool {
    accepted.split(',').any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case(PROBLEM));
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
        is_named && weight.is_none_or(|weight| weight > 0.0)
    })
}

/// Nothing of the body and no key, only the route and what came of it.
fn write_down<B>(response: &ServiceResponse<B>, name: &RequestId, start: Instant) {
    let request = response.request();
    let endpoint = request.match_pattern().unwrap_or_else(|| "none".into());
    let (method, status) = (method_word(request.method()), response.status());
    let took = start.elapsed();
    tracing::info!(
        request_id = %name,
        method,
        endpoint,
        status = status.as_u16(),
        duration_ms = took.as_secs_f64() * 1e3,
        "request"
    );
    metrics::histogram!(
        "assay_request_seconds",
        "endpoint" => endpoint, "method" => method, "status" => status_word(status)
    )
    .record(took.as_secs_f64());
}

/// A method that the API knows; anything else is one word, so that nobody can make up metrics.
fn method_word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}

/// A status that the API has.
fn status_word(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200 => "200",
        201 => "201",
        202 => "202",
        303 => "303",
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        405 => "405",
        408 => "408",
        413 => "413",
        421 => "421",
        422 => "422",
        429 => "429",
        500 => "500",
        503 => "503",
        _ => "other",
    }
}

/// The error of an answer: ours, or what the framework itself refused. A page says its own, and whoever
/// is sent to another has none.
fn error_of<B>(response: &ServiceResponse<B>) -> Option<ApiError> {
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_page = kind.is_some_and(|kind| kind.starts_with(b"text/html"));
    if is_page || status.is_redirection() {
        return None;
    }
    if let Some(error) = response.response().error() {
        if let Some(ours) = error.as_error::<ApiError>() {
            return Some(ours.clone());
        }
        if status.is_server_error() {
            return Some(ApiError::internal(error));
        }
        return Some(ApiError::invalid(error.to_string()));
    }
    status.is_server_error().then(|| {
        let code = Code::Internal;
        ApiError::new(code, "The request could not be processed; try again later.")
    })
}
