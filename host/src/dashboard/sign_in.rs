// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/sign-in` and `/sign-out`.

use actix_web::http::header::{HeaderValue, SET_COOKIE};
use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::filters::urlencode_strict;
use askama::Template;

use super::error::PageError;
use super::form::Form;
use super::layout::Layout;
use super::session::{self, Visitor};
use super::{reading, render, see_other};
use crate::api::auth::identify;
use crate::api::error::ApiError;
use crate::api::Shared;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/sign-in", reading().to(show))
        .route("/sign-in", web::post().to(sign_in))
        .route("/sign-out", web::post().to(sign_out));
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    layout: Layout,
    /// Where to go afterwards.
    next: &'a str,
    /// Why the key was not taken.
    refusal: Option<&'a str>,
}

/// Where to sign in, on the way to a page.
pub(super) fn address(on_the_way_to: Option<&str>) -> String {
    let wanted = on_the_way_to.filter(|target| *target != "/" && is_page_of_ours(target));
    match wanted.and_then(|target| urlencode_strict(target).ok()) {
        Some(target) => format!("/sign-in?next={target}"),
        None => "/sign-in".into(),
    }
}

/// Whether a browser that is sent there stays here.
fn is_page_of_ours(target: &str) -> bool {
    let rest = target.strip_prefix('/');
    let is_path = rest.is_some_and(|rest| !rest.starts_with(['/', '\\']));
    is_path && target.bytes().all(|byte| byte.is_ascii_graphic())
}

async fn show(shared: web::Data<Shared>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    if Visitor::find(&shared, &request).await?.is_some() {
        return Ok(see_other("/"));
    }
    let query = Form::of_query(&request)?;
    let next = query.text("next").filter(|target| is_page_of_ours(target)).unwrap_or("/");
    let layout = Layout::bare("Sign in").just(query.text("done"));
    render(StatusCode::OK, &SignInPage { layout, next, refusal: None })
}

async fn sign_in(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let form = Form::read(&shared, &request, payload).await?;
    let next = form.text("next").filter(|target| is_page_of_ours(target)).unwrap_or("/");
    let text = form.text("key").unwrap_or_default();
    match begin(&shared, &request, text).await {
        Ok(cookie) => with_cookie(see_other(next), &cookie),
        Err(PageError::Refused(error)) if error.code.status().is_client_error() => {
            let page =
                SignInPage { layout: Layout::bare("Sign in"), next, refusal: Some(&error.message) };
            render(error.code.status(), &page)
        }
        Err(other) => Err(other),
    }
}

async fn begin(shared: &Shared, request: &HttpRequest, text: &str) -> Result<String, PageError> {
    let key = identify(shared, request, text).await?;
    session::may_sign_in(shared, &key, request)?;
    session::begin(shared, &key).await
}

async fn sign_out(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let (visitor, _) = Visitor::posting(&shared, &request, payload).await?;
    visitor.sign_out(&shared).await?;
    with_cookie(see_other("/sign-in?done=signed-out"), &session::forgotten(&shared))
}

fn with_cookie(mut answer: HttpResponse, cookie: &str) -> Result<HttpResponse, PageError> {
    let value = HeaderValue::from_str(cookie).map_err(|e| ApiError::internal(&e))?;
    answer.headers_mut().insert(SET_COOKIE, value);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere_after_signing_in() {
        assert_eq!(address(Some("/keys?a=b&c")), "/sign-in?next=%2Fkeys%3Fa%3Db%26c");
        for other in ["//evil.example", "/\\evil.example", "https://evil.example", "/a b", "", "/"]
        {
            assert_eq!(address(Some(other)), "/sign-in", "{other}");
        }
    }
}
