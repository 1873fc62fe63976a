// SPDX-License-Identifier: MIT OR Apache-2.0
//! Archives of millions of pictures, a shard a process: from a manifest, a folder or a bucket to Parquet.
//!
//! An entry belongs to a shard by the digest of its name, so that processes that know nothing of each other
//! share an archive out. A shard writes its rows in parts, one file each, that are whole or not there; a
//! process that starts again reads which entries the parts hold and goes on with the others. Parts are
//! numbered, and none is put in another's place: so even two processes at one shard write every row once.
//! Types and meaning of the columns: `docs/BULK.md`.

mod columns;
mod done;
mod entries;
mod examine;
mod fetch;
mod identity;
mod part;
mod pipeline;
mod run;
mod shard;

pub use columns::{Cell, Column, Columns, Kind, Row};
pub use done::DoneError;
pub use entries::{Base, EntriesError, Input};
pub use examine::Examiner;
pub use identity::Identity;
pub use part::PartError;
pub use pipeline::{rows_of, Ended};
pub use run::{run, Outcome, RunError, Task};
pub use shard::{Shard, ShardError};
