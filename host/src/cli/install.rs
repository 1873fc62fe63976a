// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay plugins install` and `rollback`: another version of a configured detector, put where the
//! configuration has it, with its signature and its golden vectors. A server that runs takes it up by
//! itself.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::{setup, CommandError};
use crate::config::{PluginSlot, Settings};
use crate::plugin::{
    demanded, find, golden_of, signatures_of, trial, write_golden, Plugin, Registry, Tried,
};

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
    let Tried { plugin: found, golden } =
        trial(file, demanded(file, slot)?.as_deref(), &settings.workers)?;
    let (own, other) = (&present.descriptor().id, &found.descriptor().id);
    if own != other {
        let file = file.display();
        return Err(format!("{file}: is the detector `{other}`; {model} is `{own}`").into());
    }
    let mut out = anstream::stdout();
    match golden {
        0 => writeln!(
            out,
            "no golden vectors were compared: there is no {}",
            golden_of(file).display()
        )?,
        _ => writeln!(out, "golden vectors: {golden}, all as listed")?,
    }
    conformance(file, &mut out)?;
    put(&place, &previous(&place))?;
    put(file, &place)?;
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
    let demanded = demanded(&previous, slot)?;
    let found = trial(&previous, demanded.as_deref(), &settings.workers)?.plugin;
    let aside = beside(&place, "aside");
    put(&place, &aside)?;
    put(&previous, &place)?;
    put(&aside, &previous)?;
    remove(&aside)?;
    told(&mut anstream::stdout(), model, &present, &found)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the golden vectors of a library file beside it.
pub(super) fn golden(
    file: &Path,
    pictures: &[PathBuf],
    config: Option<&Path>,
) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    write_golden(file, pictures, &settings.workers)?;
    let folder = golden_of(file);
    writeln!(anstream::stdout(), "{}: {} golden vectors", folder.display(), pictures.len())?;
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

/// Copies a library to a place, with what belongs to it; what belonged to the one before goes. The library
/// is there whole or not at all, and signed at any moment: a server that looks meanwhile sees the one or
/// the other, and the signatures of both.
fn put(file: &Path, place: &Path) -> Result<(), CommandError> {
    let (golden, new_golden) = (golden_of(place), golden_of(file));
    remove_folder(&golden)?;
    if new_golden.is_dir() {
        fs::create_dir(&golden).map_err(failed_at(&golden))?;
        for entry in fs::read_dir(&new_golden).map_err(failed_at(&new_golden))? {
            let entry = entry.map_err(failed_at(&new_golden))?;
            let (from, to) = (entry.path(), golden.join(entry.file_name()));
            fs::copy(&from, &to).map_err(failed_at(&from))?;
        }
    }
    let (signatures, own) = (signatures_of(place), signatures_of(file));
    let of_new = read_if_there(&own)?;
    if let Some(of_new) = &of_new {
        let of_both = [of_new.as_str(), &read_if_there(&signatures)?.unwrap_or_default()];
        write(&signatures, of_both.join("\n").as_bytes())?;
    }
    write(place, &fs::read(file).map_err(failed_at(file))?)?;
    match of_new {
        Some(of_new) => write(&signatures, of_new.as_bytes()),
        None => remove_file(&signatures),
    }
}

/// Removes a library and what belongs to it.
fn remove(library: &Path) -> Result<(), CommandError> {
    remove_folder(&golden_of(library))?;
    remove_file(&signatures_of(library))?;
    remove_file(library)
}

/// Writes a file whole or not at all.
fn write(place: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let new = beside(place, "new");
    fs::write(&new, bytes).map_err(failed_at(&new))?;
    fs::File::open(&new).and_then(|copied| copied.sync_all()).map_err(failed_at(&new))?;
    Ok(fs::rename(&new, place).map_err(failed_at(place))?)
}

fn read_if_there(path: &Path) -> Result<Option<String>, CommandError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed_at(path)(error).into()),
    }
}

fn remove_file(path: &Path) -> Result<(), CommandError> {
    Ok(gone(fs::remove_file(path)).map_err(failed_at(path))?)
}

fn remove_folder(path: &Path) -> Result<(), CommandError> {
    Ok(gone(fs::remove_dir_all(path)).map_err(failed_at(path))?)
}

/// What was not there is removed.
fn gone(removed: std::io::Result<()>) -> std::io::Result<()> {
    removed.or_else(|e| if e.kind() == ErrorKind::NotFound { Ok(()) } else { Err(e) })
}

/// An error at a path, with its name.
fn failed_at(path: &Path) -> impl Fn(std::io::Error) -> String + '_ {
    move |error| format!("{}: {error}", path.display())
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
