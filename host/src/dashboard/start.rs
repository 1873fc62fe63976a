// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/`: where a visit begins.

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::analyses::Row;
use super::error::PageError;
use super::layout::{Layout, Place};
use super::plugins::{in_service, Plugin};
use super::session::Visitor;
use super::time::Moment;
use super::upload::UploadForm;
use super::{reading, render};
use crate::api::Shared;
use crate::store::{Scope, Wanted};

/// Analyses that are shown.
const LAST: u32 = 10;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.route("/", reading().to(show));
}

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage {
    layout: Layout,
    /// Offered to who may hand images over.
    upload: Option<UploadForm>,
    used: u64,
    limit: u64,
    reset: Moment,
    /// What may only be seen by who may read.
    insight: Option<Insight>,
}

struct Insight {
    rows: Vec<Row>,
    plugins: Vec<Plugin>,
}

async fn show(shared: web::Data<Shared>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    let day = shared.rates.day(&shared.store, &visitor.key).await?;
    let insight = match visitor.may(Scope::Read) {
        true => Some(insight(&shared, &visitor.key.organisation).await?),
        false => None,
    };
    let page = StartPage {
        layout: visitor.layout("Start", Place::Start),
        upload: UploadForm::of(&shared, &visitor),
        used: day.used,
        limit: day.allowance.requests_per_day,
        reset: Moment::of_seconds(day.reset),
        insight,
    };
    render(StatusCode::OK, &page)
}

async fn insight(shared: &Shared, organisation: &str) -> Result<Insight, PageError> {
    let found = shared.store.search(organisation, &Wanted::default(), None, LAST).await?;
    let (_, plugins) = in_service(shared, organisation);
    Ok(Insight { rows: found.into_iter().map(Row::of).collect(), plugins })
}
