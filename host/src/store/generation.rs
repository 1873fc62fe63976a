// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tells whether keys have changed, without asking the database where that is a file.
//!
//! The server keeps the keys that it has seen, and a key may be revoked by another process. Every change
//! appends a byte to a small file of the data directory, once before it is committed and once after: as
//! long as the file's length is the same, what was read since is still so.
//!
//! Hosts that share a server have no such file in common. There each request asks for its key, which is one
//! row by its name: a message that keys have changed would come after some requests, or, where a connection
//! breaks, not at all.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Name of the file in the data directory.
const FILE: &str = "keys.generation";

/// The file; none where only the database knows.
#[derive(Clone, Debug)]
pub(super) struct Generation(Option<PathBuf>);

impl Generation {
    /// That of a data directory.
    pub(super) fn of(folder: &Path) -> Self {
        Self(Some(folder.join(FILE)))
    }

    /// That of a database which is to be asked.
    pub(super) fn unknown() -> Self {
        Self(None)
    }

    /// Which generation of keys this is, if that is known.
    pub(super) fn current(&self) -> Option<u64> {
        let file = self.0.as_ref()?;
        Some(fs::metadata(file).map_or(0, |metadata| metadata.len()))
    }

    /// Begins another one.
    pub(super) fn advance(&self) -> std::io::Result<()> {
        let Some(file) = &self.0 else { return Ok(()) };
        OpenOptions::new().create(true).append(true).open(file)?.write_all(b".")
    }
}
