// SPDX-License-Identifier: MIT OR Apache-2.0
//! Processes of their own for detectors and for decoding: what crashes, hangs or takes too much in one
//! of them costs one answer of one detector, or one file.
//!
//! A worker is this program in another role, with nothing inherited, closed in before it meets a library
//! or a file ([`confinement`]). Pictures are lent to it in memory that it can only read ([`crate::memory`]),
//! so that no detector costs a copy. What it answers is checked like the answer of any detector.

mod borrowed;
mod breaker;
mod channel;
mod child;
pub mod confinement;
mod crew;
mod decoder;
mod detector;
mod exhibit;
pub mod frames;
mod leftover;
mod loans;
mod message;
mod process;
mod program;
mod script;
mod syscalls;
mod wire;

use std::path::PathBuf;

pub use decoder::{ApartDecoder, Decoder};
pub use detector::{ApartDetector, ApartError, ApartPlugin};
pub use script::{digest_of, files_of, ScriptDetector, ScriptPlugin};

/// Memory of its own that a detector's worker may take unless told otherwise, bytes.
pub const USUAL_MEMORY_BYTES: u64 = 6 << 30;

/// The program of this very process, whatever has become of its file since.
pub const THIS_PROGRAM: &str = "/proc/self/exe";

/// How workers are started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerSettings {
    /// The program that is started in another role: this one, but in tests.
    pub program: PathBuf,
    /// Most memory of its own that a detector's worker may take, bytes.
    pub memory_bytes: u64,
}

impl Default for WorkerSettings {
    fn default() -> Self {
        Self { program: THIS_PROGRAM.into(), memory_bytes: USUAL_MEMORY_BYTES }
    }
}

/// Does what the process that started this one says, until that is gone.
///
/// # Errors
/// When no process did, or it breaks the protocol.
pub(crate) fn serve() -> Result<(), Box<dyn std::error::Error>> {
    Ok(child::serve()?)
}
