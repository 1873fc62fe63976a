// SPDX-License-Identifier: MIT OR Apache-2.0
//! One observation that a person can check.

use abi_stable::std_types::{RString, RVec};
use abi_stable::StableAbi;

use crate::report::{Attribute, Value};

/// How much a finding weighs, whichever way it points.
#[repr(u8)]
#[derive(StableAbi, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know, no weight of its own.
    Info,
    /// Weak: common in ordinary pictures too.
    Notice,
    /// Strong: rare in ordinary pictures.
    Warning,
    /// Settles the question by itself if the policy says so.
    Decisive,
}

impl Severity {
    /// The word in JSON and in policies.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Decisive => "decisive",
        }
    }
}

/// A box in pixels of the stored image, origin top left.
#[repr(C)]
#[derive(StableAbi, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Left edge, px.
    pub x: u32,
    /// Top edge, px.
    pub y: u32,
    /// Columns, px, at least 1.
    pub width: u32,
    /// Rows, px, at least 1.
    pub height: u32,
}

/// One observation. The code is stable and dotted, most general word first:
/// `jpeg.grid.foreign`.
#[repr(C)]
#[derive(StableAbi, Clone, Debug, PartialEq)]
pub struct Finding {
    /// Lower case, digits, `_`, at least two words joined by dots.
    pub code: RString,
    /// How much it weighs.
    pub severity: Severity,
    /// One sentence for a person.
    pub text: RString,
    /// What was measured: `log10_nfa`, `period_px`, …
    pub values: RVec<Attribute>,
    /// Where it was seen; empty for the whole picture.
    pub regions: RVec<Region>,
}

impl Finding {
    /// A finding about the whole picture.
    #[must_use]
    pub fn new(code: &str, severity: Severity, text: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            severity,
            text: text.into().into(),
            values: RVec::new(),
            regions: RVec::new(),
        }
    }

    /// Adds a measured value.
    #[must_use]
    pub fn value(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.values.push(Attribute::new(name, value));
        self
    }

    /// Adds a place.
    #[must_use]
    pub fn region(mut self, region: Region) -> Self {
        self.regions.push(region);
        self
    }
}
