// SPDX-License-Identifier: MIT OR Apache-2.0
//! What commands share: configuration, detectors, policies.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::api::Blobs;
use crate::config::settings::Limits;
use crate::config::{Isolation, Settings};
use crate::depot::Location;
use crate::image::DecodeLimits;
use crate::plugin::Registry;
use crate::policy::Policy;
use crate::worker::{ApartDecoder, Decoder};

use super::CommandError;

/// The configuration that `--config` or the environment names, else the usual one.
pub(super) fn settings(config: Option<&Path>) -> Result<Settings, CommandError> {
    Ok(Settings::load(config)?)
}

/// The configured detectors.
pub(super) fn registry(settings: &Settings) -> Result<Registry, CommandError> {
    Ok(Registry::load(settings)?)
}

/// What is refused before it is decoded.
pub(super) fn limits(settings: &Settings) -> DecodeLimits {
    let Limits { max_file_bytes, max_pixels, min_side } = settings.limits;
    DecodeLimits { max_file_bytes, max_pixels, min_side, ..DecodeLimits::default() }
}

/// What decodes files; `usual` says where, unless the configuration does.
pub(super) fn decoder(settings: &Settings, usual: Isolation) -> Result<Decoder, CommandError> {
    let limits = limits(settings);
    Ok(match settings.decoder.unwrap_or(usual) {
        Isolation::None => Decoder::Here(limits),
        Isolation::Process => {
            let longest = Duration::from_millis(settings.decode_timeout_ms);
            let apart = ApartDecoder::start(&settings.workers, limits, longest)?;
            Decoder::Apart(Arc::new(apart))
        }
    })
}

/// Where images wait for their job: what the command line or the environment says, else the
/// configuration; none for a folder of the data directory.
pub(super) fn blobs_location(
    said: Option<&str>,
    configured: Option<Location>,
) -> Result<Option<Location>, CommandError> {
    let said = said.map(Location::parse_here).transpose();
    let said = said.map_err(|e| format!("--blobs or ASSAY_BLOBS: {e}"))?;
    Ok(said.or(configured))
}

/// What images wait for their job in.
pub(super) fn blobs(
    said: Option<&str>,
    configured: Option<Location>,
    data: &Path,
    keep: Duration,
) -> Result<Blobs, CommandError> {
    Ok(match blobs_location(said, configured)? {
        Some(location) => Blobs::shared(location, keep)?,
        None => Blobs::own(data, keep)?,
    })
}

/// The policy of this name or file.
pub(super) fn policy(settings: &Settings, name: &str) -> Result<Policy, CommandError> {
    Ok(Policy::load(name, &settings.policy_search)?)
}
