// SPDX-License-Identifier: MIT OR Apache-2.0
//! One shard, from what its parts hold already to the last of its entries.

use std::collections::HashSet;
use std::sync::atomic::AtomicBool;

use tokio::runtime::Runtime;

use super::columns::{Cell, Columns, Row};
use super::done::{Done, DoneError};
use super::entries::{EntriesError, Input};
use super::examine::Examiner;
use super::identity::Identity;
use super::pipeline::{rows_of, Ended};
use super::shard::Shard;
use crate::depot::Depot;

/// What is to be done.
pub struct Task<'a> {
    /// Where the entries are from.
    pub input: &'a Input,
    /// The same as it was given.
    pub input_name: &'a str,
    /// Where the parts go.
    pub out: &'a Depot,
    /// Which entries.
    pub shard: Shard,
    /// Most rows of a part.
    pub part_rows: usize,
    /// Entries examined at once.
    pub threads: usize,
    /// Whether parts that are there are removed first.
    pub is_restart: bool,
}

/// What came of a shard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Its entries.
    pub entries: u64,
    /// Those of them that had a row before.
    pub before: u64,
    /// Rows written now.
    pub written: u64,
    /// Those of them that tell of a failure.
    pub failed: u64,
    /// Names that the input has more than once; each has one row.
    pub repeated: u64,
    /// Whether it was told to stop before the end.
    pub is_early: bool,
}

/// Why a shard was not finished.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It is not known what the archive holds.
    #[error(transparent)]
    Entries(#[from] EntriesError),
    /// The output cannot be used.
    #[error(transparent)]
    Done(#[from] DoneError),
    /// The detectors cannot be asked.
    #[error(transparent)]
    Request(#[from] crate::analysis::RequestError),
    /// Something that is no picture's fault.
    #[error("{0}; the rows before are written, the next run goes on from there")]
    BrokenOff(String),
}

/// Examines what has no row yet; `tell` hears after each part how far it is.
///
/// # Errors
/// When the input or output cannot be used, or was made otherwise. What was examined is written.
pub fn run(
    runtime: &Runtime,
    task: &Task<'_>,
    examiner: &Examiner,
    stop: &AtomicBool,
    mut tell: impl FnMut(&Outcome),
) -> Result<Outcome, RunError> {
    let identity = Identity::of(examiner.analyser(), examiner.request(), task.input_name)?;
    let done = Done::read(task.out, task.shard, &identity, task.is_restart);
    let done = runtime.block_on(done)?;
    let (mut names, mut outcome) = (Vec::new(), Outcome::default());
    let mut seen = HashSet::new();
    let listed = task.input.each(|name| {
        if !task.shard.has(name) {
            return;
        }
        match seen.insert(name.to_owned()) {
            true => names.push(name.to_owned()),
            false => outcome.repeated += 1,
        }
    });
    runtime.block_on(listed)?;
    drop(seen);
    outcome.entries = names.len() as u64;
    names.retain(|name| !done.has(name));
    outcome.before = outcome.entries - names.len() as u64;
    tell(&outcome);
    let mut part = Part { done: &done, columns: examiner.columns(), rows: Vec::new(), runtime };
    // What another process at this shard has done meanwhile is not done again.
    let left = names.into_iter().filter(|name| !done.has(name));
    let ended = rows_of(runtime, (task.input, left), examiner, task.threads, stop, |row| {
        part.rows.push(row);
        if part.rows.len() >= task.part_rows {
            part.write(&mut outcome).map_err(|e| e.to_string())?;
            tell(&outcome);
        }
        Ok(())
    });
    part.write(&mut outcome)?;
    tell(&outcome);
    outcome.is_early = ended.map_err(RunError::BrokenOff)? == Ended::Early;
    Ok(outcome)
}

/// The part that is being filled.
struct Part<'a> {
    done: &'a Done<'a>,
    columns: &'a Columns,
    rows: Vec<Row>,
    runtime: &'a Runtime,
}

impl Part<'_> {
    fn write(&mut self, outcome: &mut Outcome) -> Result<(), DoneError> {
        let rows = std::mem::take(&mut self.rows);
        let failed = rows.iter().filter(|row| is_failed(row)).count();
        let written = self.runtime.block_on(self.done.write(self.columns, rows))?;
        outcome.written += written as u64;
        outcome.failed += failed as u64;
        Ok(())
    }
}

/// Whether a row tells of a failure: its status is in the second column.
fn is_failed(row: &[Cell]) -> bool {
    matches!(row.get(1), Some(Cell::Text(Some(status))) if status == "failed")
}
