// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a detector says about one image.

use abi_stable::std_types::{ROption, RString, RVec};
use abi_stable::StableAbi;

use crate::finding::Finding;
use crate::heatmap::Heatmap;

/// Calibrated support for the detector's hypothesis, `0..=1`, never NaN.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Score(f64);

impl Score {
    /// Returns the score, or `None` outside `0..=1`.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// Clamps into `0..=1`.
    ///
    /// # Panics
    /// If `value` is NaN: a NaN is a fault, never a score.
    #[must_use]
    pub fn clamped(value: f64) -> Self {
        assert!(!value.is_nan(), "score is NaN");
        Self(value.clamp(0.0, 1.0))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

/// A detector's word on the image.
#[repr(u8)]
#[derive(StableAbi, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Nothing speaks against a camera original.
    Authentic,
    /// Made by a generator.
    Synthetic,
    /// Changed after capture.
    Manipulated,
    /// The file's account of itself does not hold.
    Suspicious,
    /// The test ran and cannot tell.
    Inconclusive,
}

impl Label {
    /// The word in JSON, upper case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authentic => "AUTHENTIC",
            Self::Synthetic => "SYNTHETIC",
            Self::Manipulated => "MANIPULATED",
            Self::Suspicious => "SUSPICIOUS",
            Self::Inconclusive => "INCONCLUSIVE",
        }
    }
}

/// A typed value.
#[repr(u8)]
#[derive(StableAbi, Clone, Debug, PartialEq)]
pub enum Value {
    /// Known to be absent.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite real number.
    Real(f64),
    /// A text.
    Text(RString),
    /// A JSON document as text, for what is nested; the host parses and re-writes it.
    Json(RString),
}

impl Value {
    /// The name of the value's type.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Real(_) => "real",
            Self::Text(_) => "text",
            Self::Json(_) => "json",
        }
    }

    /// The value with its type, for error messages: `the text "abc"`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Bool(b) => b.to_string(),
            Self::Int(i) => i.to_string(),
            Self::Real(r) => r.to_string(),
            Self::Text(t) => format!("the text \"{t}\""),
            Self::Json(_) => "a JSON document".into(),
        }
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value.into())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A named value.
#[repr(C)]
#[derive(StableAbi, Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Snake case, unit at the end: `period_px`.
    pub name: RString,
    /// The value.
    pub value: Value,
}

impl Attribute {
    /// A named value.
    #[must_use]
    pub fn new(name: &str, value: impl Into<Value>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// A detector's answer for one image. It grows by attributes and finding codes.
#[repr(C)]
#[derive(StableAbi, Clone, Debug, PartialEq)]
pub struct Report {
    /// [`Score`] as a bare number: the host checks it again, because a library is not trusted.
    pub score: f64,
    /// `RNone`: the host derives the label from the policy's threshold and the kind.
    pub label: ROption<Label>,
    /// One sentence for a person.
    pub detail: RString,
    /// Observations that a person can check.
    pub findings: RVec<Finding>,
    /// Further results, written beside the score in JSON.
    pub attributes: RVec<Attribute>,
    /// Where in the picture.
    pub heatmap: ROption<Heatmap>,
}

impl Report {
    /// A report with a score and nothing else.
    #[must_use]
    pub fn new(score: Score) -> Self {
        Self {
            score: score.get(),
            label: ROption::RNone,
            detail: RString::new(),
            findings: RVec::new(),
            attributes: RVec::new(),
            heatmap: ROption::RNone,
        }
    }

    /// Sets the label, where the detector knows better than score and threshold.
    #[must_use]
    pub fn label(mut self, label: Label) -> Self {
        self.label = ROption::RSome(label);
        self
    }

    /// Sets the sentence for a person.
    #[must_use]
    pub fn detail(mut self, text: impl Into<String>) -> Self {
        self.detail = text.into().into();
        self
    }

    /// Adds a finding.
    #[must_use]
    pub fn finding(mut self, finding: Finding) -> Self {
        self.findings.push(finding);
        self
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attributes.push(Attribute::new(name, value));
        self
    }

    /// Sets the heatmap.
    #[must_use]
    pub fn heatmap(mut self, heatmap: Heatmap) -> Self {
        self.heatmap = ROption::RSome(heatmap);
        self
    }
}
