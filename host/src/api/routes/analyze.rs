// SPDX-License-Identifier: MIT OR Apache-2.0
//! `POST /v1/analyze`: one image, answered when its verdict is there, or told to a webhook then.

use std::sync::Arc;
use std::time::Instant;

use actix_web::http::header::ContentType;
use actix_web::http::StatusCode;
use actix_web::{web, HttpMessage as _, HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::analysis::Analyser;
use crate::api::answers::{keep, or_noted};
use crate::api::auth::authorise;
use crate::api::body;
use crate::api::cache::digest;
use crate::api::error::ApiError;
use crate::api::idempotency::{IdempotencyKey, IDEMPOTENCY_KEY};
use crate::api::jobs::{
    examine, is_kept, kept, Charge, Examined, Question, Source, Task, TaskSource,
};
use crate::api::memo::Memo;
use crate::api::openapi::Failures;
use crate::api::submission::{content_type, Document, Form, Submission};
use crate::api::Shared;
use crate::store::{ApiKey, FirstAnswer, JobQueue as _, NewJob, NewJobs, Scope};
use crate::view::{AnalysisBody, RequestId};

/// An image that is examined while nobody waits.
#[derive(Serialize, ToSchema)]
struct Accepted<'a> {
    request_id: &'a str,
    /// The client's own name for it.
    reference_id: Option<&'a str>,
    /// `processing`.
    status: &'static str,
    /// Where the result will be.
    status_url: String,
}

/// One image, examined at once; with `options.webhook_url` later, and told to a webhook.
#[utoipa::path(
    post, path = "/v1/analyze", tag = "analysis", security(("key" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "A request that is sent again under it within a day gets the first answer")),
    request_body(
        description = "An image and what to do with it",
        content((Document = "application/json"), (Form = "multipart/form-data")),
    ),
    responses(
        (status = 200, description = "The result", body = AnalysisBody, headers(("X-Cache" = String, description = "HIT or MISS"))),
        (status = 202, description = "Accepted; the webhook is told", body = Accepted),
        Failures,
    ),
)]
pub(super) async fn submit(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let start = Instant::now();
    let key = authorise(&shared, &request, Scope::Analyze).await?;
    let place = shared.enter(&key.organisation)?;
    let name = request.extensions().get::<RequestId>().cloned();
    let name = name.ok_or_else(|| ApiError::internal(&"a request without a name"))?;
    let generation = shared.policies.generation();
    let (submission, body) = match content_type(&request) {
        "application/json" => {
            let bytes =
                body::read(&request, payload, shared.bounds().json(), shared.pace()).await?;
            let digest = Memo::digest(&key.organisation, &bytes);
            let is_plain = !request.headers().contains_key(IDEMPOTENCY_KEY);
            if let Some(asked) = shared.memo.find(&digest, generation).filter(|_| is_plain) {
                let reference_id = asked.reference_id;
                let kept = kept(&shared, &asked.cache_key, &name, reference_id.as_deref()).await?;
                if let Some(mut examined) = kept {
                    keep(&shared, &key, &name, reference_id, None, &mut examined).await?;
                    return Ok(answer(examined));
                }
            }
            (Submission::read_json(&bytes, shared.bounds())?, Some(digest))
        }
        "multipart/form-data" => {
            (Submission::read_form(&request, payload, shared.bounds()).await?, None)
        }
        other => {
            return Err(ApiError::invalid(format!(
                "expected the content type application/json or multipart/form-data, found \"{other}\""
            )));
        }
    };
    let order = &submission.order;
    let analyser = shared.policies.choose_for(&key.organisation, order.policy.as_deref())?;
    order.request()?.choose(&analyser.models())?;

    let once = IdempotencyKey::of(&request, &key.organisation, || asked(&submission))?;
    // What is behind a URL may be another picture the next time.
    let body = body.filter(|_| matches!(submission.source, Source::Bytes(_)));
    let memo = body.map(|digest| (digest, generation));
    let about = About { key, name, analyser, start };
    let Some(once) = once else {
        return do_it(&shared, &request, about, submission, None, memo).await;
    };
    // Whoever sends it again is to find the first answer, wherever the client is by then.
    let promised = async move {
        let _place = place;
        let _turn = shared.cache.enter(once.turn(), &shared.store).await?;
        if let Some(first) = once.first_answer(&shared.store).await? {
            return Ok(again(first));
        }
        do_it(&shared, &request, about, submission, Some(&once), memo).await
    };
    actix_web::rt::spawn(promised).await.map_err(|e| ApiError::internal(&e))?
}

/// Does what is asked, and keeps the answer under `once` and as that to the body of `memo`.
async fn do_it(
    shared: &Arc<Shared>,
    request: &HttpRequest,
    about: About,
    submission: Submission,
    once: Option<&IdempotencyKey>,
    memo: Option<([u8; 32], u64)>,
) -> Result<HttpResponse, ApiError> {
    if submission.webhook.is_some() {
        return accept(shared, request, about, submission, once).await;
    }
    let reference_id = submission.order.reference_id.as_deref().map(Arc::from);
    let (key, name) = (about.key.clone(), about.name.clone());
    let mut examined = of_now(shared, about, submission).await?;
    keep(shared, &key, &name, reference_id.clone(), once, &mut examined).await?;
    if let Some((digest, generation)) = memo {
        shared.memo.keep(digest, generation, examined.key, reference_id);
    }
    Ok(answer(examined))
}

/// Gets the image and examines it; what could not be done with it is logged.
async fn of_now(
    shared: &Arc<Shared>,
    about: About,
    submission: Submission,
) -> Result<Examined<'_>, ApiError> {
    let About { key, name, analyser, start } = about;
    let key = &key;
    let image = match submission.source {
        Source::Bytes(image) => image,
        Source::Url(target) => {
            let fetched = shared.fetcher.fetch(&target).await.map_err(ApiError::from);
            or_noted(shared, key, &name, fetched, None).await?
        }
    };
    let (organisation, order) = (key.organisation.clone(), submission.order);
    let question = Question { organisation, name: name.clone(), order, image, analyser, start };
    let examined = examine(shared, question, Charge::Key(key)).await;
    or_noted(shared, key, &name, examined, Some(shared.rates.charge(key, 1))).await
}

fn answer(examined: Examined<'_>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header(("X-Cache", if examined.is_hit { "HIT" } else { "MISS" }))
        .body(examined.body)
}

/// Everything that is asked, as a digest.
fn asked(submission: &Submission) -> [u8; 32] {
    let order = json!(submission.order).to_string();
    let webhook = submission.webhook.as_ref().map(ToString::to_string).unwrap_or_default();
    match &submission.source {
        Source::Bytes(image) => digest(&[b"bytes", image, order.as_bytes(), webhook.as_bytes()]),
        Source::Url(url) => {
            let url = url.to_string();
            digest(&[b"url", url.as_bytes(), order.as_bytes(), webhook.as_bytes()])
        }
    }
}

/// An answer that was given before.
pub(super) fn again(first: FirstAnswer) -> HttpResponse {
    let status = StatusCode::from_u16(first.status).unwrap_or(StatusCode::OK);
    HttpResponse::build(status)
        .content_type(ContentType::json())
        .insert_header(("X-Cache", "HIT"))
        .body(first.body)
}

/// What is known of a request before its image is looked at.
struct About {
    key: Arc<ApiKey>,
    name: RequestId,
    analyser: Arc<Analyser>,
    start: Instant,
}

async fn accept(
    shared: &Arc<Shared>,
    request: &HttpRequest,
    about: About,
    submission: Submission,
    once: Option<&IdempotencyKey>,
) -> Result<HttpResponse, ApiError> {
    let About { key, name, analyser, start } = about;
    let key = &key;
    shared.check_queue(&key.organisation, 1).await?;
    let (organisation, order) = (key.organisation.clone(), submission.order);
    let id = name.clone();
    let (source, order, is_known) = match submission.source {
        Source::Bytes(image) => {
            let question = Question { organisation, name, order, image, analyser, start };
            let is_known = is_kept(shared, &question).await?;
            (Source::Bytes(question.image), question.order, is_known)
        }
        url @ Source::Url(_) => (url, order, false),
    };
    // An answer that is kept is not charged; what is behind a URL is known when it has been fetched.
    let charge = (!is_known).then(|| shared.rates.charge(key, 1));
    if charge.is_some() {
        shared.rates.check_day(&shared.store, key, 1).await?;
    }
    let name = id.to_string();
    let source = match source {
        Source::Bytes(image) => {
            let written = shared.blobs.write(&name, image).await;
            written.map_err(|e| ApiError::depot(&e))?;
            TaskSource::Blob
        }
        Source::Url(target) => TaskSource::Url(target.to_string()),
    };
    let reference_id = order.reference_id.clone();
    let task = Task { source, order, is_refundable: !is_known };
    let status_url = format!("{}/v1/analyses/{name}", shared.public_url(request));
    let accepted = Accepted {
        request_id: &name,
        reference_id: reference_id.as_deref(),
        status: "processing",
        status_url,
    };
    let body = serde_json::to_string(&accepted).map_err(|e| ApiError::internal(&e))?;
    let job = NewJob {
        request_id: name,
        reference_id,
        webhook_url: submission.webhook.as_ref().map(ToString::to_string),
        task: json!(task).to_string(),
    };
    let remembered = once.map(|once| once.remember(202, &body));
    let new = NewJobs {
        actor: &key.id,
        organisation: &key.organisation,
        batch: None,
        jobs: &[job],
        charge,
        answer: remembered.as_ref(),
    };
    shared.store.accept_jobs(&new).await?;
    shared.work.notify_one();
    Ok(HttpResponse::Accepted().content_type(ContentType::json()).body(body))
}
