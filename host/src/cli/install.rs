// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay plugins install` and `rollback`: another version of a configured detector, put where the
//! configuration has it. A server that runs takes it up by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::{setup, CommandError};
use crate::config::{PluginSlot, Settings};
use crate::plugin::{find, trial, Plugin, Registry};

/// What the program that runs all conformance cases is called.
const CONFORMANCE: &str = "assay-conformance";

/// Puts the library `file` in the place of the one that serves `model`, which is kept for a rollback.
pub(super) fn install(
    model: &str,
    file: &Path,
    config: Option<&Path>,
) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    let slot = slot(&settings, model)?;
    let place = find(slot, &settings.plugin_search)?;
    let present = Registry::open(slot, &settings.plugin_search, &settings.workers)?.plugin;
    let found = trial(file, slot.sha256.as_deref(), &settings.workers)?;
    let (own, other) = (&present.descriptor().id, &found.descriptor().id);
    if own != other {
        let file = file.display();
        return Err(format!("{file}: is the detector `{other}`; {model} is `{own}`").into());
    }
    let mut out = anstream::stdout();
    conformance(file, &mut out)?;
    let previous = previous(&place);
    fs::copy(&place, &previous).map_err(|e| format!("{}: {e}", previous.display()))?;
    replace(file, &place)?;
    told(&mut out, model, &present, &found)?;
    Ok(ExitCode::SUCCESS)
}

/// Puts back the library that was there before the last installation, which takes its place.
pub(super) fn rollback(model: &str, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    let slot = slot(&settings, model)?;
    let place = find(slot, &settings.plugin_search)?;
    let previous = previous(&place);
    if !previous.is_file() {
        return Err(
            format!("{}: not there, {model} was not installed anew", previous.display()).into()
        );
    }
    let present = Registry::open(slot, &settings.plugin_search, &settings.workers)?.plugin;
    let found = trial(&previous, slot.sha256.as_deref(), &settings.workers)?;
    let aside = beside(&place, "aside");
    fs::copy(&place, &aside).map_err(|e| format!("{}: {e}", aside.display()))?;
    replace(&previous, &place)?;
    fs::rename(&aside, &previous).map_err(|e| format!("{}: {e}", previous.display()))?;
    told(&mut anstream::stdout(), model, &present, &found)?;
    Ok(ExitCode::SUCCESS)
}

fn slot<'s>(settings: &'s Settings, model: &str) -> Result<&'s PluginSlot, CommandError> {
    settings.plugins.iter().find(|slot| slot.model == model).ok_or_else(|| {
        let known: Vec<_> = settings.plugins.iter().map(|slot| slot.model.as_str()).collect();
        format!("\"{model}\" is no configured model; known: {}", known.join(", ")).into()
    })
}

/// Runs all conformance cases, where the program for them stands beside this one.
fn conformance(file: &Path, out: &mut impl std::io::Write) -> Result<(), CommandError> {
    let program = std::env::current_exe()?.with_file_name(CONFORMANCE);
    if !program.is_file() {
        writeln!(out, "the conformance cases were not run: there is no {}", program.display())?;
        return Ok(());
    }
    let run = Command::new(&program).arg("plugin").arg(file).output()?;
    if run.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&run.stdout);
    Err(format!("{}: does not pass the conformance cases:\n{said}", file.display()).into())
}

/// Whole or not at all: a server that looks meanwhile sees the one file or the other.
fn replace(file: &Path, place: &Path) -> Result<(), CommandError> {
    let new = beside(place, "new");
    let failed = |e: std::io::Error| format!("{}: {e}", new.display());
    fs::copy(file, &new).map_err(failed)?;
    fs::File::open(&new).and_then(|copied| copied.sync_all()).map_err(failed)?;
    fs::rename(&new, place).map_err(|e| format!("{}: {e}", place.display()))?;
    Ok(())
}

fn previous(place: &Path) -> PathBuf {
    beside(place, "previous")
}

/// A file beside another, named after it.
fn beside(place: &Path, suffix: &str) -> PathBuf {
    let mut name = place.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(suffix);
    place.with_file_name(name)
}

fn told(
    out: &mut impl std::io::Write,
    model: &str,
    before: &Plugin,
    now: &Plugin,
) -> std::io::Result<()> {
    let short = |plugin: &Plugin| {
        let digest = plugin.digest().get(..12).unwrap_or_default().to_owned();
        format!("{} ({digest})", plugin.descriptor().version)
    };
    writeln!(out, "{model}: {} is now {}", short(before), short(now))
}
