// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who asks, and whether they may.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpMessage as _, HttpRequest};
use jiff::Timestamp;

use super::error::{ApiError, Code};
use super::{guesses, Shared};
use crate::net::AddressRange;
use crate::store::{region_of, ApiKey, Scope};

/// The key of a request, if it may be used for this: known, in force, within its minute, allowed to
/// do what `scope` says, on this path, from this address.
///
/// # Errors
/// `INVALID_API_KEY` without a key that is in force, `RATE_LIMIT_EXCEEDED` past its minute or where too
/// many unknown keys came from, `FORBIDDEN` where it is restricted.
pub(super) async fn authorise(
    shared: &Shared,
    request: &HttpRequest,
    scope: Scope,
) -> Result<Arc<ApiKey>, ApiError> {
    let text = bearer(request).ok_or_else(|| {
        refused("The request has no key; send the header `Authorization: Bearer KEY`.")
    })?;
    let key = identify(shared, request, text).await?;
    take_request(shared, request, &key).await?;
    if !key.scopes.contains(&scope) {
        let message = format!("The key lacks the scope `{scope}`; use another key.");
        return Err(ApiError::new(Code::Forbidden, message));
    }
    let path = request.path();
    if !key.endpoints.is_empty() && !key.endpoints.iter().any(|allowed| covers(allowed, request)) {
        let message = format!("The key may not be used for {path}; use another key.");
        return Err(ApiError::new(Code::Forbidden, message));
    }
    check_address(shared, &key, request)?;
    Ok(key)
}

/// The key of a text, if it is known and in force. Unknown ones are counted by address.
///
/// # Errors
/// `INVALID_API_KEY` for a key that is not in force, `WRONG_REGION` for one of another region,
/// `RATE_LIMIT_EXCEEDED` where too many unknown keys came from.
pub(crate) async fn identify(
    shared: &Shared,
    request: &HttpRequest,
    text: &str,
) -> Result<Arc<ApiKey>, ApiError> {
    check_region(shared, text)?;
    let key = find(shared, request, text).await?;
    let now = Timestamp::now().as_second();
    key.filter(|key| key.state(now) == "active").ok_or_else(|| {
        refused("The key is unknown, expired or revoked; use another or ask for one.")
    })
}

/// Checks that a key may be used from where a request comes.
///
/// # Errors
/// `FORBIDDEN` where it may not.
pub(crate) fn check_address(
    shared: &Shared,
    key: &ApiKey,
    request: &HttpRequest,
) -> Result<(), ApiError> {
    if is_allowed_here(shared, key, request)? {
        return Ok(());
    }
    let message = "The key may not be used from this address; use it from an allowed one.";
    Err(ApiError::new(Code::Forbidden, message))
}

/// The text behind `Bearer`, which may be written in any case (RFC 9110, 11.1).
fn bearer(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, text) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| text.trim())
}

fn refused(message: &str) -> ApiError {
    ApiError::new(Code::InvalidApiKey, message)
}

/// Counts a request that leads nowhere, if its key is in force; tells where its organisation stands.
pub(super) async fn count(shared: &Shared, request: &HttpRequest) -> Result<(), ApiError> {
    let Some(text) = bearer(request) else { return Ok(()) };
    let key = find(shared, request, text).await?;
    let now = Timestamp::now().as_second();
    let Some(key) = key.filter(|key| key.state(now) == "active") else { return Ok(()) };
    take_request(shared, request, &key).await
}

/// Counts a request, and has the policies in force that are so when it comes.
///
/// # Errors
/// `RATE_LIMIT_EXCEEDED` past the organisation's minute.
pub(crate) async fn take_request(
    shared: &Shared,
    request: &HttpRequest,
    key: &ApiKey,
) -> Result<(), ApiError> {
    let (standing, taken, policies) = shared.rates.take_request(&shared.store, key).await?;
    request.extensions_mut().insert(standing);
    taken?;
    if let Some(turn) = policies {
        shared.policies.catch_up(&shared.store, turn).await;
    }
    Ok(())
}

/// Looks a key up, unless its address has sent too many that are unknown.
async fn find(
    shared: &Shared,
    request: &HttpRequest,
    text: &str,
) -> Result<Option<Arc<ApiKey>>, ApiError> {
    let address = request.peer_addr().map(|peer| client(shared, request, peer.ip()));
    let wait = address.and_then(|address| shared.guesses.wait(address, text));
    if let Some(wait) = wait {
        metrics::counter!("assay_unknown_keys_refused_total").increment(1);
        let message = "Too many unknown keys came from this address; wait and try again.";
        let wait = wait.as_secs() + 1;
        return Err(ApiError::new(Code::RateLimitExceeded, message).retry_after(wait));
    }
    let key = shared.store.find_key(text).await?;
    match (address, &key) {
        (Some(address), Some(_)) => shared.guesses.accept(address, text),
        (Some(address), None) => {
            metrics::counter!("assay_unknown_keys_total").increment(1);
            shared.guesses.count(address, text);
            count_among_hosts(shared, address).await;
        }
        (None, _) => {}
    }
    Ok(key)
}

/// Counts an unknown key for all hosts of the database; where that fails, this host's own count is left.
async fn count_among_hosts(shared: &Shared, address: IpAddr) {
    if !shared.store.is_shared() {
        return;
    }
    match shared.store.count_guess(&guesses::name(address), shared.guesses.step()).await {
        Ok(ahead) => shared.guesses.learn(address, ahead),
        Err(error) => tracing::warn!(%error, "an unknown key is counted by this host only"),
    }
}

/// Sends keys of other regions home.
fn check_region(shared: &Shared, text: &str) -> Result<(), ApiError> {
    let Some(region) = region_of(text).filter(|region| *region != shared.service.region) else {
        return Ok(());
    };
    let Some(url) = shared.service.regions.get(region) else { return Ok(()) };
    let message = format!("The key is at home in {region}; send the request to {url}.");
    Err(ApiError::new(Code::WrongRegion, message).elsewhere(url))
}

/// Whether an allowed path covers a request: it is the request's path, its route as the reference
/// writes it (`/v1/batches/{batch_id}`), or that route's collection (`/v1/batches`).
fn covers(allowed: &str, request: &HttpRequest) -> bool {
    let pattern = request.match_pattern().unwrap_or_default();
    let collection = pattern.split_once("/{").map(|(collection, _)| collection);
    allowed == request.path() || allowed == pattern || collection == Some(allowed)
}

fn is_allowed_here(shared: &Shared, key: &ApiKey, request: &HttpRequest) -> Result<bool, ApiError> {
    if key.addresses.is_empty() {
        return Ok(true);
    }
    let ranges = key.addresses.iter().map(|text| text.parse::<AddressRange>());
    let ranges = ranges.collect::<Result<Vec<_>, _>>().map_err(|e| ApiError::internal(&e))?;
    let address = request.peer_addr().map(|peer| client(shared, request, peer.ip()));
    Ok(address.is_some_and(|address| ranges.iter().any(|range| range.contains(address))))
}

/// Who asks: the peer, unless it is a trusted proxy; then the last address of `X-Forwarded-For` that
/// is none. What stands before that, anybody may have written.
fn client(shared: &Shared, request: &HttpRequest, peer: IpAddr) -> IpAddr {
    let trusted = &shared.service.trusted_proxies;
    let is_trusted = |address: IpAddr| trusted.iter().any(|range| range.contains(address));
    let headers = request.headers().get_all("X-Forwarded-For");
    let texts: Vec<_> = headers.filter_map(|value| value.to_str().ok()).collect();
    let mut address = peer;
    for text in texts.iter().rev().flat_map(|text| text.rsplit(',')) {
        if !is_trusted(address) {
            break;
        }
        let Ok(next) = text.trim().parse() else { break };
        address = next;
    }
    address
}
