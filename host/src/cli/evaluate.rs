// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay evaluate`: a labelled collection in, measured numbers out.

use std::io::{stdout, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::collection::CollectionArguments;
use super::{exit, CommandError};
use crate::eval::html;
use crate::eval::report::Report;
use crate::eval::tiers::Tier;
use crate::image::DecodeLimits;

#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    collection: CollectionArguments,
    /// Run the detectors on content alone as well: on pictures low-passed four times
    #[arg(long)]
    controls: bool,
    /// Write report.html and report.json into this folder
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Keep every answer in this file, for `assay compare`, `assay leaderboard` and `assay policy`
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// How to print.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Format {
    /// Tables for a person.
    Human,
    /// One JSON object.
    Json,
}

/// Measures the collection; the exit code tells whether a picture failed.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let control = arguments.controls.then_some(Tier::Lowpass);
    let examined = arguments.collection.examine(config, control)?;
    let report = Report::of(
        examined.name.clone(),
        &examined.collection,
        &examined.analyser,
        &examined.folds,
        &examined.tiers,
        &examined.examinations,
    );
    if let Some(folder) = &arguments.report {
        write(folder, &report, &examined.limits)?;
    }
    if let Some(file) = &arguments.results {
        examined.results()?.write(file)?;
    }
    let mut out = anstream::AutoStream::auto(stdout());
    match arguments.format {
        Format::Human => write!(out, "{report}")?,
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?,
    }
    let has_failed = !report.failures.is_empty();
    Ok(if has_failed { ExitCode::from(exit::INPUT_FAILED) } else { ExitCode::SUCCESS })
}

/// Writes the page and its numbers.
fn write(folder: &Path, report: &Report, limits: &DecodeLimits) -> Result<(), CommandError> {
    let failed = |e| format!("{}: {e}", folder.display());
    std::fs::create_dir_all(folder).map_err(failed)?;
    std::fs::write(folder.join("report.html"), html::page(report, limits)).map_err(failed)?;
    let json = serde_json::to_vec_pretty(report)?;
    Ok(std::fs::write(folder.join("report.json"), json).map_err(failed)?)
}
