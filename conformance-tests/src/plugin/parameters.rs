// SPDX-License-Identifier: MIT OR Apache-2.0
//! What an operator may set.

use assay_plugin_api::load::LoadError;
use assay_plugin_api::params::ParamSpec;
use assay_plugin_api::report::{Attribute, Value};

use super::{keeps, Case, Faults, Trial};
use crate::case::Problem;
use crate::evidence::jpeg;
use crate::fixtures;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "parameter-defaults",
        group: "parameters",
        description: "The detector is made with its defaults, left out or written out.",
        clause: keeps("Its defaults make a detector."),
        run: defaults,
    },
    Case {
        id: "parameter-range-ends",
        group: "parameters",
        description: "With a parameter at an end of its range, answers keep the contract.",
        clause: keeps("Any other value within a parameter's specification makes one too, or is refused with a message"),
        run: range_ends,
    },
    Case {
        id: "parameter-wrong-values",
        group: "parameters",
        description: "Unknown, mistyped and out-of-range parameters are refused with a message.",
        clause: keeps("a value outside it and an unknown name are refused with one."),
        run: wrong_values,
    },
];

/// The host narrows ranges without a bound to the numbers it can write.
const WIDEST: f64 = 1e15;

fn defaults(trial: &Trial<'_>) -> Result<(), Problem> {
    let plugin = trial.open()?;
    let written_out: Vec<_> = plugin
        .descriptor()
        .params
        .iter()
        .map(|spec| Attribute { name: spec.name.clone(), value: spec.default.clone() })
        .collect();
    for (what, given) in [("left out", Vec::new()), ("written out", written_out)] {
        trial.at(&format!("defaults {what}"));
        let made = plugin.create(&given);
        made.map_err(|e| Problem::failed(format!("defaults {what}: {e}")))?;
    }
    Ok(())
}

fn range_ends(trial: &Trial<'_>) -> Result<(), Problem> {
    let plugin = trial.open()?;
    let photo = fixtures::made(jpeg::of_photo(trial.seed()))?;
    for spec in &plugin.descriptor().params {
        for value in ends(spec) {
            let what = format!("`{}` = {}", spec.name, value.describe());
            trial.at(&format!("making the detector with {what}"));
            // Values may contradict the other defaults; then a message says so.
            let made = plugin.create(&[Attribute { name: spec.name.clone(), value }]);
            match made {
                Ok(detector) => {
                    trial.ask(&detector, &what, &photo, Faults::Refused)?;
                }
                Err(LoadError::Create { message, .. }) if !message.trim().is_empty() => {}
                Err(error) => {
                    return Err(Problem::failed(format!(
                        "{what}: refused without a reason: {error}"
                    )));
                }
            }
        }
    }
    Ok(())
}

/// The extreme values that a specification allows.
fn ends(spec: &ParamSpec) -> Vec<Value> {
    let (low, high) = (spec.min.max(-WIDEST), spec.max.min(WIDEST));
    match &spec.default {
        Value::Bool(_) => vec![true.into(), false.into()],
        Value::Int(_) => vec![Value::Int(low.ceil() as i64), Value::Int(high.floor() as i64)],
        Value::Real(_) => vec![low.into(), high.into()],
        Value::Text(_) if spec.choices.is_empty() => vec!["".into(), "x".repeat(4_096).into()],
        Value::Text(_) => spec.choices.iter().map(|choice| choice.as_str().into()).collect(),
        Value::Null | Value::Json(_) => Vec::new(),
    }
}

fn wrong_values(trial: &Trial<'_>) -> Result<(), Problem> {
    let plugin = trial.open()?;
    let params = &plugin.descriptor().params;
    let unknown = Attribute::new("no_such_parameter", 1_i64);
    let wrong = params.iter().flat_map(|spec| {
        let named = |value| Attribute { name: spec.name.clone(), value };
        wrong_for(spec).into_iter().map(named)
    });
    for given in std::iter::once(unknown).chain(wrong) {
        let what = format!("`{}` = {}", given.name, given.value.describe());
        trial.at(&what);
        match plugin.create(&[given]) {
            Ok(_) => return Err(Problem::failed(format!("{what} was accepted"))),
            Err(LoadError::Create { message, .. }) if !message.trim().is_empty() => {}
            Err(error) => {
                return Err(Problem::failed(format!("{what}: refused without a reason: {error}")));
            }
        }
    }
    Ok(())
}

/// Values that a specification does not allow.
fn wrong_for(spec: &ParamSpec) -> Vec<Value> {
    let candidates = [
        Value::Null,
        Value::Bool(true),
        Value::Int(i64::MIN),
        Value::Int(i64::MAX),
        Value::Real(f64::NAN),
        Value::Real(spec.max + 1.0 + spec.max.abs()),
        Value::Real(spec.min - 1.0 - spec.min.abs()),
        Value::Text("no such word".into()),
        Value::Json("{}".into()),
    ];
    candidates.into_iter().filter(|value| spec.check(value).is_err()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_allowed_and_wrong_values_are_not() {
        let specs = [
            ParamSpec::real("a", 0.5, 0.0, 1.0),
            ParamSpec::int("b", 3, 1, 9),
            ParamSpec::bool("c", true),
            ParamSpec::choice("d", "x", &["x", "y"]),
        ];
        for spec in &specs {
            assert_eq!(ends(spec).len(), 2);
            assert!(ends(spec).iter().all(|value| spec.check(value).is_ok()), "{spec:?}");
            assert!(wrong_for(spec).len() >= 5, "{spec:?}");
        }
    }
}
