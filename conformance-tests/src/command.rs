// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay-conformance plugin` and `deployment`: what they are given, and the run.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::api::bench::{Listening, Settings};
use crate::api::client::{Client, ClientError};
use crate::badge::{Badge, BadgeError};
use crate::case::{About, Outcome};
use crate::output::{self, Format, Report};
use crate::runner;
use crate::subject::Subject;

/// Which cases.
#[derive(Args, Clone, Debug, Default)]
pub struct Choice {
    /// Only this case; may be repeated
    #[arg(long = "case", value_name = "ID")]
    cases: Vec<String>,
    /// Only the cases of this group; may be repeated
    #[arg(long = "group", value_name = "NAME")]
    groups: Vec<String>,
}

/// What both subjects are run with.
#[derive(Args, Clone, Debug)]
pub struct Run {
    #[command(flatten)]
    choice: Choice,
    /// How to print the outcomes
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Print only cases that failed or crashed
    #[arg(long)]
    only_failed: bool,
    /// Also write the outcomes as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Where all cases pass, write a badge: FILE as JSON, and a picture beside it as SVG
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cases", "groups"])]
    badge: Option<PathBuf>,
    /// Check that a badge is of this build, and run all cases again with its seed
    #[arg(long, value_name = "BADGE", conflicts_with_all = ["cases", "groups", "seed"])]
    verify: Option<PathBuf>,
    /// Run the cases in this process, for a debugger; a crash then ends everything
    #[arg(long)]
    in_process: bool,
    /// Seed of everything that is random [default: 1 for a plugin, another one each time for a deployment]
    #[arg(long)]
    seed: Option<u64>,
    /// Longest time a case may take, s [default: 120 for a plugin, 300 for a deployment]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    timeout: Option<u64>,
}

/// Which plugin is checked.
#[derive(Args, Clone, Debug)]
pub struct Plugin {
    /// The library file
    path: PathBuf,
    #[command(flatten)]
    run: Run,
}

/// Which deployment is checked, and with what.
#[derive(Args, Clone, Debug)]
pub struct Deployment {
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
    /// Longest wait for an answer, a webhook or a batch, s
    #[arg(long, value_name = "SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u64).range(1..))]
    wait: u64,
    #[command(flatten)]
    run: Run,
}

/// Why nothing could be tried, or a badge not be given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The plugin is not there.
    #[error("{}: no such file", .0.display())]
    NoFile(PathBuf),
    /// The deployment's address.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// No case or group of this name.
    #[error("no {what} `{name}`; known: {known}")]
    Unknown {
        /// Case or group.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The subject cannot be read.
    #[error("{0}")]
    Subject(String),
    /// A badge that is not given or does not hold.
    #[error(transparent)]
    Badge(#[from] BadgeError),
    /// This program cannot be found again, cannot listen, or cannot write.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl CommandError {
    /// Whether the command is not what it is meant to be: exit status 2.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Badge(BadgeError::NotAll(_) | BadgeError::Other { .. }))
    }
}

impl Choice {
    /// The chosen ones of `cases`, all without a choice.
    ///
    /// # Errors
    /// When there is no case or group of a name.
    pub fn of(&self, cases: Vec<About>) -> Result<Vec<About>, CommandError> {
        let names = [
            ("case", &self.cases, cases.iter().map(|case| case.id).collect::<BTreeSet<_>>()),
            ("group", &self.groups, cases.iter().map(|case| case.group).collect()),
        ];
        for (what, asked, known) in names {
            if let Some(name) = asked.iter().find(|name| !known.contains(name.as_str())) {
                let known = known.into_iter().collect::<Vec<_>>().join(", ");
                return Err(CommandError::Unknown { what, name: name.clone(), known });
            }
        }
        let is_all = self.cases.is_empty() && self.groups.is_empty();
        let has = |names: &[String], name: &str| names.iter().any(|known| known == name);
        let is_chosen =
            |case: &About| is_all || has(&self.cases, case.id) || has(&self.groups, case.group);
        Ok(cases.into_iter().filter(is_chosen).collect())
    }
}

/// Checks a plugin file; tells whether no case failed.
///
/// # Errors
/// When nothing could be tried, or a badge not be given.
pub fn plugin(arguments: &Plugin, out: &mut impl Write) -> Result<bool, CommandError> {
    if !arguments.path.is_file() {
        return Err(CommandError::NoFile(arguments.path.clone()));
    }
    let subject = Subject::Plugin(arguments.path.clone());
    run(&arguments.run, &subject, 1, Duration::from_secs(120), out)
}

/// Checks a deployment; tells whether no case failed.
///
/// # Errors
/// When nothing could be tried, or a badge not be given.
pub fn deployment(arguments: &Deployment, out: &mut impl Write) -> Result<bool, CommandError> {
    let wait = Duration::from_secs(arguments.wait);
    Client::new(&arguments.base_url, wait, |_| {})?;
    let listening = Listening { address: arguments.hooks_listen, url: arguments.hooks_url.clone() };
    if arguments.hooks {
        // Each case listens for itself; whether that can be is found out here.
        TcpListener::bind(listening.address)?;
    }
    let subject = Subject::Deployment(Box::new(Settings {
        base_url: arguments.base_url.clone(),
        key: arguments.key.clone(),
        admin_key: arguments.admin_key.clone(),
        foreign_key: arguments.foreign_key.clone(),
        restricted_key: arguments.restricted_key.clone(),
        limited_key: arguments.limited_key.clone(),
        spent_key: arguments.spent_key.clone(),
        webhook_secret: arguments.webhook_secret.clone(),
        hooks: arguments.hooks.then_some(listening),
        wait,
    }));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seed = now.map_or(1, |time| time.as_secs());
    run(&arguments.run, &subject, seed, Duration::from_secs(300), out)
}

fn run(
    arguments: &Run,
    subject: &Subject,
    usual_seed: u64,
    usual_timeout: Duration,
    out: &mut impl Write,
) -> Result<bool, CommandError> {
    let cases = arguments.choice.of(subject.cases())?;
    let identity = subject.identity().map_err(|problem| CommandError::Subject(problem.message))?;
    let badge = arguments.verify.as_deref().map(Badge::read).transpose()?;
    if let Some(badge) = &badge {
        badge.is_of(&identity)?;
    }
    let seed = badge.as_ref().map(|badge| badge.seed).or(arguments.seed).unwrap_or(usual_seed);
    let settings = runner::Settings {
        program: std::env::current_exe()?,
        seed,
        timeout: arguments.timeout.map_or(usual_timeout, Duration::from_secs),
        in_process: arguments.in_process,
    };
    let mut outcomes: Vec<Outcome> = Vec::new();
    for case in cases {
        let outcome = runner::run(case, subject, &settings);
        let is_shown = !arguments.only_failed || outcome.status.is_failure();
        if arguments.format == Format::Human && is_shown {
            write!(out, "{}", output::outcome(&outcome))?;
            out.flush()?;
        }
        outcomes.push(outcome);
    }
    let only_failed = arguments.only_failed;
    let report = Report { identity: &identity, seed, outcomes: &outcomes, only_failed };
    match arguments.format {
        Format::Human => write!(out, "{}", output::summary(&report))?,
        Format::Json => writeln!(out, "{:#}", report.json())?,
        Format::Junit => write!(out, "{}", output::junit(&report))?,
        Format::Tap => write!(out, "{}", output::tap(&report))?,
    }
    out.flush()?;
    if let Some(file) = &arguments.junit {
        std::fs::write(file, output::junit(&report)).map_err(|error| failed_at(file, error))?;
    }
    if let Some(file) = &arguments.badge {
        Badge::of(&report)?.write(file)?;
    }
    if badge.is_some() {
        // What the badge says once, now too.
        Badge::of(&report)?;
    }
    Ok(report.conforms())
}

fn failed_at(file: &Path, error: std::io::Error) -> CommandError {
    CommandError::Subject(format!("{}: {error}", file.display()))
}
