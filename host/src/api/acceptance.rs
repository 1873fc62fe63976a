// SPDX-License-Identifier: MIT OR Apache-2.0
//! Batches as they are accepted, from programs and from pages: charged, kept, and to be examined.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::json;

use super::error::{ApiError, Code};
use super::jobs::{Blobs, ClaimOrder, Order, Source, Task, TaskSource};
use super::Shared;
use crate::depot::DepotError;
use crate::store::{ApiKey, Batch, JobQueue as _, NewJob, NewJobs, Remembered};
use crate::view::RequestId;

/// Images of a batch that are put into the depot at once.
const KEPT_AT_ONCE: usize = 16;

/// One image, ready to be kept.
pub(crate) struct Prepared {
    request_id: String,
    task: Task,
    image: Option<Vec<u8>>,
}

/// What is said of the images together.
pub(crate) struct Together {
    /// The client's own name for the batch.
    pub(crate) reference_id: Option<String>,
    /// Where to tell that all are done.
    pub(crate) webhook_url: Option<String>,
    /// They are one claim.
    pub(crate) claim: Option<ClaimOrder>,
}

/// A batch that is being accepted.
pub(crate) struct Acceptance {
    pub(crate) batch_id: String,
    pub(crate) reference_id: Option<String>,
    pub(crate) images: u64,
    /// By how long images have taken lately, s.
    pub(crate) seconds: u64,
}

impl Prepared {
    /// An image and what is asked about it; what is wrong with the image is its answer.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub(crate) fn new(order: Order, source: Result<Source, ApiError>) -> Result<Self, ApiError> {
        let (source, image) = match source {
            Ok(Source::Bytes(image)) => (TaskSource::Blob, Some(image)),
            Ok(Source::Url(target)) => (TaskSource::Url(target.to_string()), None),
            Err(error) => {
                let code = error.code.as_str().to_owned();
                (TaskSource::Refused { code, message: error.message }, None)
            }
        };
        let request_id = RequestId::random().map_err(|e| ApiError::internal(&e))?.to_string();
        Ok(Self { request_id, task: Task { source, order, is_refundable: false }, image })
    }

    /// An image as it is and what is asked about it.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub(crate) fn of_image(order: Order, image: Vec<u8>) -> Result<Self, ApiError> {
        Self::new(order, Ok(Source::Bytes(image)))
    }

    async fn keep(self, blobs: &Blobs) -> Result<NewJob, DepotError> {
        if let Some(image) = self.image {
            blobs.write(&self.request_id, image).await?;
        }
        Ok(NewJob {
            request_id: self.request_id,
            reference_id: self.task.order.reference_id.clone(),
            webhook_url: None,
            task: json!(self.task).to_string(),
        })
    }
}

/// Checks that a batch of so many images may be submitted.
///
/// # Errors
/// `INVALID_REQUEST` for none, `BATCH_TOO_LARGE` for more than the plan allows.
pub(crate) fn check_size(shared: &Shared, key: &ApiKey, images: u64) -> Result<(), ApiError> {
    let most = shared.rates.allowance(key).batch_size;
    if images == 0 {
        return Err(ApiError::invalid("images must hold at least one image"));
    }
    if images > most {
        let message = format!("A batch must have at most {most} images, found {images}.");
        return Err(ApiError::new(Code::BatchTooLarge, message));
    }
    Ok(())
}

/// Charges a batch and keeps it, with what `remember` makes of it for a request that is sent again.
///
/// # Errors
/// When too much waits already, the day is over, or it cannot be kept; then nothing is.
pub(crate) async fn accept<'r>(
    shared: &Shared,
    key: &ApiKey,
    together: Together,
    prepared: Vec<Prepared>,
    remember: impl FnOnce(&Acceptance) -> Result<Option<Remembered<'r>>, ApiError>,
) -> Result<Acceptance, ApiError> {
    let images = prepared.len() as u64;
    shared.check_queue(&key.organisation, images).await?;
    let charged = u32::try_from(images).unwrap_or(u32::MAX);
    shared.rates.check_day(&shared.store, key, charged).await?;
    let kept = stream::iter(prepared).map(|prepared| prepared.keep(&shared.blobs));
    let jobs: Result<Vec<NewJob>, _> = kept.buffered(KEPT_AT_ONCE).try_collect().await;
    let jobs = jobs.map_err(|e| ApiError::depot(&e))?;
    let batch = Batch {
        batch_id: batch_id()?,
        reference_id: together.reference_id,
        webhook_url: together.webhook_url,
        claim_asked: together.claim.map(|order| json!(order).to_string()),
    };
    let ahead = shared.store.jobs_to_do().await?;
    let acceptance = Acceptance {
        batch_id: batch.batch_id.clone(),
        reference_id: batch.reference_id.clone(),
        images,
        seconds: shared.throughput.seconds_for(ahead + images, shared.at_once),
    };
    let remembered = remember(&acceptance)?;
    let new = NewJobs {
        actor: &key.id,
        organisation: &key.organisation,
        batch: Some(&batch),
        jobs: &jobs,
        charge: Some(shared.rates.charge(key, charged)),
        answer: remembered.as_ref(),
    };
    shared.store.accept_jobs(&new).await?;
    shared.work.notify_one();
    Ok(acceptance)
}

fn batch_id() -> Result<String, ApiError> {
    let name = RequestId::random().map_err(|e| ApiError::internal(&e))?.to_string();
    Ok(name.replacen("req_", "batch_", 1))
}
