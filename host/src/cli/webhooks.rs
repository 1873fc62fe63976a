// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay webhooks`: what an organisation's webhooks are signed with, whether the server runs or not.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::stored::Stored;
use super::{setup, CommandError};
use crate::store::OVERLAP_SECONDS;

/// Who an act is written down as.
const ACTOR: &str = "cli";

#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    stored: Stored,
}

#[derive(Subcommand)]
enum Command {
    /// Print the secret of an organisation; one is made if there is none yet
    Secret {
        /// Organisation
        #[arg(long, value_name = "NAME")]
        org: String,
        /// Make a new one first
        #[arg(long)]
        rotate: bool,
        /// How long the old one signs beside the new one, s
        #[arg(long, value_name = "SECONDS", default_value_t = OVERLAP_SECONDS, requires = "rotate")]
        overlap: u32,
    },
}

/// Runs one of the commands.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = arguments.stored.open_existing(&settings).await?;
        let Command::Secret { org, rotate, overlap } = &arguments.command;
        let secrets = if *rotate {
            store.rotate_webhook_secret(org, *overlap, ACTOR).await?
        } else {
            store.webhook_secrets(org).await?
        };
        writeln!(anstream::stdout(), "{}", secrets.secret)?;
        Ok(ExitCode::SUCCESS)
    })
}
