// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images that are handed over together on the page of batches: a batch as `POST /v1/analyze/batch` makes
//! it, which may be one claim.

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::error::PageError;
use super::see_other;
use super::session::Visitor;
use crate::api::acceptance::{accept, check_size, Prepared, Together};
use crate::api::auth::take_request;
use crate::api::error::ApiError;
use crate::api::submission::{
    check_reference, claim_of_person, order_of_person, read_parts, text, Images, Part,
};
use crate::api::Shared;
use crate::store::Scope;

/// Longest name of a file that is an image's reference, characters: at most 4 bytes each of 256.
const LONGEST_NAME: usize = 64;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.route("/batches", web::post().to(submit));
}

/// What the form on the page of batches offers; none for who may not hand images over.
pub(super) struct SeveralForm {
    /// Policies, the one first that is taken where none is chosen.
    pub(super) policies: Vec<String>,
    /// Most images.
    pub(super) most: u64,
}

impl SeveralForm {
    pub(super) fn of(shared: &Shared, visitor: &Visitor) -> Option<Self> {
        visitor.may(Scope::Analyze).then(|| Self {
            policies: shared.policies.names_for(&visitor.key.organisation),
            most: shared.rates.allowance(&visitor.key).batch_size,
        })
    }
}

/// The form's fields.
#[derive(Default)]
struct Fields {
    token: Option<String>,
    /// Each with the name of its file.
    images: Vec<(Option<String>, Vec<u8>)>,
    policy: Option<String>,
    reference_id: Option<String>,
    claimed_at: Option<String>,
    is_claim: bool,
}

impl Fields {
    fn take(&mut self, part: Part) -> Result<(), ApiError> {
        let Part { name, file_name, value } = part;
        if name == "image" {
            // A browser sends an empty file where none is chosen.
            if !value.is_empty() {
                let shortened = |name: String| name.chars().take(LONGEST_NAME).collect();
                self.images.push((file_name.map(shortened), value));
            }
            return Ok(());
        }
        let text = text(&name, value)?;
        let text = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        match name.as_str() {
            "token" => self.token = text,
            "policy" => self.policy = text,
            "reference_id" => self.reference_id = text,
            "claimed_at" => self.claimed_at = text,
            "claim" => self.is_claim = text.is_some(),
            other => return Err(ApiError::invalid(format!("unknown field \"{other}\""))),
        }
        Ok(())
    }
}

/// A request of the API in all but its form.
async fn submit(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    visitor.needs(Scope::Analyze)?;
    let key = &visitor.key;
    take_request(&shared, &request, key).await?;
    let _place = shared.enter(&key.organisation)?;
    let mut fields = Fields::default();
    let images = Images::Several {
        most: usize::try_from(shared.rates.allowance(key).batch_size).unwrap_or(usize::MAX),
        bytes: usize::try_from(shared.service.max_batch_bytes).unwrap_or(usize::MAX),
    };
    let take = |part: Part| fields.take(part);
    read_parts(&request, payload, shared.bounds(), images, take).await?;
    visitor.check_token(fields.token.as_deref())?;
    if fields.images.is_empty() {
        return Err(PageError::invalid("No images were chosen; choose files."));
    }
    check_size(&shared, key, fields.images.len() as u64)?;
    check_reference("reference_id", fields.reference_id.as_deref())?;
    shared.policies.choose_for(&key.organisation, fields.policy.as_deref())?;
    let Fields { images, policy, reference_id, claimed_at, is_claim, .. } = fields;
    let claim = is_claim.then(|| claim_of_person(policy.clone())).flatten();
    let prepare = |(name, image): (Option<String>, Vec<u8>)| {
        let order = order_of_person(policy.clone(), name, claimed_at.clone())?;
        Prepared::of_image(order, image)
    };
    let prepared = images.into_iter().map(prepare).collect::<Result<Vec<_>, _>>()?;
    let together = Together { reference_id, webhook_url: None, claim };
    let accepted = accept(&shared, key, together, prepared, |_| Ok(None)).await?;
    Ok(see_other(&format!("/batches/{}", accepted.batch_id)))
}
