// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/batches`: images that were submitted together, and how far they are.

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Serialize;
use serde_json::Value;

use super::claim::ClaimPart;
use super::error::PageError;
use super::form::Form;
use super::layout::{Layout, Place};
use super::list::{is_full, Pages, PAGE};
use super::session::Visitor;
use super::time::Moment;
use super::upload_several::SeveralForm;
use super::words::Badge;
use super::{reading, render};
use crate::api::page::{cursor, place};
use crate::api::Shared;
use crate::store::{BatchItem, BatchStanding, Scope};

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/batches", reading().to(list))
        .route("/batches/{batch_id}", reading().to(show))
        .route("/batches/{batch_id}/progress", reading().to(progress));
}

#[derive(Template)]
#[template(path = "batches.html")]
struct BatchesPage {
    layout: Layout,
    upload: Option<SeveralForm>,
    rows: Vec<Row>,
    pages: Pages,
}

struct Row {
    batch_id: String,
    reference: Option<String>,
    at: Moment,
    progress: Progress,
}

#[derive(Template)]
#[template(path = "batch.html")]
struct BatchPage {
    layout: Layout,
    batch_id: String,
    reference: Option<String>,
    progress: Progress,
    /// How many images have each verdict.
    verdicts: Vec<(Badge, u64)>,
    /// What the images are together.
    claim: Option<ClaimPart>,
    items: Vec<Item>,
    /// Where the list goes on.
    more: Option<String>,
}

/// One image that is done.
struct Item {
    request_id: String,
    reference: Option<String>,
    /// The verdict, or that it failed.
    outcome: Badge,
    risk_level: Option<Badge>,
    /// Why it failed.
    error: Option<String>,
}

/// How far a batch is; also what the page's script asks for.
#[derive(Serialize)]
struct Progress {
    done: u64,
    total: u64,
    text: String,
    is_over: bool,
}

impl Progress {
    fn of(done: u64, failed: u64, total: u64) -> Self {
        let failures = if failed == 0 { String::new() } else { format!(", {failed} failed") };
        let text = format!("{done} of {total} done{failures}");
        Self { done, total, text, is_over: done >= total }
    }

    fn of_standing(standing: &BatchStanding) -> Self {
        let BatchStanding { completed, failed, total, .. } = standing;
        let progress = Self::of(completed + failed, *failed, *total);
        if progress.is_over && standing.is_without_claim {
            let text = format!("{}, being compared", progress.text);
            return Self { text, is_over: false, ..progress };
        }
        progress
    }
}

async fn list(shared: web::Data<Shared>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    visitor.needs(Scope::Read)?;
    let query = Form::of_query(&request)?;
    let before = query.text("cursor").map(place).transpose()?;
    let organisation = &visitor.key.organisation;
    let found = shared.store.batches(organisation, before.unwrap_or(i64::MAX), PAGE).await?;
    let next = found.last().filter(|_| is_full(found.len())).map(|batch| cursor(batch.number));
    let rows = found.into_iter().map(|batch| Row {
        progress: Progress::of(batch.done, batch.failed, batch.total),
        batch_id: batch.batch_id,
        reference: batch.reference_id,
        at: Moment::of_seconds(batch.accepted_at),
    });
    let page = BatchesPage {
        layout: visitor.layout("Batches", Place::Batches),
        upload: SeveralForm::of(&shared, &visitor),
        rows: rows.collect(),
        pages: Pages::of("/batches", &[], next.as_deref(), before.is_none()),
    };
    render(StatusCode::OK, &page)
}

async fn show(
    shared: web::Data<Shared>,
    request: HttpRequest,
    batch_id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    visitor.needs(Scope::Read)?;
    let standing = standing(&shared, &visitor, &batch_id).await?;
    let query = Form::of_query(&request)?;
    let behind = query.text("cursor").map(place).transpose()?.unwrap_or(0);
    let items = shared.store.batch_items(&batch_id, behind, PAGE).await?;
    let next = items.last().filter(|_| is_full(items.len())).map(|item| cursor(item.place));
    let page = BatchPage {
        layout: visitor.layout("Batch", Place::Batches),
        progress: Progress::of_standing(&standing),
        verdicts: standing.labels.iter().map(|(label, n)| (Badge::of(label), *n)).collect(),
        claim: ClaimPart::of(standing.claim.as_deref()),
        items: items.into_iter().map(Item::of).collect(),
        more: next.map(|next| format!("/batches/{batch_id}?cursor={next}")),
        batch_id: batch_id.into_inner(),
        reference: standing.reference_id,
    };
    render(StatusCode::OK, &page)
}

async fn progress(
    shared: web::Data<Shared>,
    request: HttpRequest,
    batch_id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    visitor.needs(Scope::Read)?;
    let standing = standing(&shared, &visitor, &batch_id).await?;
    Ok(HttpResponse::Ok().json(Progress::of_standing(&standing)))
}

async fn standing(
    shared: &Shared,
    visitor: &Visitor,
    batch_id: &str,
) -> Result<BatchStanding, PageError> {
    let standing = shared.store.batch(batch_id, &visitor.key.organisation).await?;
    standing.ok_or_else(|| PageError::not_found("There is no batch of this name."))
}

impl Item {
    fn of(item: BatchItem) -> Self {
        let outcome: Value = serde_json::from_str(&item.outcome).unwrap_or_default();
        let word = |name: &str| outcome.get(name).and_then(Value::as_str);
        Self {
            request_id: item.request_id,
            reference: item.reference_id,
            outcome: Badge::of(word("label").unwrap_or(&item.state)),
            risk_level: word("risk_level").map(Badge::of),
            error: word("message").map(str::to_owned),
        }
    }
}
