// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/analyses`: finished analyses, searched and filtered.

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::error::PageError;
use super::form::Form;
use super::layout::{Layout, Place};
use super::list::{is_full, Pages, PAGE};
use super::session::Visitor;
use super::time::{start_of_day, Moment, DAY_SECONDS};
use super::words::Badge;
use super::{reading, render};
use crate::api::Shared;
use crate::store::{Behind, FoundAnalysis, Scope, Wanted};

/// What a verdict can be.
const LABELS: [&str; 4] = ["AUTHENTIC", "AI_GENERATED", "MANIPULATED", "INCONCLUSIVE"];
/// What a risk level can be.
const RISKS: [&str; 3] = ["LOW", "MEDIUM", "HIGH"];

pub(super) fn configure(config: &mut ServiceConfig) {
    config.route("/analyses", reading().to(list));
}

#[derive(Template)]
#[template(path = "analyses.html")]
struct AnalysesPage {
    layout: Layout,
    asked: Asked,
    is_filtered: bool,
    rows: Vec<Row>,
    pages: Pages,
}

/// What the form asks for, as it was written.
#[derive(Default)]
struct Asked {
    text: String,
    verdict: String,
    risk: String,
    from: String,
    until: String,
}

/// One analysis of a list.
pub(super) struct Row {
    pub(super) request_id: String,
    pub(super) at: Moment,
    pub(super) reference: Option<String>,
    pub(super) verdict: Option<Badge>,
    pub(super) risk_level: Option<Badge>,
    /// With two decimals.
    pub(super) risk: Option<String>,
}

impl Row {
    pub(super) fn of(found: FoundAnalysis) -> Self {
        Self {
            request_id: found.request_id,
            at: Moment::of_seconds(found.finished_at),
            reference: found.reference_id,
            verdict: found.label.as_deref().map(Badge::of),
            risk_level: found.risk_level.as_deref().map(Badge::of),
            risk: found.risk.map(|risk| format!("{risk:.2}")),
        }
    }
}

impl Asked {
    fn of(query: &Form) -> Self {
        let text = |name: &str| query.text(name).unwrap_or_default().to_owned();
        Self {
            text: text("q"),
            verdict: text("verdict"),
            risk: text("risk"),
            from: text("from"),
            until: text("until"),
        }
    }

    fn wanted(&self) -> Result<Wanted, PageError> {
        let day = |text: &str| -> Result<Option<i64>, PageError> {
            let text = given(text);
            text.map(|text| start_of_day(text).ok_or_else(|| no_day(text))).transpose()
        };
        Ok(Wanted {
            text: given(&self.text).map(str::to_owned),
            label: one_of(&self.verdict, &LABELS)?,
            risk_level: one_of(&self.risk, &RISKS)?,
            from: day(&self.from)?,
            until: day(&self.until)?.map(|start| start + DAY_SECONDS),
        })
    }

    fn fields(&self) -> [(&str, Option<&str>); 5] {
        [
            ("q", given(&self.text)),
            ("verdict", given(&self.verdict)),
            ("risk", given(&self.risk)),
            ("from", given(&self.from)),
            ("until", given(&self.until)),
        ]
    }
}

fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn one_of(text: &str, words: &[&str]) -> Result<Option<String>, PageError> {
    match given(text) {
        Some(text) if !words.contains(&text) => {
            Err(PageError::invalid(format!("Expected one of {}.", words.join(", "))))
        }
        text => Ok(text.map(str::to_owned)),
    }
}

fn no_day(text: &str) -> PageError {
    PageError::invalid(format!("Expected a day such as 2026-11-30, found {text:?}."))
}

async fn list(shared: web::Data<Shared>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    visitor.needs(Scope::Read)?;
    let query = Form::of_query(&request)?;
    let asked = Asked::of(&query);
    let wanted = asked.wanted()?;
    let behind = query.text("cursor").map(behind).transpose()?;
    let organisation = &visitor.key.organisation;
    let mut found = shared.store.search(organisation, &wanted, behind.as_ref(), PAGE).await?;
    if let (true, Some(text)) = (found.is_empty(), &wanted.text) {
        found.extend(given_again(&shared, organisation, text).await?);
    }
    let next = found.last().filter(|_| is_full(found.len())).map(cursor);
    let fields = asked.fields();
    let page = AnalysesPage {
        layout: visitor.layout("Analyses", Place::Analyses),
        is_filtered: fields.iter().any(|(_, text)| text.is_some()),
        pages: Pages::of("/analyses", &fields, next.as_deref(), behind.is_none()),
        rows: found.into_iter().map(Row::of).collect(),
        asked,
    };
    render(StatusCode::OK, &page)
}

/// The analysis whose answer a request got again, under that request's names.
async fn given_again(
    shared: &Shared,
    organisation: &str,
    request_id: &str,
) -> Result<Option<FoundAnalysis>, PageError> {
    let repeat = shared.store.repeat(request_id, organisation).await?;
    let Some((first, reference_id)) = repeat else { return Ok(None) };
    let wanted = Wanted { text: Some(first), ..Wanted::default() };
    let found = shared.store.search(organisation, &wanted, None, 1).await?;
    let again = |found| FoundAnalysis { request_id: request_id.into(), reference_id, ..found };
    Ok(found.into_iter().next().map(again))
}

fn cursor(last: &FoundAnalysis) -> String {
    format!("c{}.{}", last.finished_at, last.request_id)
}

fn behind(cursor: &str) -> Result<Behind, PageError> {
    let parts = cursor.strip_prefix('c').and_then(|rest| rest.split_once('.'));
    let behind = parts.and_then(|(finished_at, request_id)| {
        let finished_at = finished_at.parse().ok()?;
        Some(Behind { finished_at, request_id: request_id.to_owned() })
    });
    behind.ok_or_else(|| PageError::invalid("The list does not go on there; begin it anew."))
}
