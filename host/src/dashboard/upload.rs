// SPDX-License-Identifier: MIT OR Apache-2.0
//! An image that is handed over on the start page: examined as `POST /v1/analyze` does, then shown.

use std::sync::Arc;
use std::time::Instant;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};

use super::error::PageError;
use super::see_other;
use super::session::Visitor;
use crate::api::answers::answer;
use crate::api::auth::take_request;
use crate::api::error::ApiError;
use crate::api::submission::{order_of_person, read_parts, text, Images, Part};
use crate::api::Shared;
use crate::store::Scope;
use crate::view::RequestId;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.route("/analyses", web::post().to(submit));
}

/// What the form on the start page offers; none for who may not hand images over.
pub(super) struct UploadForm {
    /// Policies, the one first that is taken where none is chosen.
    pub(super) policies: Vec<String>,
    /// Largest image, bytes.
    pub(super) most_bytes: u64,
}

impl UploadForm {
    pub(super) fn of(shared: &Shared, visitor: &Visitor) -> Option<Self> {
        visitor.may(Scope::Analyze).then(|| Self {
            policies: shared.policies.names_for(&visitor.key.organisation),
            most_bytes: shared.limits.max_file_bytes,
        })
    }
}

/// The form's fields.
#[derive(Default)]
struct Fields {
    token: Option<String>,
    image: Option<Vec<u8>>,
    policy: Option<String>,
    reference_id: Option<String>,
    claimed_at: Option<String>,
}

impl Fields {
    fn take(&mut self, part: Part) -> Result<(), ApiError> {
        let Part { name, value, .. } = part;
        let name = name.as_str();
        if name == "image" {
            self.image = Some(value).filter(|image| !image.is_empty());
            return Ok(());
        }
        let text = text(name, value)?;
        let text = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        match name {
            "token" => self.token = text,
            "policy" => self.policy = text,
            "reference_id" => self.reference_id = text,
            "claimed_at" => self.claimed_at = text,
            other => return Err(ApiError::invalid(format!("unknown field \"{other}\""))),
        }
        Ok(())
    }
}

/// A request of the API in all but its form: it takes a place and counts against the minute, and its image
/// against the day.
async fn submit(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let (shared, start) = (shared.into_inner(), Instant::now());
    let visitor = Visitor::of(&shared, &request).await?;
    visitor.needs(Scope::Analyze)?;
    let key = &visitor.key;
    take_request(&shared, &request, key).await?;
    let _place = shared.enter(&key.organisation)?;
    let mut fields = Fields::default();
    let take = |part: Part| fields.take(part);
    read_parts(&request, payload, shared.bounds(), Images::One, take).await?;
    visitor.check_token(fields.token.as_deref())?;
    let image =
        fields.image.ok_or_else(|| PageError::invalid("No image was chosen; choose a file."))?;
    let order = order_of_person(fields.policy, fields.reference_id, fields.claimed_at)?;
    let name = request.extensions().get::<RequestId>().cloned();
    let name = name.ok_or_else(|| ApiError::internal(&"a request without a name"))?;
    answer(&Arc::clone(&shared), key, &name, (order, image), start).await?;
    Ok(see_other(&format!("/analyses/{name}")))
}
