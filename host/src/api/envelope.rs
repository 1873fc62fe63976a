// SPDX-License-Identifier: MIT OR Apache-2.0
//! What every answer has: the request's name in a header, and in the body of an error; under `/v1`
//! also where its organisation stands in the minute.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpResponse};
use serde_json::json;

use super::error::{ApiError, Code};
use super::rate_limit::Standing;
use crate::view::RequestId;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names the request, passes it on, and writes the name and the error's body into the answer.
pub(super) async fn wrap(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let name = RequestId::random().map_err(|e| ApiError::internal(&e))?;
    request.extensions_mut().insert(name.clone());
    let response = next.call(request).await?.map_into_boxed_body();
    let mut response = match error_of(&response) {
        Some(error) => {
            let body = json!({ "error": {
                "code": error.code.as_str(),
                "message": error.message,
                "request_id": name.to_string(),
            }});
            let mut answer = HttpResponse::build(error.code.status());
            if let Some(seconds) = error.retry_after {
                answer.insert_header((RETRY_AFTER, seconds));
            }
            let answer = answer.json(body);
            response.into_response(answer)
        }
        None => response,
    };
    if response.request().path().starts_with("/v1/") {
        let standing = response.request().extensions().get::<Standing>().copied();
        standing.unwrap_or_else(Standing::of_nobody).write(response.headers_mut());
    }
    if let Ok(value) = HeaderValue::from_str(&name.to_string()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    Ok(response)
}

/// The error of an answer: ours, or what the framework itself refused.
fn error_of<B>(response: &ServiceResponse<B>) -> Option<ApiError> {
    let status = response.status();
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
