// SPDX-License-Identifier: MIT OR Apache-2.0
//! What an admin does with the organisation's own keys, secret and deliveries, whether by the API or on a
//! page. Of what another organisation has, it is said that it is not there.

use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{ApiError, Code};
use super::{check_endpoint, Shared};
use crate::net::AddressRange;
use crate::store::{ApiKey, Environment, KeyRequest, NewKey, Scope, StoreError, OVERLAP_SECONDS};

/// Longest overlap of two keys or secrets, s: 30 days.
pub(crate) const LONGEST_OVERLAP: u32 = 2_592_000;

/// What is asked of a new key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = NewKey)]
pub(crate) struct Create {
    /// `development`, `staging` or `production`.
    pub(crate) environment: String,
    /// `analyze`, `read`, `admin`.
    pub(crate) scopes: Vec<String>,
    /// Paths that it may be used for; any if empty.
    pub(crate) endpoints: Vec<String>,
    /// CIDR ranges that it may be used from; any if empty.
    pub(crate) allow_ips: Vec<String>,
    /// When it ends, RFC 3339.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) expires_at: Option<Timestamp>,
}

impl Default for Create {
    fn default() -> Self {
        Self {
            environment: "production".into(),
            scopes: vec!["analyze".into(), "read".into()],
            endpoints: Vec::new(),
            allow_ips: Vec::new(),
            expires_at: None,
        }
    }
}

/// What a key is restricted to from now on; what is left out stays as it was.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = Restriction)]
pub(crate) struct Restrict {
    /// Paths that it may be used for; any if empty.
    pub(crate) endpoints: Option<Vec<String>>,
    /// CIDR ranges that it may be used from; any if empty.
    pub(crate) allow_ips: Option<Vec<String>>,
}

/// How long the old one goes on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rotate {
    /// At most 30 days; a day unless given.
    pub(crate) overlap_seconds: u32,
}

impl Default for Rotate {
    fn default() -> Self {
        Self { overlap_seconds: OVERLAP_SECONDS }
    }
}

impl Create {
    /// Checks what is asked by itself.
    ///
    /// # Errors
    /// `INVALID_REQUEST` where it makes no key.
    pub(super) fn check(self) -> Result<(), ApiError> {
        self.request("").map(drop)
    }

    fn request(self, organisation: &str) -> Result<KeyRequest, ApiError> {
        let word = |e: StoreError| match e {
            StoreError::Corrupt { what, value } => {
                ApiError::invalid(format!("unknown {what} \"{value}\""))
            }
            other => other.into(),
        };
        let environment: Environment = self.environment.parse().map_err(word)?;
        let scopes = self.scopes.iter().map(|scope| scope.parse::<Scope>());
        let scopes: Vec<_> = scopes.collect::<Result<_, _>>().map_err(word)?;
        if scopes.is_empty() {
            return Err(ApiError::invalid("scopes must hold at least one scope"));
        }
        check_paths(&self.endpoints)?;
        let addresses = ranges(&self.allow_ips)?;
        if self.expires_at.is_some_and(|end| end <= Timestamp::now()) {
            return Err(ApiError::invalid("expires_at must be in the future"));
        }
        Ok(KeyRequest {
            organisation: organisation.into(),
            plan: None,
            environment,
            scopes,
            endpoints: self.endpoints,
            addresses,
            expires_at: self.expires_at,
        })
    }
}

impl Restrict {
    /// Checks what is asked by itself.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for a path or range that is none.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        check_paths(self.endpoints.as_deref().unwrap_or_default())?;
        ranges(self.allow_ips.as_deref().unwrap_or_default()).map(drop)
    }
}

impl Rotate {
    /// Checks what is asked by itself.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for an overlap that is too long.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        check_overlap(self.overlap_seconds)
    }
}

/// The organisation's keys, the oldest first.
///
/// # Errors
/// When the database fails.
pub(crate) async fn own_keys(shared: &Shared, admin: &ApiKey) -> Result<Vec<ApiKey>, ApiError> {
    let keys = shared.store.keys().await?.into_iter();
    Ok(keys.filter(|key| key.organisation == admin.organisation).collect())
}

/// One of the organisation's keys.
///
/// # Errors
/// `NOT_FOUND` where it has none of this name.
pub(crate) async fn own_key(shared: &Shared, admin: &ApiKey, id: &str) -> Result<ApiKey, ApiError> {
    let keys = own_keys(shared, admin).await?;
    keys.into_iter().find(|key| key.id == id).ok_or_else(no_key)
}

/// Makes a key.
///
/// # Errors
/// `INVALID_REQUEST` where what is asked of it makes none.
pub(crate) async fn create_key(
    shared: &Shared,
    admin: &ApiKey,
    create: Create,
) -> Result<NewKey, ApiError> {
    let asked = create.request(&admin.organisation)?;
    Ok(shared.store.create_key(&asked, &shared.service.region, &admin.id).await?)
}

/// Makes a key with the rights of another, which goes on for so many seconds.
///
/// # Errors
/// `NOT_FOUND` where the organisation has none of this name, `INVALID_REQUEST` where it is over or is
/// to go on for too long.
pub(crate) async fn rotate_key(
    shared: &Shared,
    admin: &ApiKey,
    id: &str,
    overlap_seconds: u32,
) -> Result<NewKey, ApiError> {
    check_overlap(overlap_seconds)?;
    own_key(shared, admin, id).await?;
    let region = &shared.service.region;
    shared.store.rotate_key(id, overlap_seconds, region, &admin.id).await.map_err(key_error)
}

/// Restricts a key in the place of what it was restricted to. The one that asks cannot shut itself out.
///
/// # Errors
/// `NOT_FOUND` where the organisation has none of this name, `INVALID_REQUEST` where it is over, is the
/// one that asks, or a path or range is none.
pub(crate) async fn restrict_key(
    shared: &Shared,
    admin: &ApiKey,
    id: &str,
    restrict: Restrict,
) -> Result<(), ApiError> {
    let key = own_key(shared, admin, id).await?;
    if key.id == admin.id {
        let message = "A key cannot restrict itself; use another key of the organisation.";
        return Err(ApiError::invalid(message));
    }
    let endpoints = restrict.endpoints.unwrap_or(key.endpoints);
    check_paths(&endpoints)?;
    let addresses = ranges(&restrict.allow_ips.unwrap_or(key.addresses))?;
    let restricted = shared.store.restrict_key(id, &endpoints, &addresses, &admin.id);
    restricted.await.map_err(key_error)
}

/// Ends a key at once.
///
/// # Errors
/// As [`rotate_key`].
pub(crate) async fn revoke_key(shared: &Shared, admin: &ApiKey, id: &str) -> Result<(), ApiError> {
    own_key(shared, admin, id).await?;
    shared.store.revoke_key(id, &admin.id).await.map_err(key_error)
}

/// Makes a new secret for webhooks; the one before signs beside it for so many seconds.
///
/// # Errors
/// `INVALID_REQUEST` where it is to do so for too long.
pub(crate) async fn rotate_secret(
    shared: &Shared,
    admin: &ApiKey,
    overlap_seconds: u32,
) -> Result<String, ApiError> {
    check_overlap(overlap_seconds)?;
    let (store, organisation) = (&shared.store, &admin.organisation);
    Ok(store.rotate_webhook_secret(organisation, overlap_seconds, &admin.id).await?.secret)
}

/// Sends one of the organisation's deliveries again.
///
/// # Errors
/// `NOT_FOUND` where it has none of this name.
pub(crate) async fn redeliver(shared: &Shared, admin: &ApiKey, id: &str) -> Result<(), ApiError> {
    let (store, now) = (&shared.store, shared.sender.now());
    if !store.redeliver(id, &admin.organisation, now, &admin.id).await? {
        return Err(no_delivery());
    }
    shared.sender.wake();
    Ok(())
}

/// Checks the state of deliveries that are asked for.
///
/// # Errors
/// `INVALID_REQUEST` for one that there is not.
pub(crate) fn check_state(state: Option<&str>) -> Result<(), ApiError> {
    if state.is_some_and(|state| !["pending", "delivered", "abandoned"].contains(&state)) {
        return Err(ApiError::invalid("state must be pending, delivered or abandoned"));
    }
    Ok(())
}

/// That there is no such delivery.
pub(crate) fn no_delivery() -> ApiError {
    ApiError::new(Code::NotFound, "There is no delivery of this name.")
}

fn check_paths(paths: &[String]) -> Result<(), ApiError> {
    let check = |path: &String| check_endpoint(path);
    paths.iter().try_for_each(check).map_err(|e| ApiError::invalid(format!("endpoints: {e}")))
}

/// Address ranges as they are kept.
fn ranges(texts: &[String]) -> Result<Vec<String>, ApiError> {
    let ranges = texts.iter().map(|text| text.parse::<AddressRange>());
    let ranges = ranges.collect::<Result<Vec<_>, _>>();
    let ranges = ranges.map_err(|e| ApiError::invalid(format!("allow_ips: {e}")))?;
    Ok(ranges.iter().map(ToString::to_string).collect())
}

fn no_key() -> ApiError {
    ApiError::new(Code::NotFound, "There is no key of this name.")
}

fn check_overlap(seconds: u32) -> Result<(), ApiError> {
    if seconds > LONGEST_OVERLAP {
        let message = format!("overlap_seconds must be at most {LONGEST_OVERLAP}");
        return Err(ApiError::invalid(message));
    }
    Ok(())
}

fn key_error(error: StoreError) -> ApiError {
    match error {
        StoreError::KeyIsOver { .. } => ApiError::invalid(error.to_string()),
        StoreError::NoSuchKey { .. } => no_key(),
        other => other.into(),
    }
}
