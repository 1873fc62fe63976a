// SPDX-License-Identifier: MIT OR Apache-2.0
//! The parts of a dossier that hold nothing but what is told.

use serde::Serialize;
use serde_json::Value;

/// Who asked for what, and when it was answered.
#[derive(Clone, Debug, Serialize)]
pub struct RequestPart {
    /// The request's name.
    pub request_id: String,
    /// The client's own name for it.
    pub reference_id: Option<String>,
    /// The file's name; of files that were examined on the command line.
    pub source: Option<String>,
    /// When the analysis ended, RFC 3339.
    pub processed_at: String,
    /// From the request to the verdict, ms.
    pub processing_time_ms: Option<u64>,
    /// When the picture is said to have been taken.
    pub claimed_at: Option<String>,
    /// Detectors that were asked for, or `all`; empty where it was not kept.
    pub models: Vec<String>,
}

/// The picture's file.
#[derive(Clone, Debug, Serialize)]
pub struct PicturePart {
    /// `JPEG`, `PNG`, ….
    pub format: String,
    /// Columns as stored, px.
    pub width: Option<u32>,
    /// Rows as stored, px.
    pub height: Option<u32>,
    /// Length, bytes.
    pub file_size_bytes: Option<u64>,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// A name and what stands under it.
#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    /// The name, as detectors give it.
    pub name: String,
    /// The value; its texts are safe to show.
    pub value: Value,
}

impl Fact {
    /// The value as a person reads it.
    #[must_use]
    pub fn words(&self) -> String {
        super::text::value_words(&self.value)
    }

    /// The name as a person reads it.
    #[must_use]
    pub fn title(&self) -> String {
        self.name.replace('_', " ")
    }
}

/// One observation of a detector.
#[derive(Clone, Debug, Serialize)]
pub struct FindingPart {
    /// Its dotted code.
    pub code: String,
    /// `decisive`, `warning`, `notice`, `info`.
    pub severity: String,
    /// A sentence.
    pub text: String,
    /// Its numbers and words.
    pub values: Vec<Fact>,
    /// Numbers of the regions that it names.
    pub regions: Vec<usize>,
    /// The regions themselves: first column and row, columns and rows, px.
    #[serde(skip)]
    pub(super) places: Vec<[u32; 4]>,
}

/// A region in the picture.
#[derive(Clone, Debug, Serialize)]
pub struct RegionPart {
    /// Its number, from 1.
    pub number: usize,
    /// First column of the stored picture, px.
    pub x: u32,
    /// First row, px.
    pub y: u32,
    /// Columns, px.
    pub width: u32,
    /// Rows, px.
    pub height: u32,
    /// Largest heat in it, 0..=1; null without a heatmap.
    pub score: Option<f64>,
    /// The findings that name it.
    pub findings: Vec<RegionFinding>,
}

/// A finding that names a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegionFinding {
    /// The detector's title.
    pub detector: String,
    /// The finding's code.
    pub code: String,
}

/// Something that was not tested.
#[derive(Clone, Debug, Serialize)]
pub struct Untested {
    /// What: a detector or a part of one.
    pub what: String,
    /// `not_applicable`, `failed`, `timed_out`, `left_out` or `unknown`.
    pub kind: &'static str,
    /// Why.
    pub why: String,
}

impl Untested {
    /// The kind as a person reads it.
    #[must_use]
    pub fn kind_words(&self) -> &'static str {
        match self.kind {
            "not_applicable" => "could not be tested",
            "failed" => "failed",
            "timed_out" => "took too long",
            "left_out" => "was not asked for",
            _ => "is not known",
        }
    }
}

/// What came of running detectors again on copies.
#[derive(Clone, Debug, Serialize)]
pub struct StabilityPart {
    /// `stable`, `unstable`, `not_checked`.
    pub status: String,
    /// The status in a sentence.
    pub meaning: &'static str,
    /// The label of the picture itself.
    pub label: String,
    /// The detectors that were run again.
    pub detectors: Vec<String>,
    /// What each copy gives.
    pub copies: Vec<CopyPart>,
}

/// What one copy gives.
#[derive(Clone, Debug, Serialize)]
pub struct CopyPart {
    /// What the copy is, and why it was not checked where that is so.
    pub detail: String,
    /// Its label; null where it was not checked.
    pub label: Option<String>,
    /// The probability that a generator made it, 0..=1.
    pub p_ai_generated: Option<f64>,
    /// The probability that a part was changed, 0..=1.
    pub p_manipulated: Option<f64>,
}

/// The policy that was applied.
#[derive(Clone, Debug, Serialize)]
pub struct PolicyPart {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its canonical form, hexadecimal.
    pub digest: String,
    /// What it is for; null where the policy is not at hand.
    pub description: Option<String>,
}

/// What made the answer, beside its detectors, and this report.
#[derive(Clone, Debug, Serialize)]
pub struct Software {
    /// Version of Assay that wrote this report.
    pub report_by: &'static str,
    /// Revision of the decoder that the detectors saw the picture through; null where it was not kept.
    pub decoder_revision: Option<u32>,
}
