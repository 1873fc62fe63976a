// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay camera match`: pictures in, the camera that took each out.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use assay_signal::prnu::cleaning::cleaned;
use assay_signal::prnu::enrolled::read_folder;
use assay_signal::prnu::fingerprint::weighted_residual;
use assay_signal::prnu::identify::{identify, Likeness, Question, USUAL_FALSE_ALARMS};
use assay_signal::prnu::search::LEAST_SCALE;
use assay_signal::prnu::Fingerprint;
use clap::Args;

use super::super::in_order::{cores, each_in_order, progress};
use super::super::inputs::{self, Input};
use super::super::{exit, setup, CommandError};
use super::output::{Format, Printer};
use super::{decoded, luma, Unusable};
use crate::image::DecodeLimits;

#[derive(Args)]
pub(in super::super) struct Arguments {
    /// Pictures, folders, patterns, or - for standard input
    #[arg(required = true, value_name = "PATH|DIR|GLOB|-")]
    inputs: Vec<String>,
    /// Folder of the enrolled cameras' files
    #[arg(long, value_name = "DIR")]
    cameras: PathBuf,
    /// Pictures of no enrolled camera that may be said to be of one, as a share
    #[arg(long, value_name = "RATE", default_value_t = USUAL_FALSE_ALARMS, value_parser = rate)]
    false_alarms: f64,
    /// Factors by which the pictures may have been resized, beside those that their sizes suggest
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = scale)]
    scales: Vec<f64>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Pictures examined at once [default: as many as cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (1e-300..=1.0).contains(rate));
    rate.ok_or_else(|| "a number above 0, at most 1".into())
}

fn scale(text: &str) -> Result<f64, String> {
    let scale = text.parse().ok().filter(|scale| (LEAST_SCALE..1.0).contains(scale));
    scale.ok_or_else(|| format!("a number of {LEAST_SCALE} to 1"))
}

/// What came of one input.
pub(super) struct Item {
    pub(super) source: String,
    pub(super) result: Result<Vec<Likeness>, Unusable>,
}

/// Looks for the cameras; the exit code tells whether an input failed.
pub(in super::super) fn run(
    arguments: &Arguments,
    config: Option<&Path>,
) -> Result<ExitCode, CommandError> {
    let limits = setup::limits(&setup::settings(config)?);
    let cameras = read_folder(&arguments.cameras)?;
    let inputs = inputs::resolve(&arguments.inputs)?;
    let question =
        Question { false_alarms: arguments.false_alarms, scales: arguments.scales.clone() };
    let mut printer = Printer::new(arguments.format, &cameras, question.false_alarms);
    let bar = progress(inputs.len());
    let threads = arguments.jobs.map_or_else(cores, usize::from).min(inputs.len());
    let mut has_failed = false;
    each_in_order(
        &inputs,
        threads,
        |input| {
            let result = examine(input, &limits, &cameras, &question);
            Ok(Item { source: input.name(), result })
        },
        |item| {
            has_failed |= item.result.is_err();
            bar.suspend(|| printer.print(item))?;
            bar.inc(1);
            Ok(())
        },
    )?;
    printer.end()?;
    bar.finish_and_clear();
    Ok(if has_failed { ExitCode::from(exit::INPUT_FAILED) } else { ExitCode::SUCCESS })
}

fn examine(
    input: &Input,
    limits: &DecodeLimits,
    cameras: &[Fingerprint],
    question: &Question,
) -> Result<Vec<Likeness>, Unusable> {
    let image = decoded(input, limits)?;
    let picture = cleaned(weighted_residual(luma(&image)?));
    identify(&picture, cameras, question, || Ok(()))
}
