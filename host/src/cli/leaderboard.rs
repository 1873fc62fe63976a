// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay leaderboard`: kept results of the same pictures side by side.

use std::io::{stdout, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::evaluate::Format;
use super::CommandError;
use crate::eval::tiers::Tier;
use crate::leaderboard::{page, Board, Entrant, OrderBy};
use crate::results::Results;

#[derive(Args)]
pub(super) struct Arguments {
    /// Results of `assay evaluate --results`, of the same pictures
    #[arg(required = true, value_name = "RESULTS")]
    results: Vec<PathBuf>,
    /// What the entries are ordered by
    #[arg(long, value_enum, default_value_t = OrderBy::Matched)]
    order: OrderBy,
    /// In which tier [default: the first of the first results]
    #[arg(long, value_enum, value_name = "TIER")]
    at: Option<Tier>,
    /// Write the page into this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Writes the page and prints the board.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let results = arguments.results.iter().map(|file| Results::read(file));
    let results = results.collect::<Result<Vec<_>, _>>()?;
    let names: Vec<_> = arguments.results.iter().map(|file| file.display().to_string()).collect();
    let entrants = names.iter().zip(&results).map(|(name, results)| Entrant { name, results });
    let board = Board::of(&entrants.collect::<Vec<_>>(), arguments.order, arguments.at)?;
    if let Some(file) = &arguments.out {
        std::fs::write(file, page(&board)).map_err(|e| format!("{}: {e}", file.display()))?;
    }
    let mut out = anstream::AutoStream::auto(stdout());
    match arguments.format {
        Format::Human => write!(out, "{board}")?,
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&board)?)?,
    }
    Ok(ExitCode::SUCCESS)
}
