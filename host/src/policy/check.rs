// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether a policy makes sense: in itself, with the detectors at hand, with their parameters.

use std::collections::BTreeSet;

use assay_plugin_api::params::ParamSpec;
use assay_plugin_api::report::{Attribute, Value};

use super::schema::{DetectorPolicy, Hypothesis, Policy};
use crate::config::document::fault::{Fault, Faults};
use crate::config::document::reader::Collector;
use crate::config::document::{Place, Source};

/// Checks what concerns several values: orders, sums, contradictions.
pub(super) fn sense(policy: &Policy, collector: &Collector) {
    let fault = |path: &str, message: String| {
        collector.push(Fault::new(policy.place_of(path), message));
    };
    for (key, detector) in &policy.detectors {
        let (clear, threshold) = (detector.clear_below, detector.threshold);
        if clear > threshold {
            let path = format!("detectors.{key}.clear_below");
            let message =
                format!("`{path}` must be at most `threshold` ({threshold}), found {clear}");
            fault(&path, message);
        }
    }
    let below = policy.verdict.authentic_below;
    for hypothesis in Hypothesis::ALL {
        let (name, threshold) = (hypothesis.as_str(), policy.verdict.of(hypothesis));
        if below > threshold {
            let message = format!(
                "`verdict.authentic_below` must be at most `verdict.{name}` ({threshold}), \
                 found {below}"
            );
            fault("verdict.authentic_below", message);
        }
        let weights = &policy.fusion.of(hypothesis).weights;
        if weights.values().all(|weight| *weight == 0.0) {
            let path = format!("fusion.{name}.weights");
            fault(&path, format!("`{path}` must give at least one detector a weight other than 0"));
        }
    }
    let risk = &policy.risk;
    if risk.medium > risk.high {
        let message = format!(
            "`risk.high` must be at least `risk.medium` ({}), found {}",
            risk.medium, risk.high
        );
        fault("risk.high", message);
    }
    if below > risk.medium {
        let message = format!(
            "`verdict.authentic_below` must be at most `risk.medium` ({}), so that AUTHENTIC is \
             LOW, found {below}",
            risk.medium
        );
        fault("verdict.authentic_below", message);
    }
    for key in &policy.quorum.required {
        if !policy.is_enabled(key) {
            let message = format!("`quorum.required` names `{key}`, which the policy disables");
            fault(&format!("quorum.required.{key}"), message);
        }
    }
    rules(policy, &fault);
}

fn rules(policy: &Policy, fault: &impl Fn(&str, String)) {
    let mut names = BTreeSet::new();
    for rule in &policy.rules {
        let name = &rule.name;
        if !names.insert(name) {
            fault(&format!("rule.{name}.name"), format!("there are two rules named `{name}`"));
        }
        for hypothesis in Hypothesis::ALL {
            let bounds = rule.bounds(hypothesis);
            if let (Some(least), Some(most)) = (bounds.at_least, bounds.at_most) {
                if least > most {
                    let path = format!("rule.{name}.p_{}", hypothesis.as_str());
                    let message =
                        format!("`at_least` must be at most `at_most` ({most}), found {least}");
                    fault(&path, message);
                }
            }
        }
    }
}

/// Checks that the detectors which a policy names are among those at hand, by their model keys. A
/// detector that the policy disables need not be.
///
/// # Errors
/// A fault for each name that is not known, with the nearest one.
pub fn check_detectors(policy: &Policy, known: &[&str]) -> Result<(), Faults> {
    let collector = Collector::default();
    let check = |key: &str, place: &dyn Fn() -> Place| {
        if !known.contains(&key) && policy.is_enabled(key) {
            collector.push(Fault::unknown_name(place(), "detector", key, "", known));
        }
    };
    for key in policy.detectors.keys() {
        check(key, &|| policy.key_place_of(&format!("detectors.{key}")));
    }
    for hypothesis in Hypothesis::ALL {
        for key in policy.fusion.of(hypothesis).weights.keys() {
            let path = format!("fusion.{}.weights.{key}", hypothesis.as_str());
            check(key, &|| policy.key_place_of(&path));
        }
    }
    for key in &policy.quorum.required {
        check(key, &|| policy.place_of(&format!("quorum.required.{key}")));
    }
    for rule in policy.rules.iter().filter(|rule| rule.enabled) {
        if let Some(key) = &rule.detector {
            check(key, &|| policy.place_of(&format!("rule.{}.detector", rule.name)));
        }
    }
    collector.finish(())
}

/// Checks the parameters that a policy sets for a detector against the detector's own list.
///
/// # Errors
/// A fault for each parameter that is unknown, of the wrong type or out of range.
pub fn check_params(policy: &Policy, model_key: &str, specs: &[ParamSpec]) -> Result<(), Faults> {
    let known: Vec<_> = specs.iter().map(|spec| spec.name.as_str()).collect();
    let collector = Collector::default();
    for (name, value) in &policy.detector(model_key).params {
        let path = format!("detectors.{model_key}.params.{name}");
        match specs.iter().find(|spec| spec.name.as_str() == name) {
            None => {
                let within = format!(" of `{model_key}`");
                let place = policy.key_place_of(&path);
                collector.push(Fault::unknown_name(place, "parameter", name, &within, &known));
            }
            Some(spec) => {
                if let Err(message) = spec.check(&Value::from(value)) {
                    collector.push(Fault::new(policy.place_of(&path), message));
                }
            }
        }
    }
    collector.finish(())
}

impl DetectorPolicy {
    /// The parameters as the contract takes them.
    #[must_use]
    pub fn attributes(&self) -> Vec<Attribute> {
        self.params.iter().map(|(name, value)| Attribute::new(name, Value::from(value))).collect()
    }
}

impl Policy {
    /// Where the value of a dotted path is written; the table that it should be in where it is not.
    fn place_of(&self, path: &str) -> Place {
        self.written(path).map_or_else(|| self.nowhere(), |(_, value)| value.clone())
    }

    /// Where the key of a dotted path is written.
    fn key_place_of(&self, path: &str) -> Place {
        let place = self.written(path);
        place.map_or_else(|| self.nowhere(), |(key, _)| key.clone())
    }

    fn written(&self, path: &str) -> Option<&(Place, Place)> {
        let parents = std::iter::successors(Some(path), |p| p.rsplit_once('.').map(|(p, _)| p));
        parents.into_iter().find_map(|path| self.places.get(path))
    }

    /// No line of the file that has the policy's name.
    fn nowhere(&self) -> Place {
        let file = self.places.get("name").map_or(&self.name, |(key, _)| &key.source.name);
        let source = Source { name: file.clone(), text: String::new() };
        Place { source: source.into(), span: 0..0 }
    }
}
