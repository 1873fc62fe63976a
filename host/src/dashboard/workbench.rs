// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/policies/{name}/workbench`: other numbers for a policy, and which stored verdicts they would change.
//!
//! No detector runs: fusion is pure, and what it read is kept beside each analysis. Nothing is changed on the server; what
//! was tried is downloaded as a file.

use std::sync::Arc;

use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::error::PageError;
use super::form::Form;
use super::layout::{Layout, Place};
use super::refusion::{refuse, Refused};
use super::session::Visitor;
use super::{reading, render};
use crate::analysis::Analyser;
use crate::api::error::ApiError;
use crate::api::Shared;
use crate::policy::edit::{knobs, overlay, Knob};
use crate::policy::Policy;
use crate::store::Scope;

/// Newest analyses that are made again.
const MOST: u32 = 500;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/policies/{name}/workbench", reading().to(show))
        .route("/policies/{name}/workbench", web::post().to(tried))
        .route("/policies/{name}/workbench/policy.toml", web::post().to(download));
}

#[derive(Template)]
#[template(path = "workbench.html")]
struct WorkbenchPage {
    layout: Layout,
    base: String,
    version: String,
    name: String,
    groups: Vec<Group>,
    /// What is wrong with the numbers.
    fault: Option<String>,
    /// Numbers that differ from the policy's.
    changed: usize,
    result: Refused,
}

/// Numbers that belong together.
struct Group {
    title: &'static str,
    knobs: Vec<Input>,
}

/// One number as it stands in the form.
struct Input {
    knob: Knob,
    text: String,
}

/// Numbers that were sent.
struct Tried {
    name: String,
    inputs: Vec<Input>,
    /// The file that says so.
    text: String,
    changed: usize,
    /// What is wrong with a number by itself.
    fault: Option<String>,
}

impl Tried {
    /// The numbers of a form; a number that is not sent is the policy's.
    fn of(form: &Form, analyser: &Analyser) -> Self {
        let base = analyser.policy();
        let name = form.text("name").map_or_else(|| format!("{}-edited", base.name), str::to_owned);
        let (mut inputs, mut changed, mut fault) = (Vec::new(), Vec::new(), None);
        for knob in knobs(base, &analyser.models()) {
            let text = form.text(&knob.path).map_or_else(|| knob.value.to_string(), str::to_owned);
            match text.parse::<f64>() {
                Ok(value) if value.is_finite() && value != knob.value => {
                    changed.push((knob.path.clone(), value));
                }
                Ok(value) if value.is_finite() => {}
                _ => fault = Some(format!("{}: \"{text}\" is no number.", knob.path)),
            }
            inputs.push(Input { knob, text });
        }
        let numbers: Vec<(&str, f64)> =
            changed.iter().map(|(path, value)| (path.as_str(), *value)).collect();
        let text = overlay(base, &name, &numbers);
        Self { name, inputs, text, changed: changed.len(), fault }
    }

    /// The policy that they make.
    ///
    /// # Errors
    /// What is wrong with them, in words.
    fn policy(&self, shared: &Shared) -> Result<Policy, String> {
        match &self.fault {
            Some(fault) => Err(fault.clone()),
            None => shared.policies.parse(&self.text).map_err(|error| error.to_string()),
        }
    }
}

async fn show(
    shared: web::Data<Shared>,
    request: HttpRequest,
    name: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    page(&shared, &visitor, &name, &Form::default()).await
}

async fn tried(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
    name: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (visitor, form) = Visitor::posting(&shared, &request, payload).await?;
    page(&shared, &visitor, &name, &form).await
}

async fn download(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
    name: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (visitor, form) = Visitor::posting(&shared, &request, payload).await?;
    let analyser = chosen(&shared, &visitor, &name)?;
    let tried = Tried::of(&form, &analyser);
    let policy = tried.policy(&shared).map_err(PageError::invalid)?;
    let file = DispositionParam::Filename(format!("{}.toml", policy.name));
    let disposition =
        ContentDisposition { disposition: DispositionType::Attachment, parameters: vec![file] };
    let answer = HttpResponse::Ok()
        .content_type("application/toml; charset=utf-8")
        .insert_header(disposition)
        .body(tried.text);
    Ok(answer)
}

/// The policy of a name, if the visitor's requests may name it.
fn chosen(shared: &Shared, visitor: &Visitor, name: &str) -> Result<Arc<Analyser>, PageError> {
    visitor.needs(Scope::Read)?;
    let set = shared.policies.set();
    let (_, known) = shared.policies.allowed(&set, &visitor.key.organisation);
    let found = known.into_iter().find(|analyser| analyser.policy().name == name);
    found.ok_or_else(|| PageError::not_found("There is no policy of this name."))
}

async fn page(
    shared: &Shared,
    visitor: &Visitor,
    name: &str,
    form: &Form,
) -> Result<HttpResponse, PageError> {
    let analyser = chosen(shared, visitor, name)?;
    let tried = Tried::of(form, &analyser);
    let (policy, fault) = match tried.policy(shared) {
        Ok(policy) => (Some(policy), None),
        Err(fault) => (None, Some(fault)),
    };
    let result = match policy {
        Some(policy) => {
            let stored = shared.store.derivations(&visitor.key.organisation, MOST).await?;
            let base = Arc::clone(&analyser);
            let work = move || refuse(&stored, base.policy(), &policy);
            web::block(work).await.map_err(|e| ApiError::internal(&e))?
        }
        None => Refused::default(),
    };
    let status = if fault.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let page = WorkbenchPage {
        layout: visitor.layout(format!("Workbench: {name}"), Place::Policies),
        base: name.to_owned(),
        version: analyser.policy().version.clone(),
        name: tried.name,
        groups: groups(tried.inputs),
        fault,
        changed: tried.changed,
        result,
    };
    render(status, &page)
}

fn groups(inputs: Vec<Input>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for input in inputs {
        match groups.last_mut().filter(|group| group.title == input.knob.group) {
            Some(group) => group.knobs.push(input),
            None => groups.push(Group { title: input.knob.group, knobs: vec![input] }),
        }
    }
    groups
}
