// SPDX-License-Identifier: MIT OR Apache-2.0
//! Decisive findings: the policy's rules that raise or lower a probability whatever the scores say.

use assay_plugin_api::finding::Finding;
use assay_plugin_api::report::Value;

use super::ensemble::{Estimate, Standing, State};
use crate::analysis::outcome::Outcome;
use crate::policy::schema::{Bounds, Condition, ParamValue};
use crate::policy::{Hypothesis, Policy, Rule};

/// What the policy's rules do to one image.
#[derive(Clone, Debug)]
pub struct Fired<'a> {
    /// Rules with a finding, by name, with the model keys of the detectors that found it.
    pub matched: Vec<(&'a Rule, Vec<String>)>,
    /// Rules that a failed detector could have set off.
    pub possible: Vec<&'a Rule>,
}

impl<'a> Fired<'a> {
    /// Looks for the findings of each rule that is in force.
    #[must_use]
    pub fn of(standings: &[Standing<'_>], policy: &'a Policy) -> Self {
        let in_force = || policy.rules.iter().filter(|rule| rule.enabled);
        let found = |rule: &'a Rule| {
            let finders = standings.iter().filter(|standing| finds(standing, rule));
            let mut keys: Vec<_> = finders.map(|s| s.detector.model_key.clone()).collect();
            keys.dedup();
            (!keys.is_empty()).then_some((rule, keys))
        };
        let possible = in_force().filter(|rule| standings.iter().any(|s| could_find(s, rule)));
        Self { matched: in_force().filter_map(found).collect(), possible: possible.collect() }
    }

    /// The tightest bounds of the matched rules.
    #[must_use]
    pub fn bounds(&self, hypothesis: Hypothesis) -> Bounds {
        let bounds = || self.matched.iter().map(|(rule, _)| rule.bounds(hypothesis));
        Bounds {
            at_least: bounds().filter_map(|b| b.at_least).max_by(f64::total_cmp),
            at_most: bounds().filter_map(|b| b.at_most).min_by(f64::total_cmp),
        }
    }

    /// The estimate with the rules applied. Where a rule raises and another lowers, the one that
    /// raises wins: a claim of innocence never outweighs a proof of the contrary.
    #[must_use]
    pub fn apply(&self, hypothesis: Hypothesis, estimate: Estimate) -> Estimate {
        let bounds = self.bounds(hypothesis);
        let bounded =
            |p: f64| p.min(bounds.at_most.unwrap_or(1.0)).max(bounds.at_least.unwrap_or(0.0));
        let possible = self.possible.iter().filter_map(|rule| rule.bounds(hypothesis).at_least);
        let p_at_most = possible.fold(bounded(estimate.p_at_most), f64::max);
        Estimate { p: bounded(estimate.p), p_at_most, ..estimate }
    }
}

/// Whether a failed detector could have set off a rule.
#[must_use]
pub fn could_find(standing: &Standing<'_>, rule: &Rule) -> bool {
    standing.state == State::Faulted && heeds(rule, &standing.detector.model_key)
}

fn heeds(rule: &Rule, model_key: &str) -> bool {
    rule.detector.as_ref().is_none_or(|detector| detector == model_key)
}

fn finds(standing: &Standing<'_>, rule: &Rule) -> bool {
    match (&standing.state, &standing.detector.outcome) {
        (State::Scored(_), Outcome::Scored(report)) => {
            heeds(rule, &standing.detector.model_key)
                && report.findings.iter().any(|finding| matches(rule, finding))
        }
        _ => false,
    }
}

/// Whether the finding is one that the rule means.
#[must_use]
pub fn matches(rule: &Rule, finding: &Finding) -> bool {
    let code = finding.code.as_str();
    let is_code = match rule.finding.strip_suffix('*') {
        Some(prefix) => code.starts_with(prefix),
        None => code == rule.finding,
    };
    let holds = |(name, condition): (&String, &Condition)| {
        let value = finding.values.iter().find(|value| value.name.as_str() == name);
        value.is_some_and(|value| meets(&value.value, condition))
    };
    is_code && finding.severity >= rule.min_severity && rule.conditions.iter().all(holds)
}

fn meets(value: &Value, condition: &Condition) -> bool {
    match condition {
        Condition::Equals(wanted) => equals(value, wanted),
        Condition::OneOf { one_of } => one_of.iter().any(|wanted| equals(value, wanted)),
        Condition::Within { min, max } => number_of(value).is_some_and(|number| {
            min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max)
        }),
    }
}

fn equals(value: &Value, wanted: &ParamValue) -> bool {
    match (value, wanted) {
        (Value::Bool(value), ParamValue::Bool(wanted)) => value == wanted,
        (Value::Text(value), ParamValue::Text(wanted)) => value.as_str() == wanted,
        (Value::Int(value), ParamValue::Int(wanted)) => value == wanted,
        (value, ParamValue::Int(wanted)) => number_of(value) == Some(*wanted as f64),
        (value, ParamValue::Real(wanted)) => number_of(value) == Some(*wanted),
        _ => false,
    }
}

fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Real(number) => Some(*number),
        _ => None,
    }
}
