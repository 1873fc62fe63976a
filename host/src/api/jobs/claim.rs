// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makes the claim that a batch's images are, once all of them are done.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{json, Value};

use super::order::ClaimOrder;
use super::runner::targets;
use crate::api::error::ApiError;
use crate::api::Shared;
use crate::claim::{self, Fingerprint, Known, Member};
use crate::store::{Batch, BatchStanding, ClaimImage, DueClaim, KnownPicture, LookUp, StoreError};
use crate::webhook;

/// How often a claim is taken up before its images are left uncompared: one that ends the process would
/// otherwise do so for ever.
const MOST_ATTEMPTS: u32 = 3;
/// Most earlier pictures with a near hash that are compared with each image.
const MOST_NEAR: usize = 20;
/// The organisation's newest pictures, with which every image is compared by its corners: crops have another hash.
const NEWEST: u32 = 500;

/// Makes a claim and writes it down with what its receiver is told; tells whether it was still held.
///
/// # Errors
/// When the database fails; the claim is to be made again then.
pub(super) async fn make(shared: &Arc<Shared>, due: &DueClaim) -> Result<bool, ApiError> {
    let images = shared.store.claim_images(&due.batch_id).await?;
    let members: Vec<Member> = images.iter().map(member).collect();
    let asked: Option<ClaimOrder> = serde_json::from_str(&due.asked).ok();
    let policy = asked.and_then(|order| order.policy);
    let organisation = &due.organisation;
    let chosen = shared.policies.choose_for(organisation, policy.as_deref());
    // The policy may have been removed since.
    let analyser = chosen.or_else(|_| shared.policies.choose_for(organisation, None))?;
    let body = if due.hold.attempts > MOST_ATTEMPTS {
        claim::give_up(&members, analyser.policy())
    } else {
        let known = known(shared, due, &members).await?;
        let (of_work, for_work) = (members.clone(), Arc::clone(&analyser));
        let work = move || claim::make(&of_work, &known, for_work.policy());
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
            tracing::error!(%error, batch_id = due.batch_id, "a claim's images cannot be compared");
            claim::give_up(&members, analyser.policy())
        })
    };
    let now = shared.sender.now();
    let announce = |batch: &Batch, standing: &BatchStanding| {
        let target = targets(batch.webhook_url.as_deref());
        let tell = |(url, receiver): (String, String)| {
            webhook::batch_complete((&url, &receiver), batch, standing, now)
        };
        target.map(tell).transpose()
    };
    Ok(shared.store.finish_claim(due, &json!(body).to_string(), announce).await?)
}

fn member(image: &ClaimImage) -> Member {
    let verdict: Value = serde_json::from_str(&image.outcome).unwrap_or(Value::Null);
    let risk = verdict.get("risk").and_then(Value::as_f64);
    Member {
        request_id: image.request_id.clone(),
        risk: risk.filter(|_| image.is_complete),
        fingerprint: image.fingerprint.as_deref().and_then(Fingerprint::parse),
    }
}

/// Pictures of the organisation that were there already: those whose file or hash is near, and the newest.
async fn known(
    shared: &Shared,
    due: &DueClaim,
    members: &[Member],
) -> Result<Vec<Known>, StoreError> {
    let look_up = LookUp { organisation: &due.organisation, batch_id: &due.batch_id };
    let mut near = Vec::new();
    for print in members.iter().filter_map(|member| member.fingerprint.as_ref()) {
        let keys = print.keys();
        let found =
            shared.store.pictures_like(look_up.organisation, &keys.digest, print.hashes()).await?;
        let distance =
            |(name, hash): (String, u64)| Some((claim::nearness(print.hashes(), hash)?, name));
        let mut nearest: Vec<(u32, String)> = found.into_iter().filter_map(distance).collect();
        nearest.sort();
        near.extend(nearest.into_iter().take(MOST_NEAR).map(|(_, name)| name));
    }
    near.sort_unstable();
    near.dedup();
    let mut pictures: BTreeMap<String, KnownPicture> = BTreeMap::new();
    let newest = shared.store.newest_pictures(look_up, NEWEST).await?;
    let near = shared.store.known_pictures(look_up, &near).await?;
    for picture in near.into_iter().chain(newest) {
        pictures.insert(picture.request_id.clone(), picture);
    }
    let known = |picture: KnownPicture| {
        let fingerprint = Fingerprint::parse(&picture.fingerprint)?;
        Some(Known { request_id: picture.request_id, fingerprint })
    };
    // Names of requests ascend with time: the newest first.
    Ok(pictures.into_values().rev().filter_map(known).collect())
}
