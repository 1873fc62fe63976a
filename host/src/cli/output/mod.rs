// SPDX-License-Identifier: MIT OR Apache-2.0
//! Printing results, each as soon as those before it are printed.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::ValueEnum;
use jiff::Timestamp;

use crate::analysis::Analysis;
use crate::claim::{ClaimBody, Fingerprint};
use crate::policy::Policy;
use crate::view::{AnalysisView, ErrorView, Heatmap, Pictures, RequestId};

mod claim;
mod human;
mod table;
mod timeline;

pub(super) use timeline::Timeline;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Made to be read
    Human,
    /// One array of all results
    Json,
    /// One object a line, the body of the API
    Jsonl,
    /// One line a picture, a column a detector
    Csv,
}

/// What came of one input.
pub(super) struct Item {
    /// The input's name.
    pub(super) source: String,
    /// Its analysis, or why there is none.
    pub(super) result: Result<Analysed, ErrorView>,
}

/// An analysis with what belongs to its print-out.
pub(super) struct Analysed {
    pub(super) request_id: RequestId,
    pub(super) processed_at: Timestamp,
    pub(super) processing_time_ms: u64,
    pub(super) analysis: Analysis,
    pub(super) heatmap: Option<Heatmap>,
    pub(super) pictures: Pictures,
    /// What the picture is recognised by, where the pictures are one claim.
    pub(super) fingerprint: Option<Fingerprint>,
    /// What took how long, where that is asked for.
    pub(super) timeline: Option<Timeline>,
}

impl Item {
    fn to_json(&self, policy: &Policy) -> serde_json::Value {
        match &self.result {
            Err(error) => error.to_json(),
            Ok(done) => {
                let mut body = AnalysisView {
                    request_id: done.request_id.clone(),
                    reference_id: None,
                    source: Some(&self.source),
                    processed_at: done.processed_at,
                    processing_time_ms: done.processing_time_ms,
                    heatmap: done.heatmap.clone(),
                    pictures: done.pictures.clone(),
                    analysis: &done.analysis,
                    policy,
                }
                .to_json();
                if let (Some(timeline), Some(body)) = (&done.timeline, body.as_object_mut()) {
                    body.insert("timings".into(), timeline.to_json());
                }
                body
            }
        }
    }
}

/// Prints items in one format.
pub(super) enum Printer<'a, W: Write> {
    Human { out: W, policy: &'a Policy },
    Json { out: W, policy: &'a Policy, items: usize },
    Jsonl { out: W, policy: &'a Policy },
    Csv { out: Box<csv::Writer<W>>, models: Vec<String>, has_header: bool },
}

impl<'a, W: Write> Printer<'a, W> {
    /// `models` are the result keys of the detectors that can appear, in their order.
    pub(super) fn new(format: Format, out: W, policy: &'a Policy, models: Vec<String>) -> Self {
        match format {
            Format::Human => Self::Human { out, policy },
            Format::Json => Self::Json { out, policy, items: 0 },
            Format::Jsonl => Self::Jsonl { out, policy },
            Format::Csv => {
                let out = Box::new(csv::Writer::from_writer(out));
                Self::Csv { out, models, has_header: false }
            }
        }
    }

    /// Prints one item.
    pub(super) fn print(&mut self, item: &Item) -> io::Result<()> {
        match self {
            Self::Human { out, policy } => {
                human::print(out, item, policy)?;
                out.flush()
            }
            Self::Jsonl { out, policy } => {
                writeln!(out, "{}", item.to_json(policy))?;
                out.flush()
            }
            Self::Json { out, policy, items } => {
                out.write_all(if *items == 0 { b"[\n" } else { b",\n" })?;
                *items += 1;
                serde_json::to_writer_pretty(out, &item.to_json(policy)).map_err(io::Error::from)
            }
            Self::Csv { out, models, has_header } => {
                if !std::mem::replace(has_header, true) {
                    out.write_record(table::header(models))?;
                }
                out.write_record(table::row(item, models))?;
                out.flush()
            }
        }
    }

    /// Prints what the pictures are together, behind them: an object with `claim` alone where results are
    /// objects; a table has no place for it. `names` has each picture's name by its request.
    pub(super) fn claim(
        &mut self,
        made: &ClaimBody,
        names: &BTreeMap<String, String>,
    ) -> io::Result<()> {
        let object = serde_json::json!({ "claim": made });
        match self {
            Self::Human { out, .. } => claim::print(out, made, names),
            Self::Jsonl { out, .. } => writeln!(out, "{object}"),
            Self::Json { out, items, .. } => {
                out.write_all(if *items == 0 { b"[\n" } else { b",\n" })?;
                *items += 1;
                serde_json::to_writer_pretty(out, &object).map_err(io::Error::from)
            }
            Self::Csv { .. } => Ok(()),
        }
    }

    /// Ends the output.
    pub(super) fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Json { out, items, .. } => {
                out.write_all(if *items == 0 { b"[]\n" } else { b"\n]\n" })?;
                out.flush()
            }
            _ => Ok(()),
        }
    }
}
