// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a shard has written already, and the writing of its next part.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use futures_util::stream::StreamExt as _;
use sha2::{Digest as _, Sha256};

use super::columns::{Cell, Columns, Row};
use super::identity::Identity;
use super::part::{self, PartError};
use super::shard::Shard;
use crate::depot::{Depot, DepotError};

/// The start of an entry's digest: a name takes 16 bytes, however long it is.
type Mark = [u8; 16];

/// Why what is written cannot be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum DoneError {
    /// The output cannot be read or written.
    #[error(transparent)]
    Depot(#[from] DepotError),
    /// A part of it is damaged or foreign.
    #[error("{name} in {place}: {source}")]
    Part {
        /// The part.
        name: String,
        /// The output.
        place: String,
        /// What is wrong with it.
        source: PartError,
    },
    /// Its rows are not what would be written now.
    #[error(
        "{place} holds rows made otherwise: {}; choose another --out, or --restart to remove this \
         shard's", differences.join("; ")
    )]
    Otherwise {
        /// The output.
        place: String,
        /// What differs.
        differences: Vec<String>,
    },
    /// The archive was divided otherwise.
    #[error("{place} holds parts of {there} shards, this is {here}; choose another --out")]
    Divided {
        /// The output.
        place: String,
        /// Shards there.
        there: Shard,
        /// This one.
        here: Shard,
    },
}

/// The rows of one shard that are written.
pub(super) struct Done<'a> {
    out: &'a Depot,
    shard: Shard,
    identity: &'a Identity,
    /// Entries that have a row; read by those who hand out work.
    marks: Mutex<HashSet<Mark>>,
    /// Number of the next part.
    next: AtomicU64,
}

impl<'a> Done<'a> {
    /// Reads the parts that are there; with `is_restart` removes them.
    ///
    /// # Errors
    /// When the output cannot be read, or its rows were made otherwise.
    pub(super) async fn read(
        out: &'a Depot,
        shard: Shard,
        identity: &'a Identity,
        is_restart: bool,
    ) -> Result<Self, DoneError> {
        let next = AtomicU64::new(0);
        let done = Self { out, shard, identity, marks: Mutex::default(), next };
        let mut mine = Vec::new();
        let mut files = std::pin::pin!(out.list());
        while let Some(file) = files.next().await {
            let name = file?.name;
            match Shard::of_part(&name) {
                Some((of, number)) if of == shard => mine.push((number, name)),
                Some((of, _)) if !of.is_beside(shard) => {
                    let place = out.location().to_string();
                    return Err(DoneError::Divided { place, there: of, here: shard });
                }
                _ => {}
            }
        }
        mine.sort_unstable();
        for (number, name) in mine {
            match is_restart {
                true => out.remove(&name).await?,
                false => {
                    done.take_in(&name).await?;
                    done.next.store(number + 1, Ordering::Release);
                }
            }
        }
        Ok(done)
    }

    /// Whether an entry has a row.
    pub(super) fn has(&self, source: &str) -> bool {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner).contains(&mark(source))
    }

    /// Writes the rows as the next part. Where another process at this shard was faster, what it wrote is
    /// taken in and the rows of entries that it has are dropped. Tells how many rows were written.
    ///
    /// # Errors
    /// When the part cannot be written.
    pub(super) async fn write(
        &self,
        columns: &Columns,
        mut rows: Vec<Row>,
    ) -> Result<usize, DoneError> {
        while !rows.is_empty() {
            let name = self.shard.part(self.next.load(Ordering::Acquire));
            let bytes = part::write(columns, self.identity, &rows);
            let bytes = bytes.map_err(|source| self.part_error(&name, source))?;
            let is_written = self.out.create(&name, bytes).await?;
            self.next.fetch_add(1, Ordering::AcqRel);
            if is_written {
                let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
                marks.extend(rows.iter().filter_map(|row| source(row)).map(mark));
                return Ok(rows.len());
            }
            self.take_in(&name).await?;
            rows.retain(|row| source(row).is_some_and(|source| !self.has(source)));
        }
        Ok(0)
    }

    /// Reads a part.
    async fn take_in(&self, name: &str) -> Result<(), DoneError> {
        let bytes = self.out.get(name).await?;
        let read = part::read(bytes).map_err(|source| self.part_error(name, source))?;
        let differences = self.identity.differences(&read.identity);
        if !differences.is_empty() {
            let place = self.out.location().to_string();
            return Err(DoneError::Otherwise { place, differences });
        }
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        marks.extend(read.sources.iter().map(|source| mark(source)));
        Ok(())
    }

    fn part_error(&self, name: &str, source: PartError) -> DoneError {
        let place = self.out.location().to_string();
        DoneError::Part { name: name.into(), place, source }
    }
}

/// The entry of a row: it stands in the first column.
fn source(row: &[Cell]) -> Option<&str> {
    match row.first() {
        Some(Cell::Text(Some(source))) => Some(source),
        _ => None,
    }
}

fn mark(source: &str) -> Mark {
    let digest = Sha256::digest(source.as_bytes());
    let mut mark = Mark::default();
    mark.iter_mut().zip(digest).for_each(|(byte, of_digest)| *byte = of_digest);
    mark
}
