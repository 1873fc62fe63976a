// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay doctor`: whether a server could do its work here, and what to do where it could not.
//!
//! It looks and changes nothing: no folder is made, no database brought to another version. Where images
//! wait outside the data directory, a file is written and removed.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::host_place::HostPlace;
use super::{exit, setup, CommandError};
use crate::config::Settings;

mod check;
mod database;
mod detectors;
mod files;
mod machine;
mod network;

use check::{Check, Level};

#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: HostPlace,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each thing that was looked at
    #[default]
    Text,
    /// One object with all of them
    Json,
}

/// Looks at everything; the exit code is 0 when nothing failed, 1 when something did, 2 when it is the
/// configuration.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config);
    let (checks, code) = match &settings {
        Ok(settings) => (all(arguments, settings)?, exit::INPUT_FAILED),
        Err(error) => (vec![Check::failed("configuration", error)], exit::USAGE),
    };
    let worst = checks.iter().map(|check| check.level).max().unwrap_or(Level::Ok);
    let mut out = anstream::stdout().lock();
    match arguments.format {
        Format::Text => checks.iter().try_for_each(|check| writeln!(out, "{check}"))?,
        Format::Json => writeln!(out, "{}", json!({ "level": worst, "checks": checks }))?,
    }
    Ok(if worst == Level::Failed { ExitCode::from(code) } else { ExitCode::SUCCESS })
}

fn all(arguments: &Arguments, settings: &Settings) -> std::io::Result<Vec<Check>> {
    let mut settings = settings.clone();
    settings.service.allowed.extend(&arguments.place.allow);
    let file = settings.file.as_ref().map_or("built in".into(), |file| file.display().to_string());
    let mut checks = vec![Check::ok("configuration", file)];
    checks.extend(detectors::checks(&settings, &arguments.place.policy));
    checks.extend(machine::checks(&settings));
    checks.extend(network::checks(&settings.service));
    let (stored, blobs) = (&arguments.place.stored, arguments.place.blobs.as_deref());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        checks.extend(files::checks(stored.data(), blobs, &settings).await);
        checks.extend(database::checks(stored, &settings).await);
    });
    Ok(checks)
}
