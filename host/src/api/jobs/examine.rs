// SPDX-License-Identifier: MIT OR Apache-2.0
//! One image: the kept answer to it, or the detectors'.

use std::sync::Arc;
use std::time::Instant;

use assay_plugin_api::evidence::keys;
use jiff::Timestamp;

use super::order::Order;
use crate::analysis::copies::Rerun;
use crate::analysis::{Analyser, Asked, Derivation, StoredLocalisation};
use crate::api::cache::{CacheKey, Flight};
use crate::api::error::ApiError;
use crate::api::Shared;
use crate::cancel::Cancel;
use crate::claim::{Facts, Look};
use crate::store::{ApiKey, KeptResult};
use crate::view::{AnalysisView, Heatmap, Pictures, RequestId};
use crate::worker::Decoder;

/// The first field behind an answer's two names. A quotation mark in a name is written with a backslash
/// before it, so that this cannot stand within one.
const BEHIND: &str = ",\"status\":";

/// Who pays for an image.
#[derive(Clone, Copy)]
pub(crate) enum Charge<'a> {
    /// This key's day, with the answer or the failure as it is kept; it must have an image left.
    Key(&'a ApiKey),
    /// It was paid for when it was accepted.
    Paid,
}

/// One image and what is asked about it.
pub(crate) struct Question {
    pub(crate) organisation: Arc<str>,
    pub(crate) name: RequestId,
    pub(crate) order: Order,
    pub(crate) image: Vec<u8>,
    pub(crate) analyser: Arc<Analyser>,
    /// When the request came.
    pub(crate) start: Instant,
}

/// An answer.
pub(crate) struct Examined<'a> {
    /// The whole answer.
    pub(crate) body: String,
    /// What is kept of it.
    pub(crate) result: Arc<KeptResult>,
    /// What it is kept under.
    pub(crate) key: CacheKey,
    /// Whether it was given before.
    pub(crate) is_hit: bool,
    /// It is new: others may have it once it is kept under its own name.
    pub(crate) unpublished: Option<Unpublished<'a>>,
}

/// An answer that others wait for.
pub(crate) struct Unpublished<'a> {
    key: CacheKey,
    result: Arc<KeptResult>,
    flight: Flight<'a>,
}

impl Unpublished<'_> {
    /// Lets others have the answer: what they get refers to the analysis that is kept.
    pub(crate) async fn publish(self, shared: &Shared) {
        let Self { key, result, flight } = self;
        if let Err(error) = shared.cache.keep(key, &shared.store, result).await {
            tracing::warn!(%error, "an answer is not kept for identical requests");
        }
        drop(flight);
    }
}

/// Answers a question under its own names. Who stops waiting, dropping this, has its image given up: nothing is
/// begun for it any more, and what is under way keeps its permit until it has ended.
///
/// # Errors
/// Why the image cannot be examined, or its organisation's day is over.
pub(crate) async fn examine<'a>(
    shared: &'a Arc<Shared>,
    question: Question,
    charge: Charge<'_>,
) -> Result<Examined<'a>, ApiError> {
    let request = question.order.request()?;
    request.choose(&question.analyser.models())?;
    let key = CacheKey::of(&question, &request);
    let (name, reference_id) = (question.name.clone(), question.order.reference_id.clone());
    if let Some(kept) = kept(shared, &key, &name, reference_id.as_deref()).await? {
        return Ok(kept);
    }
    let flight = shared.cache.enter(key, &shared.store).await?;
    if let Some(kept) = kept(shared, &key, &name, reference_id.as_deref()).await? {
        return Ok(kept);
    }
    metrics::counter!("assay_cache_misses_total").increment(1);
    if let Charge::Key(payer) = charge {
        shared.rates.check_day(&shared.store, payer, 1).await?;
    }
    let running = Arc::clone(&shared.running);
    let permit = running.acquire_owned().await.map_err(|e| ApiError::internal(&e))?;
    let decoder = shared.decoder.clone();
    let secret = shared.store.fingerprint_key(&question.organisation).await?;
    let cancel = Cancel::default();
    let _waiting = cancel.waiting();
    let run = move || {
        let made = run(question, &decoder, &secret, &cancel);
        drop(permit);
        made
    };
    let begin = Instant::now();
    let done = tokio::task::spawn_blocking(run).await.map_err(|e| ApiError::internal(&e))?;
    let given_up = || ApiError::internal(&"an analysis was given up while it was waited for");
    let Made { body, localisation, derivation, fingerprint } = done?.ok_or_else(given_up)?;
    shared.throughput.record(begin.elapsed());
    let result = Arc::new(KeptResult {
        rest: rest(&body)?.to_owned(),
        localisation,
        derivation: Some(derivation),
        fingerprint: Some(fingerprint),
        first: name.to_string().into(),
    });
    let unpublished = Some(Unpublished { key, result: Arc::clone(&result), flight });
    Ok(Examined { body, result, key, is_hit: false, unpublished })
}

/// Whether a question has a kept answer.
///
/// # Errors
/// `INVALID_REQUEST` for a time that is none, or when the database fails.
pub(crate) async fn is_kept(shared: &Shared, question: &Question) -> Result<bool, ApiError> {
    let key = CacheKey::of(question, &question.order.request()?);
    Ok(shared.cache.find(&key, &shared.store).await?.is_some())
}

/// The answer that is kept under a key, under a request's names.
///
/// # Errors
/// When the database fails.
pub(crate) async fn kept(
    shared: &Shared,
    key: &CacheKey,
    name: &RequestId,
    reference_id: Option<&str>,
) -> Result<Option<Examined<'static>>, ApiError> {
    let Some(result) = shared.cache.find(key, &shared.store).await? else { return Ok(None) };
    metrics::counter!("assay_cache_hits_total").increment(1);
    let body = named(&result.rest, name, reference_id)?;
    Ok(Some(Examined { body, result, key: *key, is_hit: true, unpublished: None }))
}

/// What stands behind the two names of an answer; they come first, and no other field is so called.
fn rest(body: &str) -> Result<&str, ApiError> {
    let start = body.find(BEHIND).ok_or_else(|| ApiError::internal(&"an answer without names"))?;
    Ok(body.get(start..).unwrap_or_default())
}

/// A whole answer, given again under other names.
pub(crate) fn again(
    first: &str,
    name: &RequestId,
    reference_id: Option<&str>,
) -> Result<String, ApiError> {
    named(rest(first)?, name, reference_id)
}

/// An answer under a request's names.
fn named(rest: &str, name: &RequestId, reference_id: Option<&str>) -> Result<String, ApiError> {
    let reference_id = serde_json::to_string(&reference_id).map_err(|e| ApiError::internal(&e))?;
    Ok(format!("{{\"request_id\":\"{name}\",\"reference_id\":{reference_id}{rest}"))
}

/// What a run of the detectors gives.
struct Made {
    body: String,
    /// Where in the picture.
    localisation: Option<Vec<u8>>,
    /// What the verdict was made from.
    derivation: String,
    /// What the picture is recognised by.
    fingerprint: Vec<u8>,
}

/// Examines an image; `secret` is what the organisation's serial numbers are kept under. Nothing comes of it
/// once it is cancelled.
fn run(
    question: Question,
    decoder: &Decoder,
    secret: &[u8],
    cancel: &Cancel,
) -> Result<Option<Made>, ApiError> {
    if cancel.is_set() {
        return Ok(None);
    }
    let Question { order, image, analyser, .. } = question;
    let request = order.request()?;
    let image = Arc::new(decoder.read(image, analyser.foresees(&request))?);
    if cancel.is_set() {
        return Ok(None);
    }
    let seen = Arc::clone(&image);
    let look = analyser.beside(move || Look::of_image(&seen));
    let analysis = analyser.analyse_for(&image, &request, cancel)?;
    if cancel.is_set() {
        return Ok(None);
    }
    let again = analysis.reruns.iter().flat_map(Rerun::answers);
    for outcome in analysis.outcomes.iter().chain(again) {
        metrics::histogram!(
            "assay_detector_seconds",
            "detector" => outcome.model_key.clone(), "status" => outcome.outcome.status()
        )
        .record(outcome.duration_ms / 1e3);
    }
    metrics::counter!("assay_verdicts_total", "label" => analysis.verdict.label.as_str())
        .increment(1);
    let found = analysis.localisation.as_ref();
    let heatmap = match found.filter(|_| order.return_heatmap) {
        Some(found) => {
            let drawn = Heatmap::inline(found, &image);
            Some(drawn.map_err(|e| ApiError::internal(&e))?)
        }
        None => None,
    };
    let has_pictures = order.return_heatmap || order.return_drawings;
    let pictures = if has_pictures { Pictures::Inline } else { Pictures::LeftOut };
    let took = question.start.elapsed().as_millis();
    let view = AnalysisView {
        request_id: question.name,
        reference_id: order.reference_id.as_deref(),
        source: None,
        processed_at: Timestamp::now(),
        processing_time_ms: u64::try_from(took).unwrap_or(u64::MAX),
        heatmap,
        pictures,
        analysis: &analysis,
        policy: analyser.policy(),
    };
    let size = (image.width(), image.height());
    let localisation = found.map(|found| StoredLocalisation::of(found, size).to_bytes());
    let localisation = localisation.transpose().map_err(|e| ApiError::internal(&e))?;
    let asked = Asked {
        models: order.models.clone(),
        metadata_analysis: order.metadata_analysis,
        claimed_at: order.claimed_at.clone(),
    };
    let derivation = Derivation::of(&analysis, asked).to_text();
    let facts = Facts::read(
        image.blob(keys::EXIF),
        &analysis.outcomes,
        order.claimed_at.as_deref(),
        secret,
    );
    let fingerprint = look.get().clone().with(facts).to_bytes();
    Ok(Some(Made { body: view.to_json().to_string(), localisation, derivation, fingerprint }))
}
