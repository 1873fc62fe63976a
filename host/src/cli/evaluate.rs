// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay evaluate`: a labelled collection in, measured numbers out.

use std::io::{stdout, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::in_order::{cores, each_in_order, progress};
use super::{exit, setup, CommandError};
use crate::analysis::{Analyser, Pool};
use crate::eval::cache::Cache;
use crate::eval::html;
use crate::eval::manifest::Collection;
use crate::eval::report::Report;
use crate::eval::run::{Evaluator, Examination};
use crate::eval::tiers::Tier;
use crate::image::DecodeLimits;

/// The cache's folder below the system's one for temporary files.
const CACHE: &str = "assay-evaluate";

#[derive(Args)]
pub(super) struct Arguments {
    /// CSV manifest (path, label, group, source, kind) or folder with label-named subfolders
    #[arg(value_name = "DATASET")]
    dataset: PathBuf,
    /// Policy by name or file
    #[arg(long, default_value = "default", value_name = "NAME|FILE")]
    policy: String,
    /// What is done to the pictures of both classes first
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "clean,q90,q75,web,hard",
        value_name = "A,B"
    )]
    tiers: Vec<Tier>,
    /// Run the detectors on content alone as well: on pictures low-passed four times
    #[arg(long)]
    controls: bool,
    /// Write report.html and report.json into this folder
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Where computed answers are kept [default: assay-evaluate below the system's temporary folder]
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Pictures examined at once [default: as many as cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
}

/// How to print.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Tables for a person.
    Human,
    /// One JSON object.
    Json,
}

/// Measures the collection; the exit code tells whether a picture failed.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    let policy = Arc::new(setup::policy(&settings, &arguments.policy)?);
    let registry = setup::registry(&settings)?;
    let pool = Arc::new(Pool::new(settings.pool_threads)?);
    let analyser = Analyser::new(&registry, policy, pool)?;
    let collection = Collection::read(&arguments.dataset)?;
    let tiers = arguments.tiers();
    let cache = arguments.cache.clone().unwrap_or_else(|| std::env::temp_dir().join(CACHE));
    let cache = Cache::open(&cache)?;
    let limits = setup::limits(&settings);
    let evaluator = Evaluator::new(&analyser, limits, tiers.clone(), cache);
    let pictures = &collection.pictures;
    let threads = arguments.jobs.map_or_else(cores, usize::from).min(pictures.len());
    let progress = progress(pictures.len());
    let mut examinations: Vec<Examination> = Vec::with_capacity(pictures.len());
    each_in_order(
        pictures,
        threads,
        |picture| Ok(evaluator.examine(picture)?),
        |examination: &Examination| {
            examinations.push(examination.clone());
            progress.inc(1);
            Ok(())
        },
    )?;
    progress.finish_and_clear();
    let name = arguments.dataset.display().to_string();
    let report = Report::of(name, &collection, &analyser, &tiers, &examinations);
    if let Some(folder) = &arguments.report {
        write(folder, &report, &limits)?;
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

impl Arguments {
    /// The tiers, each once, in the order asked for; the control last.
    fn tiers(&self) -> Vec<Tier> {
        let mut tiers = Vec::new();
        let control = self.controls.then_some(Tier::Lowpass);
        for tier in self.tiers.iter().copied().chain(control) {
            if !tiers.contains(&tier) {
                tiers.push(tier);
            }
        }
        tiers
    }
}
