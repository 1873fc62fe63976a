// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay-conformance`: checks a plugin file against the contract, or a deployment against the guide.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use assay_conformance::command::{self, Choice, CommandError, Deployment, Plugin};
use assay_conformance::{fixtures, kit, output, runner};
use clap::{Parser, Subcommand, ValueEnum};

/// Checks a plugin file against the contract, or a deployment against the API guide.
///
/// Exit status: 0 all cases pass, 1 a case failed or crashed or a badge was not given, 2 wrong usage.
#[derive(Parser)]
#[command(version = concat!(env!("CARGO_PKG_VERSION"), ", conformance 1.0"))]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the cases
    List {
        /// Only those of this subject
        #[arg(value_enum)]
        subject: Option<Of>,
        #[command(flatten)]
        choice: Choice,
        /// How to print them
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Check a plugin file
    Plugin(Box<Plugin>),
    /// Check a deployment
    #[command(alias = "api")]
    Deployment(Box<Deployment>),
    /// Write a small set of synthetic pictures to try
    Synth {
        /// Folder; made if it is not there
        folder: PathBuf,
        /// Seed of the pictures
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Run the case that standard input describes and report on standard output, for the runner itself
    #[command(hide = true)]
    RunCase,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Of {
    Plugin,
    Deployment,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    #[default]
    Human,
    Json,
}

fn main() -> ExitCode {
    let mut out = std::io::stdout().lock();
    let done = match Arguments::parse().command {
        Command::List { subject, choice, format } => list(subject, &choice, format, &mut out),
        Command::Plugin(arguments) => command::plugin(&arguments, &mut out),
        Command::Deployment(arguments) => command::deployment(&arguments, &mut out),
        Command::Synth { folder, seed } => return synth(&folder, seed, &mut out),
        Command::RunCase => {
            // The case and what a plugin prints share standard output with this.
            drop(out);
            runner::run_as_child(std::io::stdin().lock()).map(|()| true).map_err(Into::into)
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let is_usage = error.is_usage();
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::from(if is_usage { 2 } else { 1 })
        }
    }
}

fn list(
    subject: Option<Of>,
    choice: &Choice,
    format: ListFormat,
    out: &mut impl Write,
) -> Result<bool, CommandError> {
    let is_wanted = |name: &str| match subject {
        None => true,
        Some(Of::Plugin) => name == "plugin",
        Some(Of::Deployment) => name == "deployment",
    };
    let cases = choice.of(kit::all().filter(|case| is_wanted(case.subject)).collect())?;
    match format {
        ListFormat::Human => write!(out, "{}", output::list_text(&cases))?,
        ListFormat::Json => writeln!(out, "{:#}", output::list_json(&cases))?,
    }
    Ok(true)
}

fn synth(folder: &Path, seed: u64, out: &mut impl Write) -> ExitCode {
    let written = match fixtures::write_examples(folder, seed) {
        Ok(written) => written,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            return ExitCode::FAILURE;
        }
    };
    for (path, what) in written {
        if writeln!(out, "{}  {what}", path.display()).is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}
