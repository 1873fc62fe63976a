// SPDX-License-Identifier: MIT OR Apache-2.0
//! What commands share: configuration, detectors, policies.

use std::path::Path;

use crate::config::settings::Limits;
use crate::config::Settings;
use crate::image::DecodeLimits;
use crate::plugin::Registry;
use crate::policy::Policy;

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

/// The policy of this name or file.
pub(super) fn policy(settings: &Settings, name: &str) -> Result<Policy, CommandError> {
    Ok(Policy::load(name, &settings.policy_search)?)
}
