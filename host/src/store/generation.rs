// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tells whether keys have changed, without asking the database.
//!
//! The server keeps the keys that it has seen, and a key may be revoked by another process. Every change
//! appends a byte to a small file of the data directory, once before it is committed and once after: as
//! long as the file's length is the same, what was read since is still so.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Name of the file in the data directory.
const FILE: &str = "keys.generation";

/// The file.
#[derive(Clone, Debug)]
pub(super) struct Generation(PathBuf);

impl Generation {
    pub(super) fn of(folder: &Path) -> Self {
        Self(folder.join(FILE))
    }

    /// Which generation of keys this is.
    pub(super) fn current(&self) -> u64 {
        fs::metadata(&self.0).map_or(0, |metadata| metadata.len())
    }

    /// Begins another one.
    pub(super) fn advance(&self) -> std::io::Result<()> {
        OpenOptions::new().create(true).append(true).open(&self.0)?.write_all(b".")
    }
}
