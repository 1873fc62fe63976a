// SPDX-License-Identifier: MIT OR Apache-2.0
//! Parameters: their specification by the detector, their values by the operator.

use abi_stable::std_types::{RString, RVec};
use abi_stable::StableAbi;

use crate::report::{Attribute, Value};

/// One parameter: its name, type, default and range.
///
/// The type is that of the default: `Bool`, `Int`, `Real` or `Text`.
#[repr(C)]
#[derive(StableAbi, Clone, Debug, PartialEq)]
pub struct ParamSpec {
    /// Key in the policy's TOML, snake case.
    pub name: RString,
    /// Value when the operator sets none; gives the type.
    pub default: Value,
    /// Smallest number allowed; ignored for `Bool` and `Text`.
    pub min: f64,
    /// Largest number allowed; ignored for `Bool` and `Text`.
    pub max: f64,
    /// Texts allowed; empty for any text and for the other types.
    pub choices: RVec<RString>,
    /// Unit of a number: `px`, `ms`; empty for none.
    pub unit: RString,
    /// One sentence for a person.
    pub doc: RString,
}

impl ParamSpec {
    fn new(name: &str, default: Value) -> Self {
        Self {
            name: name.into(),
            default,
            min: f64::NEG_INFINITY,
            max: f64::INFINITY,
            choices: RVec::new(),
            unit: RString::new(),
            doc: RString::new(),
        }
    }

    /// A real number within `min..=max`.
    #[must_use]
    pub fn real(name: &str, default: f64, min: f64, max: f64) -> Self {
        Self { min, max, ..Self::new(name, Value::Real(default)) }
    }

    /// A whole number within `min..=max`.
    #[must_use]
    pub fn int(name: &str, default: i64, min: i64, max: i64) -> Self {
        Self { min: min as f64, max: max as f64, ..Self::new(name, Value::Int(default)) }
    }

    /// A switch.
    #[must_use]
    pub fn bool(name: &str, default: bool) -> Self {
        Self::new(name, Value::Bool(default))
    }

    /// One of some words.
    #[must_use]
    pub fn choice(name: &str, default: &str, choices: &[&str]) -> Self {
        let choices = choices.iter().map(|&c| c.into()).collect();
        Self { choices, ..Self::new(name, Value::Text(default.into())) }
    }

    /// Sets the unit.
    #[must_use]
    pub fn unit(mut self, unit: &str) -> Self {
        self.unit = unit.into();
        self
    }

    /// Sets the sentence for a person.
    #[must_use]
    pub fn doc(mut self, doc: &str) -> Self {
        self.doc = doc.into();
        self
    }

    /// The name of the parameter's type.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.default.type_name()
    }

    /// Checks a value and returns it in the parameter's own type; a whole number is accepted where
    /// a real one is wanted.
    ///
    /// # Errors
    /// What was expected and what was found.
    pub fn check(&self, value: &Value) -> Result<Value, String> {
        let wrong = || {
            format!("`{}` must be {}, found {}", self.name, self.expectation(), value.describe())
        };
        let in_range = |number: f64| number >= self.min && number <= self.max;
        match (&self.default, value) {
            (Value::Bool(_), Value::Bool(_)) => Ok(value.clone()),
            (Value::Int(_), Value::Int(i)) if in_range(*i as f64) => Ok(value.clone()),
            (Value::Real(_), Value::Real(r)) if in_range(*r) => Ok(value.clone()),
            (Value::Real(_), Value::Int(i)) if in_range(*i as f64) => Ok(Value::Real(*i as f64)),
            (Value::Text(_), Value::Text(t))
                if self.choices.is_empty() || self.choices.contains(t) =>
            {
                Ok(value.clone())
            }
            _ => Err(wrong()),
        }
    }

    /// What a valid value looks like, for error messages: `a real number within 0..=1`.
    #[must_use]
    pub fn expectation(&self) -> String {
        match self.default {
            Value::Bool(_) => "true or false".into(),
            Value::Int(_) => format!("a whole number within {}..={}", self.min, self.max),
            Value::Real(_) => format!("a real number within {}..={}", self.min, self.max),
            _ if self.choices.is_empty() => "a text".into(),
            _ => {
                let words: Vec<_> = self.choices.iter().map(|c| format!("\"{c}\"")).collect();
                format!("one of {}", words.join(", "))
            }
        }
    }
}

/// Parameter values, checked and complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Params(Vec<(String, Value)>);

impl Params {
    /// Checks `given` against `specs` and fills in the defaults.
    ///
    /// # Errors
    /// The first value that is unknown, of the wrong type or out of range.
    pub fn resolve(specs: &[ParamSpec], given: &[Attribute]) -> Result<Self, String> {
        if let Some(unknown) = given.iter().find(|g| specs.iter().all(|s| s.name != g.name)) {
            let known: Vec<_> = specs.iter().map(|s| s.name.as_str()).collect();
            return Err(if known.is_empty() {
                format!("unknown parameter `{}`; this detector takes none", unknown.name)
            } else {
                format!("unknown parameter `{}`; known: {}", unknown.name, known.join(", "))
            });
        }
        let value_of = |spec: &ParamSpec| {
            let given = given.iter().find(|g| g.name == spec.name);
            given.map_or_else(|| Ok(spec.default.clone()), |g| spec.check(&g.value))
        };
        let values = specs.iter().map(|s| Ok((s.name.to_string(), value_of(s)?)));
        values.collect::<Result<_, String>>().map(Self)
    }

    fn value(&self, name: &str) -> &Value {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map_or_else(|| panic!("parameter `{name}` is not declared"), |(_, value)| value)
    }

    /// A real parameter.
    ///
    /// # Panics
    /// If `name` was not declared as a real number in [`crate::detector::Detector::params`].
    #[must_use]
    pub fn real(&self, name: &str) -> f64 {
        match self.value(name) {
            Value::Real(r) => *r,
            other => panic!("parameter `{name}` is {}, not real", other.type_name()),
        }
    }

    /// A whole-number parameter.
    ///
    /// # Panics
    /// If `name` was not declared as a whole number.
    #[must_use]
    pub fn int(&self, name: &str) -> i64 {
        match self.value(name) {
            Value::Int(i) => *i,
            other => panic!("parameter `{name}` is {}, not int", other.type_name()),
        }
    }

    /// A switch.
    ///
    /// # Panics
    /// If `name` was not declared as a switch.
    #[must_use]
    pub fn bool(&self, name: &str) -> bool {
        match self.value(name) {
            Value::Bool(b) => *b,
            other => panic!("parameter `{name}` is {}, not bool", other.type_name()),
        }
    }

    /// A text parameter.
    ///
    /// # Panics
    /// If `name` was not declared as a text.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        match self.value(name) {
            Value::Text(t) => t.as_str(),
            other => panic!("parameter `{name}` is {}, not text", other.type_name()),
        }
    }
}
