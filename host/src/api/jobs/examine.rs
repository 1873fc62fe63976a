// SPDX-License-Identifier: MIT OR Apache-2.0
//! One image: the kept answer to it, or the detectors'.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::{json, Value};

use super::order::Order;
use crate::analysis::{Analyser, Localisation};
use crate::api::cache::CacheKey;
use crate::api::error::ApiError;
use crate::api::Shared;
use crate::image::evidence::ImageEvidence;
use crate::image::DecodeLimits;
use crate::store::{ApiKey, KeptResult};
use crate::view::{AnalysisView, Heatmap, RequestId};

/// Who pays for an image.
#[derive(Clone, Copy)]
pub(crate) enum Charge<'a> {
    /// This key's day, once it is clear that the detectors run.
    Key(&'a ApiKey),
    /// It was paid for when it was accepted.
    Paid,
}

/// One image and what is asked about it.
pub(crate) struct Question {
    pub(crate) organisation: String,
    pub(crate) name: RequestId,
    pub(crate) order: Order,
    pub(crate) image: Vec<u8>,
    pub(crate) analyser: Arc<Analyser>,
    /// When the request came.
    pub(crate) start: Instant,
}

/// An answer.
pub(crate) struct Examined {
    pub(crate) result: Arc<KeptResult>,
    /// Whether it was given before.
    pub(crate) is_hit: bool,
}

/// Answers a question under its own names.
///
/// # Errors
/// Why the image cannot be examined, or its organisation's day is over.
pub(crate) async fn examine(
    shared: &Arc<Shared>,
    question: Question,
    charge: Charge<'_>,
) -> Result<Examined, ApiError> {
    let request = question.order.request()?;
    request.choose(&question.analyser.models())?;
    let key = CacheKey::of(&question, &request);
    let (name, reference_id) = (question.name.clone(), question.order.reference_id.clone());
    let hit = |first: Arc<KeptResult>| -> Result<Examined, ApiError> {
        metrics::counter!("assay_cache_hits_total").increment(1);
        let body = renamed(&first.body, &name, reference_id.as_deref())?;
        let localisation = first.localisation.clone();
        Ok(Examined { result: Arc::new(KeptResult { body, localisation }), is_hit: true })
    };
    if let Some(first) = shared.cache.find(&key, &shared.store).await? {
        return hit(first);
    }
    let flight = shared.cache.enter(key).await;
    if let Some(first) = shared.cache.find(&key, &shared.store).await? {
        return hit(first);
    }
    metrics::counter!("assay_cache_misses_total").increment(1);
    if let Charge::Key(payer) = charge {
        shared.rates.take_images(&shared.store, payer, 1).await?;
    }
    let permit = shared.running.acquire().await.map_err(|e| ApiError::internal(&e))?;
    let limits = shared.limits;
    let run = move || run(question, &limits);
    let begin = Instant::now();
    let result = tokio::task::spawn_blocking(run).await.map_err(|e| ApiError::internal(&e))??;
    shared.throughput.record(begin.elapsed());
    drop(permit);
    let result = shared.cache.keep(key, &shared.store, result).await?;
    drop(flight);
    Ok(Examined { result, is_hit: false })
}

/// The first answer under this request's names.
fn renamed(first: &str, name: &RequestId, reference_id: Option<&str>) -> Result<String, ApiError> {
    let mut body: Value = serde_json::from_str(first).map_err(|e| ApiError::internal(&e))?;
    if let Some(fields) = body.as_object_mut() {
        fields.insert("request_id".into(), name.to_string().into());
        fields.insert("reference_id".into(), reference_id.into());
    }
    Ok(body.to_string())
}

fn run(question: Question, limits: &DecodeLimits) -> Result<KeptResult, ApiError> {
    let Question { order, image, analyser, .. } = question;
    let image = Arc::new(ImageEvidence::from_bytes(image, limits)?);
    let analysis = analyser.analyse(&image, &order.request()?)?;
    for outcome in &analysis.outcomes {
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
    let took = question.start.elapsed().as_millis();
    let view = AnalysisView {
        request_id: question.name,
        reference_id: order.reference_id.as_deref(),
        source: None,
        processed_at: Timestamp::now(),
        processing_time_ms: u64::try_from(took).unwrap_or(u64::MAX),
        heatmap,
        analysis: &analysis,
        policy: analyser.policy(),
    };
    let size = (image.width(), image.height());
    let localisation = found.map(|found| stored(found, size));
    Ok(KeptResult { body: view.to_json().to_string(), localisation })
}

/// Where in the picture, as it is kept: the size of the picture, and heats in 256 steps.
fn stored(found: &Localisation, (width, height): (u32, u32)) -> String {
    let map = &found.heatmap;
    let heats = map.values.iter().map(|heat| (heat * 255.0).round() as u8);
    json!({
        "width": width,
        "height": height,
        "columns": map.columns,
        "rows": map.rows,
        "cell_px": map.cell_px,
        "heats": heats.collect::<Vec<_>>(),
    })
    .to_string()
}
