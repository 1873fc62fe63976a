// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay audit`: whether the log is whole, and all that stands in it, whether the server runs or not.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{json, Value};

use super::stored::Stored;
use super::{exit, setup, CommandError};
use crate::store::{Hash, LogEntry, Store};

#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    stored: Stored,
}

#[derive(Subcommand)]
enum Command {
    /// Follow the log from its first entry; exit code 1 and the first broken entry if it is not whole
    Verify {
        /// A head that was noted before: it must be in the log
        #[arg(long, value_name = "HASH")]
        head: Option<Hash>,
    },
    /// Print the log, an entry a line, as JSON
    Export,
}

/// Runs one of the commands.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = arguments.stored.open_existing(&settings).await?;
        match &arguments.command {
            Command::Verify { head } => verify(&store, *head).await,
            Command::Export => export(&store).await,
        }
    })
}

async fn verify(store: &Store, noted: Option<Hash>) -> Result<ExitCode, CommandError> {
    let mut out = anstream::stdout();
    match store.verify_log(noted).await? {
        Ok((entries, head)) => {
            writeln!(out, "whole: {entries} entries, head {head}")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(broken) => {
            writeln!(out, "broken: {broken}")?;
            Ok(ExitCode::from(exit::INPUT_FAILED))
        }
    }
}

async fn export(store: &Store) -> Result<ExitCode, CommandError> {
    let mut out = anstream::stdout().lock();
    let mut last = 0;
    loop {
        let page = store.log_behind(last).await?;
        if page.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        for (entry, _) in page {
            last = entry.number;
            writeln!(out, "{}", line(&entry))?;
        }
    }
}

fn line(entry: &LogEntry) -> Value {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    json!({
        "number": entry.number,
        "version": entry.version,
        "at": entry.at,
        "kind": entry.kind,
        "actor": entry.actor,
        "act": entry.act,
        "subject": entry.subject,
        "organisation": entry.organisation,
        "detail": entry.detail,
        "previous": hex(&entry.previous),
        "hash": hex(&entry.hash),
    })
}
