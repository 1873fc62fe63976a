// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/policies`: the policies that the organisation's requests may name.

use std::sync::Arc;

use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::error::PageError;
use super::layout::{Layout, Place};
use super::session::Visitor;
use super::{reading, render};
use crate::analysis::Analyser;
use crate::api::error::ApiError;
use crate::api::Shared;
use crate::store::Scope;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/policies", reading().to(list))
        .route("/policies/{name}.toml", reading().to(download));
}

#[derive(Template)]
#[template(path = "policies.html")]
struct PoliciesPage {
    layout: Layout,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    version: String,
    description: String,
    digest: String,
    is_default: bool,
}

async fn list(shared: web::Data<Shared>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    visitor.needs(Scope::Read)?;
    let set = shared.policies.set();
    let (default, known) = shared.policies.allowed(&set, &visitor.key.organisation);
    let row = |analyser: &Arc<Analyser>| {
        let policy = analyser.policy();
        Row {
            name: policy.name.clone(),
            version: policy.version.clone(),
            description: policy.description.clone(),
            digest: policy.digest().to_owned(),
            is_default: policy.name == default.policy().name,
        }
    };
    let rows = known.iter().map(row).collect();
    let layout = visitor.layout("Policies", Place::Policies);
    render(StatusCode::OK, &PoliciesPage { layout, rows })
}

/// A policy with every default filled in, as `assay policy show` prints it.
async fn download(
    shared: web::Data<Shared>,
    request: HttpRequest,
    name: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    visitor.needs(Scope::Read)?;
    let set = shared.policies.set();
    let (_, known) = shared.policies.allowed(&set, &visitor.key.organisation);
    let found = known.iter().find(|analyser| analyser.policy().name == *name);
    let policy = found.ok_or_else(|| PageError::not_found("There is no policy of this name."))?;
    let policy = policy.policy();
    let text = toml::to_string_pretty(policy).map_err(|e| ApiError::internal(&e))?;
    let file = DispositionParam::Filename(format!("{name}.toml"));
    let disposition =
        ContentDisposition { disposition: DispositionType::Attachment, parameters: vec![file] };
    let answer = HttpResponse::Ok()
        .content_type("application/toml; charset=utf-8")
        .insert_header(disposition)
        .body(format!("# digest {}\n{text}", policy.digest()));
    Ok(answer)
}
