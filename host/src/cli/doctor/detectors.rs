// SPDX-License-Identifier: MIT OR Apache-2.0
//! Detectors, what vouches for them, what keeps them in, and whether the policies fit them.

use std::path::PathBuf;
use std::sync::Arc;

use super::check::Check;
use crate::analysis::{Analyser, Pool};
use crate::cli::setup;
use crate::config::{Isolation, PluginSlot, Settings};
use crate::plugin::{LoadedDetector, Registry};
use crate::policy::{catalogue, Policy};
use crate::worker::confinement::Confinement;
use crate::worker::Decoder;

/// What to do where workers are not kept in.
const CLOSE_IN: &str =
    "use a kernel with Landlock and seccomp, and allow their system calls where a \
                        container or a service filters these";

/// A line for each detector, for the decoder, and for the policies where all detectors can be had.
pub(super) fn checks(settings: &Settings, default: &str) -> Vec<Check> {
    let mut registry = Registry::default();
    let mut checks = Vec::new();
    for slot in &settings.plugins {
        let opened = Registry::open(slot, &settings.plugin_search, &settings.workers);
        let made = opened.and_then(|detector| detector.try_out().map(|()| detector));
        let found = made.and_then(|detector| {
            let check = detector_check(slot, &detector);
            registry.add(detector).map(|()| check)
        });
        checks.push(found.unwrap_or_else(|e| Check::failed("detector", e)).of(&slot.model));
    }
    let is_whole = registry.detectors().len() == settings.plugins.len();
    checks.push(decoder(settings));
    checks.extend(is_whole.then(|| policies(&registry, settings, default)).into_iter().flatten());
    checks
}

fn detector_check(slot: &PluginSlot, detector: &LoadedDetector) -> Check {
    let (version, digest) = (&detector.descriptor().version, detector.plugin.digest());
    let vouched = match (&slot.signed_by, &slot.sha256) {
        (Some(_), _) => "signed",
        (None, Some(_)) => "pinned",
        (None, None) => "neither signed nor pinned",
    };
    let confinement = detector.plugin.confinement();
    let found = format!("{version}, {vouched}, {}; sha256 {digest}", place(confinement));
    let is_anybodys = slot.signed_by.is_none() && slot.sha256.is_none();
    match confinement {
        Some(confinement) if !confinement.is_tight() => {
            Check::failed("detector", found).advised(CLOSE_IN)
        }
        // What does not come with the program runs in processes of its own unless told otherwise.
        Some(_) if is_anybodys && !slot.is_shipped() => {
            let advice =
                format!("set `sha256` or `signed_by` in its [[plugin]] table ({})", slot.model);
            Check::warning("detector", found, advice)
        }
        _ => Check::ok("detector", found),
    }
}

fn decoder(settings: &Settings) -> Check {
    let decoder = match setup::decoder(settings, Isolation::Process) {
        Ok(decoder) => decoder,
        Err(error) => return Check::failed("decoder", error),
    };
    let confinement = match &decoder {
        Decoder::Here(_) => None,
        Decoder::Apart(apart) => Some(apart.confinement()),
    };
    match confinement {
        Some(tight) if tight.is_tight() => Check::ok("decoder", place(confinement)),
        Some(_) => Check::failed("decoder", place(confinement)).advised(CLOSE_IN),
        None => Check::warning(
            "decoder",
            place(confinement),
            "set `decoder.isolation = \"auto\"`: it reads strangers' files",
        ),
    }
}

fn place(confinement: Option<Confinement>) -> String {
    match confinement {
        None => "in the host's process".into(),
        Some(confinement) => format!("in processes of its own: {confinement}"),
    }
}

/// Whether each policy that requests can name, and the default one, can be read and fits the detectors.
fn policies(registry: &Registry, settings: &Settings, default: &str) -> Vec<Check> {
    let pool = match Pool::new(settings.pool_threads) {
        Ok(pool) => Arc::new(pool),
        Err(error) => return vec![Check::failed("policy", error)],
    };
    let mut names = match catalogue::available(&settings.policy_search) {
        Ok(names) => names,
        Err(error) => {
            let advice = "make the folders of `policies.search` readable";
            return vec![Check::failed("policy", error).advised(advice)];
        }
    };
    let named = settings.plans.named_policies().map(|(_, name)| name.to_owned());
    names.extend(named.chain([default.to_owned()]));
    names.sort();
    names.dedup();
    let look = |name: &String| {
        let check = policy(name, registry, &settings.policy_search, &pool);
        check.unwrap_or_else(|error| Check::failed("policy", error)).of(name)
    };
    names.iter().map(look).collect()
}

fn policy(
    name: &str,
    registry: &Registry,
    search: &[PathBuf],
    pool: &Arc<Pool>,
) -> Result<Check, Box<dyn std::error::Error>> {
    let policy = Arc::new(Policy::load(name, search)?);
    let found = format!("{}; sha256 {}", policy.version, policy.digest());
    Analyser::new(registry, policy, Arc::clone(pool))?;
    Ok(Check::ok("policy", found))
}
