// SPDX-License-Identifier: MIT OR Apache-2.0
//! `POST /v1/analyze/batch` and `GET /v1/batches/{batch_id}`: many images, answered one by one.

use actix_web::http::header::ContentType;
use actix_web::{web, HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::analyze::again;
use crate::api::acceptance::{accept, check_size, Acceptance, Prepared, Together};
use crate::api::auth::authorise;
use crate::api::body;
use crate::api::cache::digest;
use crate::api::error::{ApiError, Code};
use crate::api::idempotency::IdempotencyKey;
use crate::api::jobs::{Order, Source};
use crate::api::json::{from_json, object, objects};
use crate::api::openapi::Failures;
use crate::api::page::{cursor, Page};
use crate::api::submission::{
    check_reference, content_type, source, webhook_target, Bounds, Context, Options,
};
use crate::api::Shared;
use crate::claim::ClaimBody;
use crate::net::{Guard, Target};
use crate::store::{BatchItem, BatchStanding, Scope};
use crate::view::{FailureBody, VerdictBody};

/// Most results of one page, and how many there are unless asked for otherwise.
const PAGE: u32 = 1_000;

/// Images and what to do with them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Batch)]
pub(in crate::api) struct Batch {
    /// One to the plan's number.
    #[serde(deserialize_with = "objects")]
    #[schema(min_items = 1)]
    images: Vec<Item>,
    #[serde(default, deserialize_with = "object")]
    #[schema(required = false)]
    options: Options,
    /// Where to tell that all are done.
    webhook_url: Option<String>,
    /// The client's own name for the batch.
    #[schema(max_length = 256)]
    batch_reference_id: Option<String>,
}

/// One image of a batch; either `image_url` or `image_base64`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BatchImage)]
struct Item {
    /// Publicly accessible URL of the image.
    image_url: Option<String>,
    /// The image in base64; a `data:` prefix is stripped.
    image_base64: Option<String>,
    /// The client's own name for it.
    #[schema(max_length = 256)]
    reference_id: Option<String>,
    #[serde(default, deserialize_with = "object")]
    #[schema(required = false)]
    context: Context,
}

/// A batch that was accepted.
#[derive(Serialize, ToSchema)]
struct BatchAccepted<'a> {
    batch_id: &'a str,
    batch_reference_id: Option<&'a str>,
    image_count: u64,
    /// By how long images have taken lately.
    estimated_completion_seconds: u64,
    /// Where the results will be.
    status_url: String,
}

/// How far a batch is.
#[derive(Serialize, ToSchema)]
struct BatchStatus {
    batch_id: String,
    batch_reference_id: Option<String>,
    /// `PROCESSING` or `COMPLETE`.
    status: &'static str,
    /// Images.
    total: u64,
    /// Those that were examined.
    completed: u64,
    /// Those that could not be.
    failed: u64,
    /// Those that are done, in the order of completion.
    results: Vec<BatchResult>,
    /// For the next page; null when there is none and none will be.
    next_cursor: Option<String>,
    /// What the images are together, when they were submitted as a claim; null until all are done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ClaimBody>)]
    claim: Option<Value>,
}

/// One image of a batch that is done.
#[derive(Serialize, ToSchema)]
struct BatchResult {
    request_id: String,
    reference_id: Option<String>,
    /// `complete` or `failed`.
    status: String,
    /// What the policy makes of it, when it is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<VerdictBody>)]
    verdict: Option<Value>,
    /// Why it could not be examined, when it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<FailureBody>)]
    error: Option<Value>,
}

/// Many images, examined later.
#[utoipa::path(
    post, path = "/v1/analyze/batch", tag = "analysis", security(("key" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "A request that is sent again under it within a day gets the first answer")),
    request_body = Batch,
    responses((status = 202, description = "Accepted", body = BatchAccepted), Failures),
)]
pub(super) async fn submit(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let key = authorise(&shared, &request, Scope::Analyze).await?;
    let _place = shared.enter(&key.organisation)?;
    let kind = content_type(&request);
    if kind != "application/json" {
        let message = format!("expected the content type application/json, found \"{kind}\"");
        return Err(ApiError::invalid(message));
    }
    let limit = usize::try_from(shared.service.max_batch_bytes).unwrap_or(usize::MAX);
    let bytes = body::read(&request, payload, limit, shared.pace()).await?;
    let once = IdempotencyKey::of(&request, &key.organisation, || digest(&[b"batch", &bytes]))?;
    let batch = Batch::read_json(&bytes)?;
    drop(bytes);
    let _turn = match &once {
        Some(once) => Some(shared.cache.enter(once.turn(), &shared.store).await?),
        None => None,
    };
    if let Some(once) = &once {
        if let Some(first) = once.first_answer(&shared.store).await? {
            return Ok(again(first));
        }
    }
    check_size(&shared, &key, batch.images.len() as u64)?;
    let webhook = batch.webhook(shared.fetcher.guard())?;
    let prepared = prepare(&shared, &batch, &key.organisation)?;
    let together = Together {
        webhook_url: webhook.as_ref().map(ToString::to_string),
        claim: batch.options.claim_order(),
        reference_id: batch.batch_reference_id,
    };
    let mut body = String::new();
    let remember = |accepted: &Acceptance| {
        let answer = BatchAccepted {
            batch_id: &accepted.batch_id,
            batch_reference_id: accepted.reference_id.as_deref(),
            image_count: accepted.images,
            estimated_completion_seconds: accepted.seconds,
            status_url: format!("{}/v1/batches/{}", shared.public_url(&request), accepted.batch_id),
        };
        body = serde_json::to_string(&answer).map_err(|e| ApiError::internal(&e))?;
        Ok(once.as_ref().map(|once| once.remember(202, &body)))
    };
    accept(&shared, &key, together, prepared, remember).await?;
    Ok(HttpResponse::Accepted().content_type(ContentType::json()).body(body))
}

impl Batch {
    /// Reads a JSON body.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for what cannot be read.
    pub(in crate::api) fn read_json(bytes: &[u8]) -> Result<Self, ApiError> {
        from_json(bytes)
    }

    /// Where to tell that all are done.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for a reference that is too long, and a webhook that stands in the wrong place or leads where it
    /// may not.
    pub(in crate::api) fn webhook(&self, guard: &Guard) -> Result<Option<Target>, ApiError> {
        check_reference("batch_reference_id", self.batch_reference_id.as_deref())?;
        if self.options.has_webhook() {
            let message = "a batch's webhook_url stands beside options, not in it";
            return Err(ApiError::invalid(message));
        }
        let webhook = self.webhook_url.as_deref();
        webhook.map(|url| webhook_target("webhook_url", url, guard)).transpose()
    }

    /// What is asked about each image, and the image; what is wrong with the request is an error, what is wrong with an
    /// image stands for it.
    pub(in crate::api) fn images<'a>(
        &'a self,
        bounds: Bounds<'a>,
    ) -> impl Iterator<Item = Result<(Order, Result<Source, ApiError>), ApiError>> + 'a {
        self.images.iter().enumerate().map(move |(index, item)| {
            let named = |error: ApiError| ApiError {
                message: format!("images[{index}]: {}", error.message),
                ..error
            };
            let context = Context { claimed_at: item.context.claimed_at.clone() };
            let order = self.options.order(item.reference_id.clone(), context).map_err(named)?;
            let (url, text) = (item.image_url.as_deref(), item.image_base64.as_deref());
            Ok((order, source(url, text, bounds.image()).map_err(named)?))
        })
    }
}

/// Gets all images ready, with detectors and policies that there are.
fn prepare(shared: &Shared, batch: &Batch, organisation: &str) -> Result<Vec<Prepared>, ApiError> {
    let mut prepared = Vec::with_capacity(batch.images.len());
    for image in batch.images(shared.bounds()) {
        let (order, found) = image?;
        let analyser = shared.policies.choose_for(organisation, order.policy.as_deref())?;
        order.request()?.choose(&analyser.models())?;
        prepared.push(Prepared::new(order, found)?);
    }
    Ok(prepared)
}

/// How far a batch is, with the results that are there.
#[utoipa::path(
    get, path = "/v1/batches/{batch_id}", tag = "analysis", security(("key" = [])),
    params(
        ("batch_id" = String, Path),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "Most results, 1..=1000"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
    ),
    responses((status = 200, description = "The results so far", body = BatchStatus), Failures),
)]
pub(super) async fn show(
    shared: web::Data<Shared>,
    request: HttpRequest,
    batch_id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let key = authorise(&shared, &request, Scope::Read).await?;
    let page = Page::of(&request, PAGE)?;
    let behind = page.behind.unwrap_or(0);
    let standing = shared.store.batch(&batch_id, &key.organisation).await?;
    let standing = standing.ok_or_else(|| {
        let message = "There is no batch of this name; names start with batch_.";
        ApiError::new(Code::NotFound, message)
    })?;
    let items = shared.store.batch_items(&batch_id, behind, page.limit).await?;
    let is_done = standing.completed + standing.failed >= standing.total;
    let is_over = is_done && !standing.is_without_claim;
    let last = items.last().map_or(behind, |item| item.place);
    let has_all = u64::try_from(last).is_ok_and(|place| place >= standing.total);
    Ok(HttpResponse::Ok().json(BatchStatus {
        batch_id: batch_id.into_inner(),
        batch_reference_id: standing.reference_id.clone(),
        status: if is_over { "COMPLETE" } else { "PROCESSING" },
        total: standing.total,
        completed: standing.completed,
        failed: standing.failed,
        results: items.into_iter().map(result).collect(),
        next_cursor: (!has_all).then(|| cursor(last)),
        claim: claim(&standing),
    }))
}

/// The claim of a batch; null where it is still to be made, none where it is not asked for.
fn claim(standing: &BatchStanding) -> Option<Value> {
    let made = standing.claim.as_deref().and_then(|claim| serde_json::from_str(claim).ok());
    made.or(standing.is_without_claim.then_some(Value::Null))
}

fn result(item: BatchItem) -> BatchResult {
    let outcome = serde_json::from_str(&item.outcome).unwrap_or(Value::Null);
    let is_complete = item.state == "complete";
    let (verdict, error) = if is_complete { (Some(outcome), None) } else { (None, Some(outcome)) };
    BatchResult {
        request_id: item.request_id,
        reference_id: item.reference_id,
        status: item.state,
        verdict,
        error,
    }
}
