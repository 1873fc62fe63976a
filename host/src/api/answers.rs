// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers to one image: asked for while somebody waits, kept, and found again, for the API and for pages.

use std::sync::Arc;
use std::time::Instant;

use super::error::ApiError;
use super::idempotency::IdempotencyKey;
use super::jobs::{again, examine, Charge, Examined, Order, Question};
use super::Shared;
use crate::store::{self, ApiKey, Kept, NewAnalysis, Repeat, StoredAnalysis};
use crate::view::RequestId;

/// Examines an image for a key's organisation while it waits, and keeps the answer under the name.
///
/// # Errors
/// Why the image cannot be examined, or the organisation's day is over.
pub(crate) async fn answer(
    shared: &Arc<Shared>,
    key: &ApiKey,
    name: &RequestId,
    (order, image): (Order, Vec<u8>),
    start: Instant,
) -> Result<(), ApiError> {
    let analyser = shared.policies.choose_for(&key.organisation, order.policy.as_deref())?;
    let reference_id = order.reference_id.as_deref().map(Arc::from);
    let organisation = Arc::clone(&key.organisation);
    let question = Question { organisation, name: name.clone(), order, image, analyser, start };
    let examined = examine(shared, question, Charge::Key(key)).await;
    let charge = shared.rates.charge(key, 1);
    let mut examined = or_noted(shared, key, name, examined, Some(charge)).await?;
    keep(shared, key, name, reference_id, None, &mut examined).await
}

/// What came of a request, after it was logged, and charged where it is to be, where its image could not be
/// examined.
pub(super) async fn or_noted<T>(
    shared: &Shared,
    key: &ApiKey,
    name: &RequestId,
    done: Result<T, ApiError>,
    charge: Option<store::Charge>,
) -> Result<T, ApiError> {
    if let Some(error) = done.as_ref().err().filter(|error| error.code.is_of_image()) {
        let (id, code) = (name.to_string(), error.code.as_str());
        shared.store.keep_failure(&key.id, &id, &key.organisation, code, charge).await?;
    }
    done
}

/// Keeps an answer for who asks for it once more, under `once` too: whole and charged, or, when it was given
/// before, by the name of the first. From then on others may have it.
pub(super) async fn keep(
    shared: &Shared,
    key: &ApiKey,
    name: &RequestId,
    reference_id: Option<Arc<str>>,
    once: Option<&IdempotencyKey>,
    examined: &mut Examined<'_>,
) -> Result<(), ApiError> {
    let (request_id, result) = (name.to_string(), &examined.result);
    let organisation = &key.organisation;
    if examined.is_hit {
        let (organisation, first) = (Arc::clone(organisation), Arc::clone(&result.first));
        let repeat = Repeat { request_id, organisation, first, reference_id };
        shared.store.keep_repeat(repeat);
        if let Some(once) = once {
            once.keep(&shared.store, &examined.body).await?;
        }
        return Ok(());
    }
    let kept = Kept {
        body: &examined.body,
        localisation: result.localisation.as_deref(),
        derivation: result.derivation.as_deref(),
        fingerprint: result.fingerprint.as_deref(),
    };
    let remembered = once.map(|once| once.remember(200, &examined.body));
    let new = NewAnalysis {
        actor: &key.id,
        request_id: &request_id,
        organisation,
        kept,
        charge: Some(shared.rates.charge(key, 1)),
        answer: remembered.as_ref(),
    };
    shared.store.keep_analysis(&new).await?;
    if let Some(unpublished) = examined.unpublished.take() {
        unpublished.publish(shared).await;
    }
    Ok(())
}

/// The finished analysis of an organisation's own request, with its answer under the request's names.
///
/// # Errors
/// When the database fails, or holds an answer that is none.
pub(crate) async fn finished(
    shared: &Shared,
    request_id: &str,
    organisation: &str,
) -> Result<Option<StoredAnalysis>, ApiError> {
    if let Some(own) = shared.store.own_analysis(request_id, organisation).await? {
        return Ok(Some(own));
    }
    let Some((first, reference_id)) = shared.store.repeat(request_id, organisation).await? else {
        return Ok(None);
    };
    let Some(mut found) = shared.store.own_analysis(&first, organisation).await? else {
        return Ok(None);
    };
    if let Some(name) = RequestId::parse(request_id) {
        found.body = again(&found.body, &name, reference_id.as_deref())?;
    }
    Ok(Some(found))
}
