// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay doctor`: what is configured, whether it can be had, and what keeps it in.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use super::{exit, setup, CommandError};
use crate::config::Isolation;
use crate::plugin::Registry;
use crate::worker::confinement::Confinement;
use crate::worker::Decoder;

#[derive(Args)]
pub(super) struct Arguments {}

/// Looks at everything; the exit code is 0 when all can be had and all that should keep something in is
/// in force.
pub(super) fn run(_: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    let mut out = anstream::stdout();
    let mut is_well = true;
    let file =
        settings.file.as_deref().map_or("built in".into(), |file| file.display().to_string());
    writeln!(out, "configuration  {file}")?;
    for slot in &settings.plugins {
        let opened = Registry::open(slot, &settings.plugin_search, &settings.workers);
        let made = opened.and_then(|detector| detector.try_out().map(|()| detector));
        match made {
            Ok(detector) => {
                let confinement = detector.plugin.confinement();
                is_well &= confinement.is_none_or(|c| c.is_tight());
                writeln!(out, "detector       {:12} {}", slot.model, place(confinement))?;
            }
            Err(error) => {
                is_well = false;
                writeln!(out, "detector       {:12} not to be had: {error}", slot.model)?;
            }
        }
    }
    match setup::decoder(&settings, Isolation::Process) {
        Ok(decoder) => {
            let confinement = match &decoder {
                Decoder::Here(_) => None,
                Decoder::Apart(apart) => Some(apart.confinement()),
            };
            is_well &= confinement.is_none_or(|c| c.is_tight());
            writeln!(out, "decoder        {:12} {}", "(server)", place(confinement))?;
        }
        Err(error) => {
            is_well = false;
            writeln!(out, "decoder        {:12} not to be had: {error}", "(server)")?;
        }
    }
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::from(exit::INPUT_FAILED) })
}

fn place(confinement: Option<Confinement>) -> String {
    match confinement {
        None => "in the host's process".into(),
        Some(confinement) => format!("in processes of its own: {confinement}"),
    }
}
