// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay-conformance`: checks a plugin file against the contract, or a deployment against the guide.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use assay_conformance::case::Outcome;
use assay_conformance::plugin::{case, cases};
use assay_conformance::runner::{self, Settings};
use assay_conformance::{fixtures, output};
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Checks a plugin file against the contract, or a deployment against the API guide.
///
/// Exit status: 0 all cases pass, 1 a case failed or crashed, 2 wrong usage.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the cases.
    List {
        /// How to print them.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Check a plugin file.
    Plugin(Plugin),
    /// Check a deployment.
    Api(Box<assay_conformance::api::command::Arguments>),
    /// Write a small set of synthetic pictures to try.
    Synth {
        /// Folder; made if it is not there.
        folder: PathBuf,
        /// Seed of the pictures.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Run one case in this process and report on standard output, for the runner itself.
    #[command(hide = true)]
    RunCase {
        #[arg(value_parser = ids())]
        id: String,
        path: PathBuf,
        #[arg(long)]
        seed: u64,
    },
}

#[derive(Args)]
struct Plugin {
    /// The library file.
    path: PathBuf,
    /// Print only cases that failed or crashed.
    #[arg(long)]
    only_failed: bool,
    /// Run only this case; may be repeated.
    #[arg(long = "case", value_name = "ID", value_parser = ids())]
    cases: Vec<String>,
    /// How to print the outcomes.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Run the cases in this process, for a debugger; a crash then ends everything.
    #[arg(long)]
    in_process: bool,
    /// Seed of everything that is random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Longest time a case may take, s.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Human,
    Json,
}

fn ids() -> PossibleValuesParser {
    PossibleValuesParser::new(cases().map(|case| case.id))
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::List { format } => list(format),
        Command::Plugin(plugin) => check(&plugin),
        Command::Api(arguments) => {
            match assay_conformance::api::command::run(&arguments, &mut std::io::stdout().lock()) {
                Ok(true) => Ok(ExitCode::SUCCESS),
                Ok(false) => Ok(ExitCode::FAILURE),
                Err(error) => usage(&error.to_string()),
            }
        }
        Command::Synth { folder, seed } => return synth(&folder, seed),
        Command::RunCase { id, path, seed } => {
            let case = case(&id).map(|case| runner::run_as_child(case, &path, seed));
            case.unwrap_or(Ok(())).map(|()| ExitCode::SUCCESS)
        }
    };
    // Writing fails when the reader has gone; there is nobody left to tell.
    done.unwrap_or(ExitCode::FAILURE)
}

fn list(format: Format) -> std::io::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    match format {
        Format::Human => write!(out, "{}", output::list_text())?,
        Format::Json => writeln!(out, "{:#}", output::list_json())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn check(plugin: &Plugin) -> std::io::Result<ExitCode> {
    if !plugin.path.is_file() {
        return usage(&format!("{}: no such file", plugin.path.display()));
    }
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return usage(&format!("this program cannot be found again: {error}")),
    };
    let settings = Settings {
        program,
        seed: plugin.seed,
        timeout: Duration::from_secs(plugin.timeout),
        in_process: plugin.in_process,
    };
    let mut out = std::io::stdout().lock();
    let mut outcomes: Vec<Outcome> = Vec::new();
    let chosen = |id: &str| plugin.cases.is_empty() || plugin.cases.iter().any(|c| c == id);
    for case in cases().filter(|case| chosen(case.id)) {
        let outcome = runner::run(case, &plugin.path, &settings);
        if plugin.format == Format::Human && is_shown(plugin, &outcome) {
            write!(out, "{}", output::outcome_text(&outcome))?;
            out.flush()?;
        }
        outcomes.push(outcome);
    }
    let shown: Vec<_> = outcomes.iter().filter(|o| is_shown(plugin, o)).cloned().collect();
    match plugin.format {
        Format::Human => write!(out, "{}", output::summary_text(&outcomes, plugin.seed))?,
        Format::Json => {
            let json = output::report_json(&plugin.path, &outcomes, &shown, plugin.seed);
            writeln!(out, "{json:#}")?;
        }
    }
    let failed = outcomes.iter().any(|outcome| outcome.status.is_failure());
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn is_shown(plugin: &Plugin, outcome: &Outcome) -> bool {
    !plugin.only_failed || outcome.status.is_failure()
}

fn synth(folder: &std::path::Path, seed: u64) -> ExitCode {
    let written = match fixtures::write_examples(folder, seed) {
        Ok(written) => written,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut out = std::io::stdout().lock();
    for (path, what) in written {
        if writeln!(out, "{}  {what}", path.display()).is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}

fn usage(message: &str) -> std::io::Result<ExitCode> {
    writeln!(std::io::stderr(), "error: {message}")?;
    Ok(ExitCode::from(2))
}
