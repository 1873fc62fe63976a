// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/audit`: who changed what.

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::error::PageError;
use super::form::Form;
use super::layout::{Layout, Place};
use super::list::{is_full, Pages, PAGE};
use super::session::Visitor;
use super::time::Moment;
use super::{reading, render};
use crate::api::page::{cursor, place};
use crate::api::Shared;
use crate::store::AuditEntry;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.route("/audit", reading().to(list));
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    layout: Layout,
    rows: Vec<(Moment, AuditEntry)>,
    pages: Pages,
}

async fn list(shared: web::Data<Shared>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    let before = Form::of_query(&request)?.text("cursor").map(place).transpose()?;
    let own = Some(&*visitor.key.organisation);
    let found = shared.store.audit(own, before.unwrap_or(i64::MAX), PAGE).await?;
    let next = found.last().filter(|_| is_full(found.len())).map(|entry| cursor(entry.number));
    let page = AuditPage {
        layout: visitor.layout("Audit log", Place::Audit),
        rows: found.into_iter().map(|entry| (Moment::of_seconds(entry.at), entry)).collect(),
        pages: Pages::of("/audit", &[], next.as_deref(), before.is_none()),
    };
    render(StatusCode::OK, &page)
}
