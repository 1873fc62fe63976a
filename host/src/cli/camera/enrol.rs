// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay camera enrol`: a camera's pictures in, its fingerprint file out.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use assay_signal::prnu::cleaning::cleaned;
use assay_signal::prnu::correlation::Correlations;
use assay_signal::prnu::file::{is_name, EXTENSION};
use assay_signal::prnu::fingerprint::{weighted_residual, Estimator};
use assay_signal::prnu::significance::KNOWN_PCE;
use assay_signal::prnu::{FileError, Fingerprint};
use clap::Args;

use super::super::in_order::progress;
use super::super::inputs::{self, Input};
use super::super::{exit, setup, CommandError};
use super::{decoded, luma, Unusable};
use crate::image::DecodeLimits;

/// Pictures from which a fingerprint is good: with fewer, more of it is noise of single pictures.
const ENOUGH_PICTURES: usize = 20;
/// Fewest pictures of which each can be compared with the others.
const COMPARABLE_PICTURES: u32 = 3;

#[derive(Args)]
pub(in super::super) struct Arguments {
    /// The camera's name
    name: String,
    /// Its pictures, as it saved them: files, folders or patterns
    #[arg(required = true, value_name = "PATH|DIR|GLOB")]
    files: Vec<String>,
    /// The file to write [default: NAME.camera]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

/// Enrols a camera. Nothing is written unless every picture can be used.
pub(in super::super) fn run(
    arguments: &Arguments,
    config: Option<&Path>,
) -> Result<ExitCode, CommandError> {
    let Arguments { name, files, out, force } = arguments;
    if !is_name(name) {
        return Err(FileError::Name.into());
    }
    let path = out.clone().unwrap_or_else(|| format!("{name}.{EXTENSION}").into());
    if path.exists() && !force {
        return Err(format!("{}: is there already; --force replaces it", path.display()).into());
    }
    let limits = setup::limits(&setup::settings(config)?);
    let inputs = inputs::resolve(files)?;
    let mut notes = anstream::stderr();
    let estimator = match estimate(&inputs, &limits) {
        Ok(estimator) => estimator,
        Err((input, Unusable { message, .. })) => {
            writeln!(notes, "{}: {message}", input.name())?;
            return Ok(ExitCode::from(exit::INPUT_FAILED));
        }
    };
    let pictures = estimator.pictures();
    if pictures >= COMPARABLE_PICTURES {
        for (input, pce) in strangers(&inputs, &limits, &estimator) {
            writeln!(
                notes,
                "{}: hardly shows the fingerprint of the others (PCE {pce:.0} of {KNOWN_PCE}): \
                 another camera's, changed, dark, or full of texture",
                input.name()
            )?;
        }
    }
    if inputs.len() < ENOUGH_PICTURES {
        writeln!(
            notes,
            "{pictures} pictures; {ENOUGH_PICTURES} or more, bright and without texture, make a \
             better fingerprint"
        )?;
    }
    let made = Fingerprint::new(name, pictures, &estimator.finish())?;
    std::fs::write(&path, made.to_bytes())
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let (width, height) = (made.width(), made.height());
    writeln!(
        anstream::stdout(),
        "{}: {name}, {width}x{height} px, from {pictures} pictures",
        path.display()
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Adds all pictures up.
fn estimate<'a>(
    inputs: &'a [Input],
    limits: &DecodeLimits,
) -> Result<Estimator, (&'a Input, Unusable)> {
    let mut sum: Option<(Estimator, [usize; 2])> = None;
    let bar = progress(inputs.len());
    for input in inputs {
        let add = |sum: &mut Option<(Estimator, [usize; 2])>| {
            let image = decoded(input, limits)?;
            let luma = luma(&image)?;
            let size @ [width, height] = [luma.width(), luma.height()];
            let (estimator, first) =
                sum.get_or_insert_with(|| (Estimator::new(width, height), size));
            if estimator.add(luma) {
                return Ok(());
            }
            let [first_width, first_height] = first;
            let message = format!(
                "{width}x{height} px, but the first picture has {first_width}x{first_height}; take \
                 pictures as the camera saved them, all of one size"
            );
            Err(Unusable { code: "INVALID_REQUEST", message })
        };
        add(&mut sum).map_err(|unusable| (input, unusable))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    // There is a first input: none at all is an error before.
    Ok(sum.map_or_else(|| Estimator::new(0, 0), |(estimator, _)| estimator))
}

/// The pictures that do not fit the fingerprint of all others, with their PCE.
fn strangers<'a>(
    inputs: &'a [Input],
    limits: &DecodeLimits,
    estimator: &Estimator,
) -> Vec<(&'a Input, f64)> {
    let bar = progress(inputs.len());
    let compare = |input: &'a Input| {
        let image = decoded(input, limits).ok()?;
        let luma = luma(&image).ok()?;
        let others = estimator.pattern_without(luma);
        let pce = Correlations::new(&cleaned(weighted_residual(luma)), others).pce(0, 0);
        bar.inc(1);
        Some((input, pce))
    };
    let found = inputs.iter().filter_map(compare).filter(|(_, pce)| *pce < KNOWN_PCE).collect();
    bar.finish_and_clear();
    found
}
