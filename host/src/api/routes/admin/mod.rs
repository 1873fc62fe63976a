// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/v1/admin`: an organisation's own keys, webhooks and audit log.

pub(super) mod audit;
pub(super) mod keys;
pub(super) mod webhooks;

use actix_web::{web, HttpRequest};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::body;
use crate::api::error::ApiError;
use crate::api::json::from_json_or_none;
use crate::api::submission::content_type;
use crate::api::Shared;

/// Largest body, bytes.
const MOST_BYTES: usize = 64 << 10;
/// Most entries of one page, and how many there are unless asked for otherwise.
const PAGE: u32 = 100;

/// Something's new state.
#[derive(Serialize, ToSchema)]
struct Changed {
    id: String,
    state: &'static str,
}

/// Reads a small JSON body; none, or `null`, reads as an empty object.
async fn read<T: DeserializeOwned>(
    shared: &Shared,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<T, ApiError> {
    let bytes = body::read(request, payload, MOST_BYTES, shared.pace()).await?;
    let kind = content_type(request);
    if !bytes.is_empty() && kind != "application/json" {
        let message = format!("expected the content type application/json, found \"{kind}\"");
        return Err(ApiError::invalid(message));
    }
    from_json_or_none(&bytes)
}

fn time(at: i64) -> Option<String> {
    Timestamp::from_second(at).ok().map(|time| time.to_string())
}

fn milliseconds(at: i64) -> Option<String> {
    Timestamp::from_millisecond(at).ok().map(|time| time.to_string())
}
