// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/analyses/{request_id}`: one analysis for people, and its report.
//!
//! The server does not keep pictures. The browser that handed one over keeps it for a while, and shows it
//! under heatmap and regions; any other browser does so when its user chooses the same file once more.

use std::sync::Arc;

use actix_web::http::header::{ContentType, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::Value;

use super::error::PageError;
use super::layout::{Layout, Place};
use super::session::Visitor;
use super::{reading, render};
use crate::analysis::Derivation;
use crate::api::answers::finished;
use crate::api::error::ApiError;
use crate::api::Shared;
use crate::report::{page, Dossier, Drawing, Heat, Sources};
use crate::store::{Scope, StoredAnalysis};

/// Of a report, which is one file: its style stands within it, and so do its pictures.
const REPORT_POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/analyses/{request_id}", reading().to(show))
        .route("/analyses/{request_id}/report.html", reading().to(report_page))
        .route("/analyses/{request_id}/report.json", reading().to(report_json))
        .route("/analyses/{request_id}/answer.json", reading().to(raw));
}

#[derive(Template)]
#[template(path = "analysis.html")]
struct AnalysisPage<'a> {
    layout: Layout,
    dossier: &'a Dossier,
    drawing: Option<&'a Drawing>,
    longest_ms: f64,
}

/// An image that has no answer yet, or none at all.
#[derive(Template)]
#[template(path = "standing.html")]
struct StandingPage {
    layout: Layout,
    request_id: String,
    /// Why it could not be examined.
    failure: Option<String>,
}

async fn show(
    shared: web::Data<Shared>,
    request: HttpRequest,
    request_id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let visitor = reader(&shared, &request).await?;
    let layout = visitor.layout("Analysis", Place::Analyses);
    let organisation = &visitor.key.organisation;
    let Some(found) = finished(&shared, &request_id, organisation).await? else {
        let job = shared.store.job(&request_id, organisation).await?.ok_or_else(unknown)?;
        let outcome = job.outcome.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let failure = outcome.as_ref().and_then(|error: &Value| error.get("message")?.as_str());
        let failure = (job.state == "failed").then(|| failure.unwrap_or("It failed.").to_owned());
        let page = StandingPage { layout, request_id: request_id.into_inner(), failure };
        return render(StatusCode::OK, &page);
    };
    let (dossier, drawing) = made(&shared, found, |dossier| {
        let drawing = Drawing::of(&dossier, None)?;
        Ok::<_, image::ImageError>((dossier, drawing))
    })
    .await?;
    let longest_ms = dossier.longest_ms();
    let page = AnalysisPage { layout, dossier: &dossier, drawing: drawing.as_ref(), longest_ms };
    render(StatusCode::OK, &page)
}

async fn report_page(
    shared: web::Data<Shared>,
    request: HttpRequest,
    request_id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let found = own(&shared, &request, &request_id).await?;
    let text = made(&shared, found, |dossier| page(&dossier, None)).await?;
    let mut answer = file(&request_id, "html", ContentType::html());
    answer.insert_header((CONTENT_SECURITY_POLICY, REPORT_POLICY));
    Ok(answer.body(text))
}

async fn report_json(
    shared: web::Data<Shared>,
    request: HttpRequest,
    request_id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let found = own(&shared, &request, &request_id).await?;
    let text = made(&shared, found, |dossier| serde_json::to_string_pretty(&dossier)).await?;
    Ok(file(&request_id, "json", ContentType::json()).body(text))
}

/// The answer as the API gives it.
async fn raw(
    shared: web::Data<Shared>,
    request: HttpRequest,
    request_id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let found = own(&shared, &request, &request_id).await?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(found.body))
}

/// Somebody who may read analyses.
async fn reader(shared: &Shared, request: &HttpRequest) -> Result<Visitor, PageError> {
    let visitor = Visitor::of(shared, request).await?;
    visitor.needs(Scope::Read)?;
    Ok(visitor)
}

/// A finished analysis of the visitor's organisation.
async fn own(
    shared: &Shared,
    request: &HttpRequest,
    request_id: &str,
) -> Result<StoredAnalysis, PageError> {
    let visitor = reader(shared, request).await?;
    finished(shared, request_id, &visitor.key.organisation).await?.ok_or_else(unknown)
}

fn unknown() -> PageError {
    PageError::not_found("There is no analysis of this name.")
}

/// Makes something of an analysis's dossier, away from those who answer.
async fn made<T: Send + 'static, E: std::fmt::Display + Send + 'static>(
    shared: &web::Data<Shared>,
    found: StoredAnalysis,
    make: impl FnOnce(Dossier) -> Result<T, E> + Send + 'static,
) -> Result<T, PageError> {
    let shared = Arc::clone(shared);
    let make = move || make(dossier(&shared, &found));
    let made = web::block(make).await.map_err(|e| ApiError::internal(&e))?;
    Ok(made.map_err(|e| ApiError::internal(&e))?)
}

fn dossier(shared: &Shared, found: &StoredAnalysis) -> Dossier {
    let body = serde_json::from_str(&found.body).unwrap_or(Value::Null);
    let derivation = found.derivation.as_deref().and_then(|text| Derivation::parse(text).ok());
    let digest = body.pointer("/policy/digest").and_then(Value::as_str).unwrap_or_default();
    let analyser = shared.policies.of_digest(digest);
    Dossier::of(Sources {
        body: &body,
        heat: found.localisation.as_deref().and_then(Heat::read),
        derivation: derivation.as_ref(),
        policy: analyser.as_ref().map(|analyser| analyser.policy()),
    })
}

/// A file that a browser shows, and saves under its own name. Only names of requests have an analysis.
fn file(request_id: &str, ending: &str, kind: ContentType) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    let name = format!("inline; filename=\"assay-{request_id}.{ending}\"");
    answer.insert_header(kind).insert_header((CONTENT_DISPOSITION, name));
    answer
}
