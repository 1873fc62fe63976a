// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay policy`: whether policies are right, what they say with every default filled in, which of them
//! are in force on every host, and what another one makes of kept answers.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::stored::Stored;
use super::{exit, kept_policies, rescore, setup, CommandError};
use crate::analysis::{Analyser, Pool};

#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    stored: Stored,
}

#[derive(Subcommand)]
enum Command {
    /// Check policies against the schema and the configured detectors
    Check {
        /// Policies by name or file
        #[arg(required = true, value_name = "NAME|FILE")]
        policies: Vec<String>,
    },
    /// Print a policy with every default filled in, and its digest
    Show {
        /// Policy by name or file
        #[arg(default_value = "default", value_name = "NAME|FILE")]
        policy: String,
    },
    /// Put a policy into force on every host of the database
    Put {
        /// Its file
        file: PathBuf,
    },
    /// Take a policy of the database out of force
    Withdraw {
        /// Its name
        name: String,
    },
    /// List the policies of the database
    List,
    /// Tell which verdicts differ between two policies on kept results, and what that does to the errors
    Diff(rescore::DiffArguments),
    /// Make kept verdicts again under a policy, without running a detector
    Replay(rescore::ReplayArguments),
}

/// Runs one of the commands.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    match &arguments.command {
        Command::Check { policies } => check(policies, config),
        Command::Show { policy } => show(policy, config),
        Command::Put { file } => kept_policies::put(file, &arguments.stored, config),
        Command::Withdraw { name } => kept_policies::withdraw(name, &arguments.stored, config),
        Command::List => kept_policies::list(&arguments.stored, config),
        Command::Diff(arguments) => rescore::diff(arguments, config),
        Command::Replay(of_replay) => rescore::replay(of_replay, &arguments.stored, config),
    }
}

fn check(policies: &[String], config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    let registry = setup::registry(&settings)?;
    let pool = Arc::new(Pool::new(1)?);
    let mut out = anstream::stdout();
    let mut code = ExitCode::SUCCESS;
    for name in policies {
        let made = setup::policy(&settings, name)
            .and_then(|policy| Ok(Analyser::new(&registry, Arc::new(policy), Arc::clone(&pool))?));
        match made {
            Ok(analyser) => {
                let policy = analyser.policy();
                writeln!(
                    out,
                    "{name}: ok, {} {} {}",
                    policy.name,
                    policy.version,
                    policy.digest()
                )?;
                for changed in changed(&analyser) {
                    writeln!(out, "{name}: note: {changed}")?;
                }
            }
            Err(error) => {
                anstream::eprintln!("{error}");
                code = ExitCode::from(exit::USAGE);
            }
        }
    }
    Ok(code)
}

/// The detectors that are not those which the policy was fitted to: its calibrations and weights are
/// of other scores. A record without a digest holds for every build of that version.
fn changed(analyser: &Analyser) -> Vec<String> {
    let Some(record) = &analyser.policy().calibrated else { return Vec::new() };
    let changed = analyser.identities().filter_map(|detector| {
        let key = &detector.model_key;
        let (then, now) =
            (record.detectors.get(key)?, format!("{} {}", detector.version, detector.digest));
        let is_same = *then == now || *then == detector.version;
        (!is_same).then(|| {
            format!("it was fitted to {key} {then}, and here is {now}: calibrate it again")
        })
    });
    changed.collect()
}

fn show(name: &str, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    let policy = setup::policy(&settings, name)?;
    let mut out = anstream::stdout();
    writeln!(out, "# digest {}", policy.digest())?;
    write!(out, "{}", toml::to_string_pretty(&policy)?)?;
    Ok(ExitCode::SUCCESS)
}
