// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay bench`: what each stage of an analysis takes on this machine, and how many pictures a second.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::in_order::cores;
use super::inputs::{self, Input};
use super::{setup, CommandError};
use crate::analysis::{Analyser, AnalysisRequest, Models, Pool};
use crate::config::Isolation;

mod clock;
mod figures;
mod picture;
mod print;
mod rate;
mod road;

use road::Road;

#[derive(Args)]
pub(super) struct Arguments {
    /// Pictures, folders or patterns [default: pictures that are made here, of the sizes]
    #[arg(value_name = "PATH|DIR|GLOB", conflicts_with = "sizes")]
    inputs: Vec<String>,
    /// Megapixels of the pictures that are made here
    #[arg(long, value_delimiter = ',', value_name = "MP,MP", default_value = "0.5,1,4,12",
          value_parser = megapixels)]
    sizes: Vec<f64>,
    /// Rounds over the pictures that count, behind one that does not
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    rounds: u16,
    /// Pictures examined at once where the rate is measured [default: 1 and as many as cores]
    #[arg(short, long, value_delimiter = ',', value_name = "N,N",
          value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<Vec<u16>>,
    /// Policy by name or file
    #[arg(long, default_value = "default", value_name = "NAME|FILE")]
    policy: String,
    /// Detectors to run, by model name, instead of all
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    models: Option<Vec<String>>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables made to be read
    Human,
    /// One object
    Json,
}

/// Pictures that are measured together.
struct Set {
    name: String,
    inputs: Vec<Input>,
}

/// Megapixels that a picture made here can have: as many as are accepted by default.
fn megapixels(text: &str) -> Result<f64, String> {
    let read: f64 = text.parse().map_err(|_| format!("\"{text}\" is no number"))?;
    match read {
        0.01..=100.0 => Ok(read),
        _ => Err(format!("a picture has 0.01 to 100 megapixels, not {text}")),
    }
}

/// Measures; a picture that cannot be examined ends it.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    let policy = Arc::new(setup::policy(&settings, &arguments.policy)?);
    let registry = setup::registry(&settings)?;
    let analyser = Analyser::new(&registry, policy, Arc::new(Pool::new(settings.pool_threads)?))?;
    let models = arguments.models.clone().map_or(Models::All, Models::Named);
    let request = AnalysisRequest { models, ..AnalysisRequest::default() };
    request.choose(&analyser.models())?;
    let scratch = tempfile::tempdir()?;
    let sets = sets(arguments, scratch.path())?;
    let decoder = setup::decoder(&settings, Isolation::None)?;
    let database = (&*scratch.path().join("data"), &*settings.service.region);
    let road = Road::new(&analyser, request, decoder, database)?;
    let rounds = usize::from(arguments.rounds);
    let usual = || if cores() > 1 { vec![1, cores()] } else { vec![1] };
    let jobs = arguments
        .jobs
        .as_ref()
        .map_or_else(usual, |jobs| jobs.iter().copied().map(usize::from).collect());
    let mut measured = Vec::new();
    for Set { name, inputs } in &sets {
        let stages = road.measure(inputs, rounds)?;
        let rates = jobs.iter().map(|&jobs| rate::measure(&road, inputs, rounds, jobs));
        let rates = rates.collect::<Result<Vec<_>, _>>()?;
        measured.push(figures::Set { name: name.clone(), stages, rates });
    }
    let found = figures::Found { sets: measured, peak_memory_bytes: clock::peak_memory() };
    let out = anstream::stdout();
    match arguments.format {
        Format::Human => print::human(out, &found)?,
        Format::Json => print::json(out, &found)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The pictures that are named, or those that are made.
fn sets(arguments: &Arguments, scratch: &Path) -> Result<Vec<Set>, CommandError> {
    if arguments.inputs.is_empty() {
        let made = |&megapixels: &f64| -> Result<Set, CommandError> {
            let file: PathBuf = scratch.join(format!("{megapixels}.jpg"));
            let (width, height) = picture::write(megapixels, &file)?;
            let name = format!("{megapixels} megapixels, {width}x{height}");
            Ok(Set { name, inputs: vec![Input::File(file)] })
        };
        return arguments.sizes.iter().map(made).collect();
    }
    let inputs = inputs::resolve(&arguments.inputs)?;
    if inputs.contains(&Input::Stdin) {
        return Err("standard input can be read once only; name a file".into());
    }
    Ok(vec![Set { name: format!("{} pictures", inputs.len()), inputs }])
}
