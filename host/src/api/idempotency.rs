// SPDX-License-Identifier: MIT OR Apache-2.0
//! `Idempotency-Key`: a client that does not know whether its request arrived sends it again under the
//! same key, and gets the first answer if it did.

use actix_web::HttpRequest;
use jiff::Timestamp;

use super::cache::CacheKey;
use super::error::{ApiError, Code};
use crate::store::{FirstAnswer, Remembered, Store};

/// The header.
pub(super) const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// How long a first answer is kept, s: a day.
const KEPT_SECONDS: i64 = 86_400;
/// Longest key, bytes.
const LONGEST: usize = 255;

/// One organisation's key for one request.
#[derive(Debug)]
pub(super) struct IdempotencyKey {
    organisation: String,
    key: String,
    /// Digest of what is asked.
    request: [u8; 32],
}

impl IdempotencyKey {
    /// The key that the request carries, if any; `asked` is a digest of what it asks.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for a key that is empty, too long or not plain text.
    pub(super) fn of(
        request: &HttpRequest,
        organisation: &str,
        asked: impl FnOnce() -> [u8; 32],
    ) -> Result<Option<Self>, ApiError> {
        let Some(value) = request.headers().get(IDEMPOTENCY_KEY) else { return Ok(None) };
        let key = value.to_str().ok().filter(|key| (1..=LONGEST).contains(&key.len()));
        let key = key.ok_or_else(|| {
            ApiError::invalid(format!("Idempotency-Key must be 1 to {LONGEST} ASCII characters"))
        })?;
        Ok(Some(Self { organisation: organisation.into(), key: key.into(), request: asked() }))
    }

    /// Whose turn it is to work under the key.
    pub(super) fn turn(&self) -> CacheKey {
        CacheKey::of_idempotency(&self.organisation, &self.key)
    }

    /// The first answer under the key.
    ///
    /// # Errors
    /// `IDEMPOTENCY_CONFLICT` where something else was asked.
    pub(super) async fn first_answer(
        &self,
        store: &Store,
    ) -> Result<Option<FirstAnswer>, ApiError> {
        let since = Timestamp::now().as_second() - KEPT_SECONDS;
        let first = store.first_answer(&self.organisation, &self.key, since).await?;
        match first {
            Some(first) if first.request != self.request => {
                let message = "This Idempotency-Key was used for another request; take a new one.";
                Err(ApiError::new(Code::IdempotencyConflict, message))
            }
            first => Ok(first),
        }
    }

    /// The answer as it is remembered.
    pub(super) fn remember(&self, status: u16, body: &str) -> Remembered<'_> {
        let request = self.request.to_vec();
        Remembered {
            key: &self.key,
            answer: FirstAnswer { request, status, body: body.into() },
            since: Timestamp::now().as_second() - KEPT_SECONDS,
        }
    }

    /// Keeps the answer for those who ask again.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn keep(&self, store: &Store, body: &str) -> Result<(), ApiError> {
        let now = Timestamp::now().as_second();
        Ok(store.keep_first_answer(&self.organisation, &self.remember(200, body), now).await?)
    }
}
