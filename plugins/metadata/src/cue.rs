// SPDX-License-Identifier: MIT OR Apache-2.0
//! Cues: what follows from a file's account, one question a file.

pub(crate) mod ai_system;
pub(crate) mod aigc;
pub(crate) mod c2pa;
pub(crate) mod camera;
pub(crate) mod chunk_order;
pub(crate) mod claimed;
mod dream;
pub(crate) mod editor;
pub(crate) mod editor_table;
pub(crate) mod exposure;
pub(crate) mod generator;
mod generator_settings;
pub(crate) mod generator_table;
pub(crate) mod jpeg_tables;
pub(crate) mod lens;
pub(crate) mod passage;
pub(crate) mod pictures;
pub(crate) mod profile;
mod program_name;
pub(crate) mod size;
pub(crate) mod source_type;
pub(crate) mod thumbnail;
pub(crate) mod thumbnail_writer;
pub(crate) mod times;
pub(crate) mod trailing;
pub(crate) mod zone;

use assay_plugin_api::finding::Finding;

pub(crate) use generator::program_named;
pub(crate) use program_name::usual_name;

use crate::judgement::Evidence;

/// A finding with the evidence that it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cue {
    /// What a person can check.
    pub finding: Finding,
    /// What it weighs.
    pub evidence: Evidence,
    /// The cue as a sentence of the detail.
    pub sentence: String,
}

impl Cue {
    /// A cue whose sentence in the detail is the finding's own text.
    pub(crate) fn new(finding: Finding, evidence: Evidence) -> Self {
        let sentence = finding.text.to_string();
        Self { finding, evidence, sentence }
    }

    /// Says it in other words in the detail.
    pub(crate) fn said(mut self, sentence: impl Into<String>) -> Self {
        self.sentence = sentence.into();
        self
    }
}
