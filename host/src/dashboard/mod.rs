// SPDX-License-Identifier: MIT OR Apache-2.0
//! The dashboard: pages for people, drawn by the server, at `/` beside the API.
//!
//! To add a page: a file here with `configure`, its handlers and a `#[derive(Template)]` whose template
//! extends `layout.html` and which holds `layout: Layout`; a line in [`configure`] below. A handler that
//! reads begins with `Visitor::of`, one that acts with `Visitor::posting`, which checks the form's token;
//! both then say `visitor.needs(Scope::…)?` and end with `render`. Scripts and styles are files of
//! [`assets`]: nothing inline is run.

mod analyses;
mod analysis;
mod assets;
mod audit;
mod batches;
mod claim;
mod error;
mod form;
mod health;
mod keys;
mod layout;
mod list;
mod overlap;
mod plugins;
mod policies;
mod protection;
mod refusion;
mod session;
mod sign_in;
mod start;
mod time;
mod upload;
mod upload_several;
mod usage;
mod webhooks;
mod words;
mod workbench;

use actix_web::dev::RequestHead;
use actix_web::guard::{self, fn_guard};
use actix_web::http::header::{ContentType, CACHE_CONTROL};
use actix_web::http::StatusCode;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Route};
use askama::Template;

use error::PageError;

/// Registers all pages, behind everything else: what nobody else answers is a page that is not there.
pub fn configure(config: &mut ServiceConfig) {
    let pages = web::scope("")
        .guard(fn_guard(|context| is_page(context.head())))
        .wrap(from_fn(protection::protect))
        .configure(assets::configure)
        .configure(sign_in::configure)
        .configure(start::configure)
        .configure(analyses::configure)
        .configure(batches::configure)
        .configure(policies::configure)
        .configure(keys::configure)
        .configure(usage::configure)
        .configure(webhooks::configure)
        .configure(plugins::configure)
        .configure(audit::configure)
        .configure(workbench::configure)
        .configure(upload::configure)
        .configure(upload_several::configure)
        .configure(analysis::configure)
        .default_service(web::to(error::nothing_here));
    config.service(pages);
}

/// The API answers for all of its paths, also for those that it does not know.
fn is_page(head: &RequestHead) -> bool {
    !head.uri.path().starts_with("/v1/")
}

/// A route of what is only read.
fn reading() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// A page that is not to be kept by anybody.
///
/// # Errors
/// When the template fails.
fn render(status: StatusCode, page: &impl Template) -> Result<HttpResponse, PageError> {
    let text = page.render()?;
    let mut answer = HttpResponse::build(status);
    answer.insert_header(ContentType::html()).insert_header((CACHE_CONTROL, "no-store"));
    Ok(answer.body(text))
}

/// Sends the browser to another page, which it reads.
fn see_other(target: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("Location", target)).finish()
}
