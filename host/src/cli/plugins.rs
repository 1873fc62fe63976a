// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay plugins`: what is configured, what a library says of itself, whether it can be loaded.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use assay_plugin_api::descriptor::Descriptor;
use clap::{Args, Subcommand};

use super::{dev, exit, install, scaffold, setup, CommandError};
use crate::config::Isolation;
use crate::plugin::{LoadedDetector, Plugin, PluginError, Registry};
use crate::worker::WorkerSettings;

#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the configured detectors
    List,
    /// Show what a detector says about itself
    Inspect {
        /// Model name of a configured detector, or a library file
        #[arg(value_name = "MODEL|FILE")]
        name: String,
    },
    /// Put another version of a configured detector into service
    Install {
        /// Model name of the detector
        model: String,
        /// Library file
        file: PathBuf,
    },
    /// Go back to the version before the last installation
    Rollback {
        /// Model name of the detector
        model: String,
    },
    /// Write down what a library answers to pictures: golden vectors, in the folder FILE.golden
    Golden {
        /// Library file
        file: PathBuf,
        /// Pictures, which are copied there
        #[arg(required = true, value_name = "PICTURE")]
        pictures: Vec<PathBuf>,
    },
    /// Check that library files can be loaded as detectors
    Check {
        /// Library files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Make a crate with a whole detector of one's own
    New {
        /// Name of the detector: lower-case letters, digits and hyphens, such as cast-shadows
        name: String,
        /// Folder of the crate, which must not be there yet [default: the name]
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
        /// The contract's crate or a checkout that has it [default: this program's or this folder's
        /// checkout, else the registry]
        #[arg(long, value_name = "PATH")]
        contract: Option<PathBuf>,
    },
    /// Build a detector at every save, and show its scores beside those of the build before
    Dev(dev::Arguments),
}

/// Runs one of the commands.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    match &arguments.command {
        Command::List => list(config),
        Command::Inspect { name } => inspect(name, config),
        Command::Install { model, file } => install::install(model, file, config),
        Command::Rollback { model } => install::rollback(model, config),
        Command::Golden { file, pictures } => install::golden(file, pictures, config),
        Command::Check { files } => check(files),
        Command::New { name, dir, contract } => {
            scaffold::run(name, dir.as_deref(), contract.as_deref())
        }
        Command::Dev(arguments) => dev::run(arguments, config),
    }
}

fn list(config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    let mut out = anstream::stdout();
    let mut code = ExitCode::SUCCESS;
    for slot in &settings.plugins {
        match Registry::open(slot, &settings.plugin_search, &settings.workers) {
            Ok(detector) => line(&mut out, &detector)?,
            Err(error) => {
                writeln!(out, "{:12} not loaded: {error}", slot.model)?;
                code = ExitCode::from(exit::USAGE);
            }
        }
    }
    Ok(code)
}

fn line(out: &mut impl std::io::Write, detector: &LoadedDetector) -> std::io::Result<()> {
    let descriptor = detector.descriptor();
    writeln!(
        out,
        "{:12} {:24} {:12} {:8} {} {}",
        detector.model_key,
        detector.result_key,
        detector.kind.as_str(),
        descriptor.version,
        detector.plugin.digest().get(..12).unwrap_or_default(),
        detector.plugin.path().display(),
    )
}

fn inspect(name: &str, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    if Path::new(name).is_file() {
        describe(&foreign(Path::new(name))?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let settings = setup::settings(config)?;
    let slot = settings.plugins.iter().find(|slot| slot.model == name).ok_or_else(|| {
        let known: Vec<_> = settings.plugins.iter().map(|slot| slot.model.as_str()).collect();
        format!("\"{name}\" is no file and no configured model; known: {}", known.join(", "))
    })?;
    describe(&Registry::open(slot, &settings.plugin_search, &settings.workers)?.plugin)?;
    Ok(ExitCode::SUCCESS)
}

/// Opens a file that nobody has vouched for: in a process of its own.
fn foreign(file: &Path) -> Result<Plugin, PluginError> {
    Plugin::open(file, None, Isolation::Process, &WorkerSettings::default())
}

fn describe(plugin: &Plugin) -> std::io::Result<()> {
    let mut out = anstream::stdout();
    let Descriptor {
        id,
        model_key,
        result_key,
        title,
        version,
        licence,
        kind,
        inputs,
        params,
        card,
    } = plugin.descriptor();
    writeln!(out, "{title} ({id} {version})")?;
    writeln!(out, "{}", card.summary)?;
    let inputs: Vec<_> = inputs.iter().map(|input| input.as_str()).collect();
    let rows = [
        ("file", plugin.path().display().to_string()),
        ("sha256", plugin.digest().to_owned()),
        ("contract", plugin.contract_version().to_owned()),
        ("model key", model_key.to_string()),
        ("result key", result_key.to_string()),
        ("kind", kind.as_str().to_owned()),
        ("reads", inputs.join(", ")),
        ("licence", licence.to_string()),
        ("method", card.method.to_string()),
        ("trained on", card.trained_on.to_string()),
        ("limits", card.limits.to_string()),
    ];
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        writeln!(out, "  {name:12} {value}")?;
    }
    for spec in params {
        let (name, doc, default) = (&spec.name, &spec.doc, spec.default.describe());
        let unit = if spec.unit.is_empty() { String::new() } else { format!(" {}", spec.unit) };
        let expected = spec.expectation();
        writeln!(out, "  parameter    {name} = {default}{unit} ({expected}): {doc}")?;
    }
    for reference in &card.references {
        writeln!(out, "  reference    {reference}")?;
    }
    Ok(())
}

fn check(files: &[PathBuf]) -> Result<ExitCode, CommandError> {
    let mut out = anstream::stdout();
    let mut code = ExitCode::SUCCESS;
    for file in files {
        let made = foreign(file).and_then(|plugin| plugin.create(&[]).map(|_| plugin));
        match made {
            Ok(plugin) => {
                let (id, version) = (&plugin.descriptor().id, &plugin.descriptor().version);
                writeln!(out, "{}: ok, {id} {version}", file.display())?;
            }
            Err(error) => {
                writeln!(out, "{error}")?;
                code = ExitCode::from(exit::INPUT_FAILED);
            }
        }
    }
    Ok(code)
}
