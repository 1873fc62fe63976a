// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay-conformance api`: what it is given, and the run.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::bench::{Bench, Settings};
use super::case::{Case, Outcome};
use super::cases::cases;
use super::client::{Client, ClientError};
use super::hooks::Hooks;
use super::output;

/// Which deployment is checked, and with what.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// Base URL of the deployment, with or without /v1
    #[arg(long, value_name = "URL")]
    base_url: String,
    /// Key that may analyse and read
    #[arg(long, env = "ASSAY_KEY", hide_env_values = true)]
    key: String,
    /// Key of the same organisation with the scope admin
    #[arg(long, value_name = "KEY")]
    admin_key: Option<String>,
    /// Key of another region
    #[arg(long, value_name = "KEY")]
    foreign_key: Option<String>,
    /// Key that may not be used for /v1/analyze
    #[arg(long, value_name = "KEY")]
    restricted_key: Option<String>,
    /// Key of another organisation, whose minute is used up by this run; it must hold at most 400 requests
    #[arg(long, value_name = "KEY")]
    limited_key: Option<String>,
    /// Key of another organisation, whose day is used up already
    #[arg(long, value_name = "KEY")]
    spent_key: Option<String>,
    /// What the organisation's webhooks are signed with
    #[arg(long, value_name = "SECRET")]
    webhook_secret: Option<String>,
    /// The deployment can reach this program: try fetching and webhooks
    #[arg(long)]
    hooks: bool,
    /// Where this program listens for the deployment
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    hooks_listen: SocketAddr,
    /// Base URL under which the deployment reaches it [default: where it listens]
    #[arg(long, value_name = "URL")]
    hooks_url: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Also write the outcomes as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Try only this case; may be repeated
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// Longest wait for an answer, a webhook or a batch, s
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// Seed of the pictures [default: another one each time]
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Human,
    Json,
    Junit,
}

/// Why nothing could be tried.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The deployment's address.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// No case of this name.
    #[error("no case `{0}`; the human output names all")]
    NoCase(String),
    /// This program cannot listen, or not write.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Tries the cases and prints what came of them; tells whether none failed.
///
/// # Errors
/// When nothing could be tried or printed.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<bool, CommandError> {
    let unknown = |id: &&String| !cases().any(|case| case.id == **id);
    if let Some(id) = arguments.only.iter().find(unknown) {
        return Err(CommandError::NoCase(id.clone()));
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seed = arguments.seed.unwrap_or_else(|| now.map_or(1, |time| time.as_secs()));
    let bench = bench(arguments, seed)?;
    let is_chosen =
        |case: &&Case| arguments.only.is_empty() || arguments.only.iter().any(|id| id == case.id);
    let mut outcomes: Vec<Outcome> = Vec::new();
    for case in cases().filter(is_chosen) {
        let outcome = case.outcome(&bench);
        if arguments.format == Format::Human {
            write!(out, "{}", output::text(&outcome))?;
            out.flush()?;
        }
        outcomes.push(outcome);
    }
    match arguments.format {
        Format::Human => write!(out, "{}", output::summary(&outcomes, seed))?,
        Format::Json => {
            writeln!(out, "{:#}", output::report(&arguments.base_url, &outcomes, seed))?;
        }
        Format::Junit => write!(out, "{}", output::junit(&outcomes))?,
    }
    if let Some(file) = &arguments.junit {
        std::fs::write(file, output::junit(&outcomes))?;
    }
    Ok(!outcomes.iter().any(|outcome| outcome.status.is_failure()))
}

fn bench(arguments: &Arguments, seed: u64) -> Result<Bench, CommandError> {
    let timeout = Duration::from_secs(arguments.timeout);
    let hooks = arguments
        .hooks
        .then(|| Hooks::listen(arguments.hooks_listen, arguments.hooks_url.as_deref(), seed));
    Ok(Bench {
        client: Client::new(&arguments.base_url, timeout)?,
        settings: Settings {
            key: arguments.key.clone(),
            admin_key: arguments.admin_key.clone(),
            foreign_key: arguments.foreign_key.clone(),
            restricted_key: arguments.restricted_key.clone(),
            limited_key: arguments.limited_key.clone(),
            spent_key: arguments.spent_key.clone(),
            webhook_secret: arguments.webhook_secret.clone(),
            timeout,
            seed,
        },
        hooks: hooks.transpose()?,
        made: AtomicU64::new(0),
    })
}
