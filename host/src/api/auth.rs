// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who asks, and whether they may.

use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpMessage as _, HttpRequest};
use jiff::Timestamp;

use super::error::{ApiError, Code};
use super::Shared;
use crate::net::AddressRange;
use crate::store::{ApiKey, Scope};

/// The key of a request, if it may be used for this: known, in force, within its minute, allowed to
/// do what `scope` says, on this path, from this address.
///
/// # Errors
/// `INVALID_API_KEY` without a key that is in force, `RATE_LIMIT_EXCEEDED` past its minute,
/// `FORBIDDEN` where it is restricted.
pub(super) async fn authorise(
    shared: &Shared,
    request: &HttpRequest,
    scope: Scope,
) -> Result<ApiKey, ApiError> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let text = header.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
    let text = text.ok_or_else(|| {
        refused("The request has no key; send the header `Authorization: Bearer KEY`.")
    })?;
    let key = shared.store.find_key(text).await?;
    let now = Timestamp::now().as_second();
    let key = key.filter(|key| key.state(now) == "active").ok_or_else(|| {
        refused("The key is unknown, expired or revoked; use another or ask for one.")
    })?;
    let (standing, taken) = shared.rates.take_request(&key);
    request.extensions_mut().insert(standing);
    taken?;
    if !key.scopes.contains(&scope) {
        let message = format!("The key lacks the scope `{scope}`; use another key.");
        return Err(ApiError::new(Code::Forbidden, message));
    }
    let path = request.path();
    if !key.endpoints.is_empty() && !key.endpoints.iter().any(|allowed| allowed == path) {
        let message = format!("The key may not be used for {path}; use another key.");
        return Err(ApiError::new(Code::Forbidden, message));
    }
    if !is_allowed_here(&key, request)? {
        let message = "The key may not be used from this address; use it from an allowed one.";
        return Err(ApiError::new(Code::Forbidden, message));
    }
    Ok(key)
}

fn refused(message: &str) -> ApiError {
    ApiError::new(Code::InvalidApiKey, message)
}

/// The peer's address decides; headers that name another are not believed.
fn is_allowed_here(key: &ApiKey, request: &HttpRequest) -> Result<bool, ApiError> {
    if key.addresses.is_empty() {
        return Ok(true);
    }
    let ranges = key.addresses.iter().map(|text| text.parse::<AddressRange>());
    let ranges = ranges.collect::<Result<Vec<_>, _>>().map_err(|e| ApiError::internal(&e))?;
    let peer = request.peer_addr().map(|peer| peer.ip());
    Ok(peer.is_some_and(|peer| ranges.iter().any(|range| range.contains(peer))))
}
