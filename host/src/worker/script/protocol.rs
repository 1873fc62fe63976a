// SPDX-License-Identifier: MIT OR Apache-2.0
//! Questions to a program and its answers, as JSON. `docs/WORKER-PROTOCOL.md` describes them.
//!
//! An answer has no key that is not known and no text or list longer than the contract allows: what the
//! program writes is checked here for its form, and after that as the answer of any detector.

use std::collections::BTreeMap;
use std::time::Duration;

use abi_stable::std_types::ROption;
use assay_plugin_api::descriptor::{Descriptor, Input, Kind, ModelCard};
use assay_plugin_api::detector::NoScore;
use assay_plugin_api::evidence::keys;
use assay_plugin_api::finding::{Finding, Region, Severity};
use assay_plugin_api::heatmap::Heatmap;
use assay_plugin_api::report::{Attribute, Label, Report, Value};
use serde::{Deserialize, Serialize};

use super::memory::Extent;
use crate::image::evidence::ImageEvidence;
use crate::worker::exhibit::FACTS;
use crate::worker::wire::{Malformed, Wire};

/// The version that is spoken here.
const PROTOCOL: u32 = 1;

/// Longest answer, bytes: a heatmap of a million cells and all that a report may have beside it.
const MAX_ANSWER_BYTES: usize = 8 << 20;

/// A message as it crosses: a text that fills its frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Text(String);

impl Wire for Text {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.as_bytes());
    }

    fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
        let bytes = std::mem::take(input);
        std::str::from_utf8(bytes).map(|text| Self(text.to_owned())).map_err(|_| Malformed)
    }
}

impl Text {
    pub(super) fn of(question: &Question) -> Self {
        // A question is made of texts and finite numbers.
        Self(serde_json::to_string(question).unwrap_or_default())
    }
}

/// What the host asks.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Question {
    /// What the program is.
    Hello {
        /// The version that the host speaks.
        protocol: u32,
    },
    /// What it says of a picture.
    Examine {
        /// Columns, px.
        width: u32,
        /// Rows, px.
        height: u32,
        /// Where the pixels lie: red, green, blue, 8 bit, row by row.
        pixels: Extent,
        /// Where the file lies.
        file: Extent,
        /// Facts by key.
        facts: BTreeMap<String, serde_json::Value>,
        /// Until the program is killed, ms.
        remaining_ms: u64,
    },
}

impl Question {
    /// The first question.
    pub(super) const HELLO: Self = Self::Hello { protocol: PROTOCOL };

    /// The question about a picture that is lent.
    pub(super) fn examine(
        image: &ImageEvidence,
        claimed_at: Option<&str>,
        [pixels, file]: [Extent; 2],
        left: Duration,
    ) -> Self {
        let facts = FACTS.iter().filter_map(|&key| Some((key.into(), json(&image.fact(key)?))));
        let claimed = claimed_at.map(|text| (keys::CLAIMED_AT.into(), text.into()));
        Self::Examine {
            width: image.width(),
            height: image.height(),
            pixels,
            file,
            facts: facts.chain(claimed).collect(),
            remaining_ms: u64::try_from(left.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Int(number) => (*number).into(),
        Value::Real(number) => (*number).into(),
        Value::Text(text) | Value::Json(text) => text.as_str().into(),
    }
}

/// What a program answers.
pub(super) enum Answer {
    /// What it is.
    Hello(Box<Descriptor>),
    /// A score.
    Report(Box<RawReport>),
    /// That there is none.
    NoScore(NoScore),
}

impl Answer {
    /// Reads an answer.
    ///
    /// # Errors
    /// What of it is no answer of this protocol.
    pub(super) fn read(Text(text): &Text) -> Result<Self, String> {
        if text.len() > MAX_ANSWER_BYTES {
            let length = text.len();
            return Err(format!("it answered {length} bytes, at most {MAX_ANSWER_BYTES} are read"));
        }
        let malformed = |error: serde_json::Error| format!("its answer is wrong: {error}");
        let Version { protocol } = serde_json::from_str(text).map_err(malformed)?;
        if let Some(other) = protocol.filter(|protocol| *protocol != u64::from(PROTOCOL)) {
            return Err(format!("it speaks version {other} of the protocol, not {PROTOCOL}"));
        }
        Ok(match serde_json::from_str(text).map_err(malformed)? {
            Raw::Hello(hello) => Self::Hello(Box::new(hello.read())),
            Raw::Report(report) => Self::Report(report),
            Raw::NotApplicable { reason } => Self::NoScore(NoScore::not_applicable(reason)),
            Raw::Failed { message } => Self::NoScore(NoScore::failed(message)),
        })
    }
}

/// The one thing that an answer of another version has in common with those of this one.
#[derive(Deserialize)]
struct Version {
    protocol: Option<u64>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Raw {
    Hello(Box<RawHello>),
    Report(Box<RawReport>),
    NotApplicable { reason: String },
    Failed { message: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHello {
    #[serde(rename = "protocol")]
    _protocol: u64,
    id: String,
    version: String,
    kind: RawKind,
    title: Option<String>,
    licence: Option<String>,
    result_key: Option<String>,
    summary: Option<String>,
    #[serde(default)]
    method: String,
    #[serde(default)]
    trained_on: String,
    #[serde(default)]
    limits: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawKind {
    Generation,
    Manipulation,
    Provenance,
}

impl RawHello {
    fn read(self) -> Descriptor {
        let model_key = self.id.replace('-', "_");
        let result_key = self.result_key.unwrap_or_else(|| format!("{model_key}_detection"));
        let title = self.title.unwrap_or_else(|| self.id.clone());
        let summary = self.summary.unwrap_or_else(|| format!("What {title} was made for."));
        Descriptor {
            id: self.id.into(),
            model_key: model_key.into(),
            result_key: result_key.into(),
            title: title.into(),
            version: self.version.into(),
            licence: self.licence.unwrap_or_else(|| "not stated".into()).into(),
            kind: match self.kind {
                RawKind::Generation => Kind::Generation,
                RawKind::Manipulation => Kind::Manipulation,
                RawKind::Provenance => Kind::Provenance,
            },
            inputs: vec![Input::Encoded, Input::Rgb].into(),
            params: Vec::new().into(),
            card: ModelCard::new(&summary)
                .method(&self.method)
                .trained_on(&self.trained_on)
                .limits(&self.limits),
        }
    }
}

/// A report before it is one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawReport {
    score: f64,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    findings: Vec<RawFinding>,
    #[serde(default)]
    attributes: BTreeMap<String, RawValue>,
    heatmap: Option<RawHeatmap>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFinding {
    code: String,
    #[serde(default = "notice")]
    severity: RawSeverity,
    text: String,
    #[serde(default)]
    values: BTreeMap<String, RawValue>,
    #[serde(default)]
    regions: Vec<RawRegion>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawSeverity {
    Info,
    Notice,
    Warning,
    Decisive,
}

fn notice() -> RawSeverity {
    RawSeverity::Notice
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRegion {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawValue {
    Null(()),
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHeatmap {
    cell_px: u32,
    values: Vec<f32>,
}

impl RawReport {
    /// The report on a `width` x `height` px picture.
    ///
    /// # Errors
    /// When its heatmap has cells of no pixels.
    pub(super) fn read(self, width: u32, height: u32) -> Result<Report, String> {
        let heatmap = self.heatmap.map(|map| {
            if map.cell_px == 0 {
                return Err("its heatmap has cells of 0 px".to_owned());
            }
            let side = |side: u32| side.div_ceil(map.cell_px);
            let (columns, rows) = (side(width), side(height));
            Ok(Heatmap { columns, rows, cell_px: map.cell_px, values: map.values.into() })
        });
        Ok(Report {
            score: self.score,
            label: ROption::<Label>::RNone,
            detail: self.detail.into(),
            findings: self.findings.into_iter().map(RawFinding::read).collect(),
            attributes: attributes(self.attributes),
            heatmap: heatmap.transpose()?.into(),
        })
    }
}

impl RawFinding {
    fn read(self) -> Finding {
        let region = |RawRegion { x, y, width, height }| Region { x, y, width, height };
        Finding {
            code: self.code.into(),
            severity: match self.severity {
                RawSeverity::Info => Severity::Info,
                RawSeverity::Notice => Severity::Notice,
                RawSeverity::Warning => Severity::Warning,
                RawSeverity::Decisive => Severity::Decisive,
            },
            text: self.text.into(),
            values: attributes(self.values),
            regions: self.regions.into_iter().map(region).collect(),
        }
    }
}

fn attributes(values: BTreeMap<String, RawValue>) -> abi_stable::std_types::RVec<Attribute> {
    let value = |value| match value {
        RawValue::Null(()) => Value::Null,
        RawValue::Bool(flag) => Value::Bool(flag),
        RawValue::Int(number) => Value::Int(number),
        RawValue::Real(number) => Value::Real(number),
        RawValue::Text(text) => Value::Text(text.into()),
    };
    values.into_iter().map(|(name, raw)| Attribute::new(&name, value(raw))).collect()
}
