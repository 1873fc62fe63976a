// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay plugins dev`: builds a detector at every save and shows what it says of pictures now and what
//! it said before.
//!
//! The library runs in processes of its own; a build that does not compile or does not keep the contract
//! leaves the one before in its place.

mod build;
mod scores;
mod watch;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::Args;

use self::build::Build;
use self::scores::{table, Scores};
use self::watch::Files;
use super::inputs::{self, Input};
use super::{setup, CommandError};
use crate::config::Isolation;
use crate::plugin::{trial, Plugin};

/// How often the files are looked at.
const POLL: Duration = Duration::from_millis(200);

#[derive(Args)]
pub(super) struct Arguments {
    /// Folder of the detector's crate
    folder: PathBuf,
    /// Pictures that are scored: a folder, a file or a pattern; may be repeated
    #[arg(long, required = true, value_name = "DIR|PATH|GLOB")]
    images: Vec<String>,
    /// Which detector, where the folder builds several
    #[arg(long, value_name = "ID")]
    detector: Option<String>,
    /// Build with optimisations
    #[arg(long)]
    release: bool,
}

/// Builds, scores and waits for the next save, until Ctrl-C.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let folder = &arguments.folder;
    if !folder.join("Cargo.toml").is_file() {
        return Err(format!("{}: no crate: it has no Cargo.toml", folder.display()).into());
    }
    let settings = setup::settings(config)?;
    let pictures = inputs::resolve(&arguments.images)?;
    if pictures.contains(&Input::Stdin) {
        return Err("standard input (-) can be read once; name files".into());
    }
    let decoder = setup::decoder(&settings, Isolation::None)?;
    let is_ended = ended_by_ctrl_c()?;
    let mut out = anstream::stdout();
    let mut before: Option<Scores> = None;
    let mut number = 0;
    while !is_ended.load(Ordering::Relaxed) {
        let files = Files::of(folder)?;
        let built = build::run(&Build { folder, release: arguments.release })?;
        if is_ended.load(Ordering::Relaxed) {
            break;
        }
        let chosen = built.and_then(|libraries| {
            let open = |library: &Path| {
                let plugin = Plugin::open(library, None, Isolation::Process, &settings.workers)
                    .map_err(|error| error.to_string())?;
                Ok((plugin.descriptor().id.to_string(), plugin))
            };
            let (library, plugin) = chosen(libraries, arguments.detector.as_deref(), open)?;
            trial(&library, None, &settings.workers).map_err(|error| error.to_string())?;
            Ok(plugin)
        });
        match chosen {
            Ok(plugin) => {
                number += 1;
                let now = Scores::of(&plugin, &pictures, &decoder, &is_ended)?;
                let (descriptor, digest) = (plugin.descriptor(), plugin.digest());
                let digest = digest.get(..12).unwrap_or_default();
                let (id, version) = (&descriptor.id, &descriptor.version);
                writeln!(out, "build {number}: {id} {version} ({digest}) keeps the contract on trial pictures")?;
                write!(out, "{}", table(&pictures, before.as_ref(), &now))?;
                before = Some(now);
            }
            Err(fault) => {
                writeln!(out, "{fault}")?;
                if before.is_some() {
                    writeln!(out, "build {number} stays")?;
                }
            }
        }
        writeln!(out, "waiting for a save below {}; Ctrl-C ends", folder.display())?;
        while !is_ended.load(Ordering::Relaxed) && Files::of(folder)? == files {
            thread::sleep(POLL);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The library of the detector that is meant, and what `open` makes of it; that gives the detector's id
/// too.
fn chosen<P>(
    libraries: Vec<PathBuf>,
    detector: Option<&str>,
    open: impl Fn(&Path) -> Result<(String, P), String>,
) -> Result<(PathBuf, P), String> {
    let (mut found, mut known) = (Vec::new(), Vec::new());
    for library in libraries {
        let (id, plugin) = open(&library)?;
        if detector.is_none_or(|wanted| wanted == id) {
            found.push((library, plugin));
        }
        known.push(id);
    }
    let known = known.join(", ");
    match (found.pop(), found.is_empty(), detector) {
        (Some(found), true, _) => Ok(found),
        (Some(_), false, _) => {
            Err(format!("several detectors are built; --detector names one of {known}"))
        }
        (None, _, Some(id)) => Err(format!("no detector `{id}` is built; there is: {known}")),
        (None, _, None) => {
            Err("no library is built: crate-type in Cargo.toml must have \"cdylib\"".into())
        }
    }
}

/// Becomes true when Ctrl-C is pressed.
fn ended_by_ctrl_c() -> std::io::Result<Arc<AtomicBool>> {
    let is_ended = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&is_ended);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let interrupts = {
        let _entered = runtime.enter();
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?
    };
    thread::spawn(move || {
        let mut interrupts = interrupts;
        runtime.block_on(interrupts.recv());
        told.store(true, Ordering::Relaxed);
    });
    Ok(is_ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_detector_needs_no_name_and_several_do() {
        let open = |library: &Path| match library.file_stem() {
            Some(id) => Ok((id.to_string_lossy().into_owned(), id.len())),
            None => Err("no file".into()),
        };
        let choose = |libraries: &[&str], detector: Option<&str>| {
            chosen(libraries.iter().map(PathBuf::from).collect(), detector, open)
        };
        assert_eq!(choose(&["a.so"], None), Ok(("a.so".into(), 1)));
        assert_eq!(choose(&["a.so", "bb.so"], Some("bb")), Ok(("bb.so".into(), 2)));
        for (libraries, detector, fault) in [
            (&["a.so", "bb.so"][..], None, "--detector names one of a, bb"),
            (&["a.so"], Some("c"), "no detector `c` is built; there is: a"),
            (&[], None, "\"cdylib\""),
            (&["/"], None, "no file"),
        ] {
            assert!(choose(libraries, detector).unwrap_err().contains(fault), "{fault}");
        }
    }
}
