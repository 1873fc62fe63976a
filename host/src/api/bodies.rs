// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bodies of requests by themselves, as far as they are read before the database is asked: by the functions by which the
//! routes read them. For those who hold the readers against bytes of any kind.

use std::time::Duration;

use actix_web::web::Payload;
use actix_web::HttpRequest;

use super::administration::{Create, Restrict, Rotate};
use super::body::Pace;
use super::json::from_json_or_none;
use super::routes::Batch;
use super::submission::{Bounds, Submission};
use super::ApiError;
use crate::net::Guard;

/// The pace at which a form must come that is there already.
const AT_ONCE: Pace = Pace { patience: Duration::from_secs(10), bytes_per_second: 1 };

/// What a JSON body is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// `POST /v1/analyze`.
    Analysis,
    /// `POST /v1/analyze/batch`.
    Batch,
    /// `POST /v1/admin/keys`.
    NewKey,
    /// `POST /v1/admin/keys/{id}/restrict`.
    Restriction,
    /// `POST /v1/admin/keys/{id}/rotate` and `POST /v1/admin/webhooks/secret/rotate`.
    Rotation,
}

impl Body {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Analysis, Self::Batch, Self::NewKey, Self::Restriction, Self::Rotation];

    /// Reads a body with images of at most `image_bytes` each, and webhooks where `guard` lets them go.
    ///
    /// # Errors
    /// What the client would be told.
    pub fn read(self, bytes: &[u8], image_bytes: u64, guard: &Guard) -> Result<(), ApiError> {
        let bounds = Bounds { image_bytes, guard, pace: AT_ONCE };
        match self {
            Self::Analysis => Submission::read_json(bytes, bounds).map(drop),
            Self::Batch => {
                let batch = Batch::read_json(bytes)?;
                batch.webhook(guard)?;
                let mut images = batch.images(bounds);
                images.try_for_each(|image| image.map(drop))
            }
            Self::NewKey => from_json_or_none::<Create>(bytes)?.check(),
            Self::Restriction => from_json_or_none::<Restrict>(bytes)?.check(),
            Self::Rotation => from_json_or_none::<Rotate>(bytes)?.check(),
        }
    }
}

/// Reads the form of `POST /v1/analyze`, with an image of at most `image_bytes`.
///
/// # Errors
/// What the client would be told.
pub async fn read_form(
    request: &HttpRequest,
    payload: Payload,
    image_bytes: u64,
    guard: &Guard,
) -> Result<(), ApiError> {
    let bounds = Bounds { image_bytes, guard, pace: AT_ONCE };
    Submission::read_form(request, payload, bounds).await.map(drop)
}
