// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/plugins`: the detectors in service, what keeps them in, and how they have answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::error::PageError;
use super::health::{self, Health};
use super::layout::{Layout, Place};
use super::session::Visitor;
use super::{reading, render};
use crate::api::Shared;
use crate::plugin::LoadedDetector;
use crate::policy::{Hypothesis, Policy};
use crate::store::Scope;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.route("/plugins", reading().to(show));
}

#[derive(Template)]
#[template(path = "plugins.html")]
struct PluginsPage {
    layout: Layout,
    policy: String,
    plugins: Vec<Plugin>,
}

/// One detector.
pub(super) struct Plugin {
    pub(super) model: String,
    title: String,
    kind: &'static str,
    version: String,
    digest: String,
    contract: String,
    /// Its weights in the organisation's policy, for a picture that was generated and for one that was
    /// manipulated; none where the policy leaves it out.
    weights: Option<(f64, f64)>,
    deadline_ms: u64,
    /// What it gave up, where it runs in processes of its own.
    confinement: Option<String>,
    is_tight: bool,
    pub(super) health: Health,
    /// Calls that ended with its process, or were not made because too many had.
    process_faults: u64,
}

/// What the process has measured of all of them.
struct Measured<'a> {
    health: BTreeMap<String, Health>,
    process_faults: BTreeMap<&'a str, u64>,
}

impl Plugin {
    fn of(detector: &LoadedDetector, policy: &Policy, metrics: &Measured<'_>) -> Self {
        let (descriptor, plugin) = (detector.descriptor(), &detector.plugin);
        let file = plugin.path().file_name().and_then(|name| name.to_str());
        let settings = policy.detector(&detector.model_key);
        let confinement = plugin.confinement();
        let weight = |hypothesis| {
            let weights = &policy.fusion.of(hypothesis).weights;
            weights.get(&detector.model_key).copied().unwrap_or_default()
        };
        let weights = (weight(Hypothesis::AiGenerated), weight(Hypothesis::Manipulated));
        Self {
            model: detector.model_key.clone(),
            title: detector.title.clone(),
            kind: detector.kind.as_str(),
            version: descriptor.version.to_string(),
            digest: plugin.digest().to_owned(),
            contract: plugin.contract_version().to_owned(),
            weights: settings.enabled.then_some(weights),
            deadline_ms: settings.deadline_ms,
            is_tight: confinement.is_none_or(|confinement| confinement.is_tight()),
            confinement: confinement.map(|confinement| confinement.to_string()),
            health: metrics.health.get(&detector.model_key).copied().unwrap_or_default(),
            process_faults: file
                .and_then(|file| metrics.process_faults.get(file))
                .map_or(0, |n| *n),
        }
    }
}

/// The detectors in service, as an organisation's default policy has them.
pub(super) fn in_service(shared: &Shared, organisation: &str) -> (String, Vec<Plugin>) {
    let set = shared.policies.set();
    let (default, _) = shared.policies.allowed(&set, organisation);
    let text = shared.metrics.render();
    let metrics =
        Measured { health: health::of_all(&text), process_faults: health::process_faults(&text) };
    let detectors = shared.policies.detectors();
    let plugin = |detector: &Arc<LoadedDetector>| Plugin::of(detector, default.policy(), &metrics);
    (default.policy().name.clone(), detectors.iter().map(plugin).collect())
}

async fn show(shared: web::Data<Shared>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    visitor.needs(Scope::Read)?;
    let (policy, plugins) = in_service(&shared, &visitor.key.organisation);
    let layout = visitor.layout("Plugins", Place::Plugins);
    render(StatusCode::OK, &PluginsPage { layout, policy, plugins })
}
