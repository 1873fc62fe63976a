// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a page fails with, as a page.

use std::fmt;

use actix_web::http::header::{ACCEPT, CACHE_CONTROL, RETRY_AFTER};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use askama::Template;

use super::layout::Layout;
use super::{render, see_other, sign_in};
use crate::api::error::{ApiError, Code};
use crate::store::StoreError;

/// Why there is no page.
#[derive(Debug)]
pub(super) enum PageError {
    /// Nobody is signed in, or not any more; who was on the way to a page gets there afterwards.
    SignedOut {
        /// The page.
        on_the_way_to: Option<String>,
    },
    /// Something is wrong.
    Refused(ApiError),
}

impl PageError {
    pub(super) fn not_found(message: &str) -> Self {
        Self::Refused(ApiError::new(Code::NotFound, message))
    }

    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::Refused(ApiError::new(Code::Forbidden, message))
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::Refused(ApiError::invalid(message))
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignedOut { .. } => f.write_str("nobody is signed in"),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

impl From<ApiError> for PageError {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        Self::Refused(ApiError::internal(&error))
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    layout: Layout,
    status: u16,
    message: &'a str,
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::SignedOut { .. } => StatusCode::SEE_OTHER,
            Self::Refused(error) => error.code.status(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        let error = match self {
            Self::SignedOut { on_the_way_to } => {
                let mut answer = see_other(&sign_in::address(on_the_way_to.as_deref()));
                answer.headers_mut().insert(CACHE_CONTROL, no_store());
                return answer;
            }
            Self::Refused(error) => error,
        };
        let status = error.code.status();
        let page = ErrorPage {
            layout: Layout::bare(heading(status)),
            status: status.as_u16(),
            message: &error.message,
        };
        let answer = render(status, &page);
        let mut answer = answer.unwrap_or_else(|_| HttpResponse::build(status).finish());
        if let Some(seconds) = error.retry_after {
            answer.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        answer
    }
}

fn no_store() -> actix_web::http::header::HeaderValue {
    actix_web::http::header::HeaderValue::from_static("no-store")
}

fn heading(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => "This cannot be read",
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "This is not allowed",
        StatusCode::NOT_FOUND => "There is nothing here",
        StatusCode::PAYLOAD_TOO_LARGE => "This is too large",
        StatusCode::TOO_MANY_REQUESTS => "Too much at once",
        StatusCode::SERVICE_UNAVAILABLE => "Not now",
        _ => "Something went wrong",
    }
}

/// The answer for a page that is not there; who does not ask for pages gets the API's.
pub(super) async fn nothing_here(request: HttpRequest) -> Result<HttpResponse, actix_web::Error> {
    let accepted = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.contains("text/html")) {
        return Err(PageError::not_found("There is no page at this address.").into());
    }
    let message = format!("There is nothing at {}.", request.path());
    Err(ApiError::new(Code::NotFound, message).into())
}
