// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/`: where a visit begins.

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::error::PageError;
use super::layout::{Layout, Place};
use super::session::Visitor;
use super::time::Moment;
use super::{reading, render};
use crate::api::Shared;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.route("/", reading().to(show));
}

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage {
    layout: Layout,
    used: u64,
    limit: u64,
    reset: Moment,
}

async fn show(shared: web::Data<Shared>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    let day = shared.rates.day(&shared.store, &visitor.key).await?;
    let page = StartPage {
        layout: visitor.layout("Start", Place::Start),
        used: day.used,
        limit: day.allowance.requests_per_day,
        reset: Moment::of_seconds(day.reset),
    };
    render(StatusCode::OK, &page)
}
