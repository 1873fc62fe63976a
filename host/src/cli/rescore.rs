// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay policy diff` and `assay policy replay`: what another policy makes of kept answers.

use std::io::{stdout, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::Timestamp;

use super::compare::warn_unheard;
use super::evaluate::Format;
use super::stored::Stored;
use super::{exit, setup, CommandError};
use crate::config::Settings;
use crate::policy::Policy;
use crate::rescore::{Again, By, PolicyDiff};
use crate::results::Results;

/// Stored analyses that are read at once.
const PAGE: u32 = 500;

#[derive(Args)]
pub(super) struct DiffArguments {
    /// The policy before, by name or file
    #[arg(value_name = "NAME|FILE")]
    before: String,
    /// The policy now, by name or file
    #[arg(value_name = "NAME|FILE")]
    now: String,
    /// Results of `assay evaluate --results`
    #[arg(long, value_name = "RESULTS")]
    on: PathBuf,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Args)]
pub(super) struct ReplayArguments {
    /// The policy, by name or file
    #[arg(value_name = "NAME|FILE")]
    policy: String,
    /// Results of `assay evaluate --results`; without it, what a server has stored
    #[arg(long, value_name = "RESULTS")]
    on: Option<PathBuf>,
    /// Of stored analyses those that ended then or later, as 2026-11-30 or 2026-11-30T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment, conflicts_with = "on")]
    since: Option<Timestamp>,
    /// Write the results under the policy into this file
    #[arg(long, value_name = "FILE", requires = "on")]
    out: Option<PathBuf>,
    #[command(flatten)]
    shown: Shown,
}

/// What is printed, and how.
#[derive(Args)]
struct Shown {
    /// What error rates of results are told by
    #[arg(long, value_enum, default_value_t = By::Group)]
    by: By,
    /// Most pictures or analyses that are named, in each tier
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Compares two policies on results.
pub(super) fn diff(
    arguments: &DiffArguments,
    config: Option<&Path>,
) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    let before = setup::policy(&settings, &arguments.before)?;
    let now = setup::policy(&settings, &arguments.now)?;
    let results = Results::read(&arguments.on)?;
    print_diff(&arguments.on, &results, [&before, &now], &arguments.shown)?;
    Ok(ExitCode::SUCCESS)
}

/// Makes verdicts again; exit code 1 where some could not be.
pub(super) fn replay(
    arguments: &ReplayArguments,
    stored: &Stored,
    config: Option<&Path>,
) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    let policy = setup::policy(&settings, &arguments.policy)?;
    match &arguments.on {
        Some(file) => on_results(arguments, file, &policy),
        None => on_stored(arguments, stored, &settings, &policy),
    }
}

fn on_results(
    arguments: &ReplayArguments,
    file: &Path,
    policy: &Policy,
) -> Result<ExitCode, CommandError> {
    let results = Results::read(file)?;
    let kept = results.under(&results.policy)?;
    if kept.not_again > 0 {
        return Err(format!(
            "{}: {} of its verdicts are not what its own policy gives in this version: evaluate the \
             collection again",
            file.display(),
            kept.not_again
        )
        .into());
    }
    if let Some(out) = &arguments.out {
        results.fused_by(policy)?.write(out)?;
    }
    print_diff(file, &results, [&results.policy, policy], &arguments.shown)?;
    Ok(ExitCode::SUCCESS)
}

fn on_stored(
    arguments: &ReplayArguments,
    stored: &Stored,
    settings: &Settings,
    policy: &Policy,
) -> Result<ExitCode, CommandError> {
    let since = arguments.since.map_or(i64::MIN, Timestamp::as_second);
    let mut again = Again::new(policy, arguments.shown.limit);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = stored.open_existing(settings).await?;
        let mut behind = String::new();
        loop {
            let page = store.given_verdicts(since, &behind, PAGE).await?;
            page.iter().for_each(|given| again.add(given, policy));
            match page.last() {
                Some(last) => behind.clone_from(&last.request_id),
                None => return Ok::<_, CommandError>(()),
            }
        }
    })?;
    print(&arguments.shown, &again, || again.to_string())?;
    let has_failed = again.unreadable > 0;
    Ok(if has_failed { ExitCode::from(exit::INPUT_FAILED) } else { ExitCode::SUCCESS })
}

fn print_diff(
    file: &Path,
    results: &Results,
    policies: [&Policy; 2],
    shown: &Shown,
) -> Result<(), CommandError> {
    for policy in policies {
        warn_unheard(policy, &results.unheard(policy));
    }
    let name = file.display().to_string();
    let diff = PolicyDiff::of(&name, results, policies, shown.by, shown.limit)?;
    print(shown, &diff, || diff.to_string())
}

fn print(
    shown: &Shown,
    found: &impl serde::Serialize,
    text: impl Fn() -> String,
) -> Result<(), CommandError> {
    let mut out = anstream::AutoStream::auto(stdout());
    match shown.format {
        Format::Human => write!(out, "{}", text())?,
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(found)?)?,
    }
    Ok(())
}

/// A moment, or the beginning of a day (UTC).
fn moment(text: &str) -> Result<Timestamp, String> {
    let day = || {
        TimeZone::UTC.to_timestamp(text.parse::<Date>().ok()?.to_datetime(Time::midnight())).ok()
    };
    let found = text.parse().ok().or_else(day);
    found.ok_or_else(|| "must be a day as 2026-11-30 or a time as 2026-11-30T12:00:00Z".to_owned())
}
