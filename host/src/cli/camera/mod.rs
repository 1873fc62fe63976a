// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay camera`: enrolling cameras by their sensors' fingerprints, asking which of them took a picture,
//! and listing the quantisation tables that they write.

use std::path::Path;
use std::process::ExitCode;

use assay_signal::prnu::LumaPlane;
use clap::{Args, Subcommand};

use super::inputs::Input;
use super::CommandError;
use crate::image::evidence::ImageEvidence;
use crate::image::DecodeLimits;

mod enrol;
mod learn;
mod output;
mod trace;

#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a camera's fingerprint file from its pictures, as it saved them
    Enrol(enrol::Arguments),
    /// List the quantisation tables that cameras or programs write, from their files
    Learn(learn::Arguments),
    /// Tell which of the enrolled cameras took a picture
    Match(trace::Arguments),
}

/// Runs one of the commands.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    match &arguments.command {
        Command::Enrol(arguments) => enrol::run(arguments, config),
        Command::Learn(arguments) => learn::run(arguments, config),
        Command::Match(arguments) => trace::run(arguments, config),
    }
}

/// Why a picture cannot be used.
struct Unusable {
    code: &'static str,
    message: String,
}

/// Reads and decodes one picture.
fn decoded(input: &Input, limits: &DecodeLimits) -> Result<ImageEvidence, Unusable> {
    let bytes = input.read(limits.max_file_bytes).map_err(|error| Unusable {
        code: "INVALID_REQUEST",
        message: format!("cannot be read: {error}"),
    })?;
    ImageEvidence::from_bytes(bytes, limits)
        .map_err(|error| Unusable { code: error.code(), message: error.to_string() })
}

/// The luma of a picture's stored grid.
fn luma(image: &ImageEvidence) -> Result<LumaPlane<'_>, Unusable> {
    let side = |pixels: u32| usize::try_from(pixels).unwrap_or(usize::MAX);
    let (width, height) = (side(image.width()), side(image.height()));
    LumaPlane::new(width, height, width, image.luma()).ok_or_else(|| Unusable {
        code: "IMAGE_CORRUPT",
        message: format!("{width}x{height} px, but other samples were decoded"),
    })
}
