// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/v1/admin/audit`.

use actix_web::{web, HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::{time, PAGE};
use crate::api::auth::authorise;
use crate::api::error::ApiError;
use crate::api::openapi::Failures;
use crate::api::page::{cursor, Page};
use crate::api::Shared;
use crate::store::{AuditEntry, Scope};

/// Who changed what.
#[derive(Serialize, ToSchema)]
struct AuditLog {
    entries: Vec<Act>,
    /// For the next page; null at the end.
    next_cursor: Option<String>,
}

/// One administrative act.
#[derive(Serialize, ToSchema)]
struct Act {
    at: Option<String>,
    /// `cli`, or a key's name.
    actor: String,
    act: String,
    subject: String,
}

/// Who changed what, the newest first.
#[utoipa::path(
    get, path = "/v1/admin/audit", tag = "administration", security(("key" = [])),
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Most entries, 1..=100"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
    ),
    responses((status = 200, description = "The acts", body = AuditLog), Failures),
)]
pub(in crate::api::routes) async fn audit(
    shared: web::Data<Shared>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let admin = authorise(&shared, &request, Scope::Admin).await?;
    let page = Page::of(&request, PAGE)?;
    let before = page.behind.unwrap_or(i64::MAX);
    let found = shared.store.audit(Some(&admin.organisation), before, page.limit).await?;
    let is_full = found.len() as u64 >= u64::from(page.limit);
    let next = found.last().filter(|_| is_full).map(|entry| cursor(entry.number));
    let act = |entry: AuditEntry| Act {
        at: time(entry.at),
        actor: entry.actor,
        act: entry.act,
        subject: entry.subject,
    };
    let entries = found.into_iter().map(act).collect();
    Ok(HttpResponse::Ok().json(AuditLog { entries, next_cursor: next }))
}
