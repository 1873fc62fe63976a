// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why a plugin library was refused.

use std::path::PathBuf;

use super::MAX_LIBRARY_BYTES;
use crate::abi::CONTRACT_VERSION;

/// Why a plugin library was refused: the file, what was expected, what was found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// No such file.
    #[error("{}: no such file; build the plugin or correct the path", path.display())]
    Missing {
        /// The file as it was named.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// The file as it was named.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// More bytes than any plugin has.
    #[error("{}: expected at most {MAX_LIBRARY_BYTES} bytes, found {bytes}", path.display())]
    TooLarge {
        /// The file as it was named.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// Not a dynamic library of this system.
    #[error("{}: expected a dynamic library for {}, found {found}", path.display(), std::env::consts::ARCH)]
    NotALibrary {
        /// The file as it was named.
        path: PathBuf,
        /// What it looks like.
        found: String,
    },
    /// A dynamic library with its end missing.
    #[error("{}: cut short: expected at least {expected} bytes, found {found}; copy it again", path.display())]
    CutShort {
        /// The file as it was named.
        path: PathBuf,
        /// Bytes that its headers speak of.
        expected: u64,
        /// Bytes that are there.
        found: u64,
    },
    /// A dynamic library that exports no detector.
    #[error(
        "{}: not an Assay plugin: expected the exported symbol {symbol}, found none; \
         end the crate with export_detector! and build it as a cdylib", path.display()
    )]
    NotAPlugin {
        /// The file as it was named.
        path: PathBuf,
        /// The symbol that is missing or malformed.
        symbol: String,
    },
    /// Built against another major version of the contract.
    #[error(
        "{}: built against plugin contract {found}, expected {CONTRACT_VERSION} (same major \
         version); rebuild the plugin against this version of assay-plugin-api", path.display()
    )]
    WrongVersion {
        /// The file as it was named.
        path: PathBuf,
        /// The version in its mark.
        found: String,
    },
    /// The memory layout of what crosses the boundary differs.
    #[error("{}: memory layout differs from contract {CONTRACT_VERSION}: {difference}", path.display())]
    WrongLayout {
        /// The file as it was named.
        path: PathBuf,
        /// The first difference: error, expected, found.
        difference: String,
        /// The whole report, for a log.
        full: String,
    },
    /// Not the file that the configuration pins.
    #[error("{}: expected SHA-256 {expected}, found {found}", path.display())]
    WrongDigest {
        /// The file as it was named.
        path: PathBuf,
        /// The pinned digest.
        expected: String,
        /// The file's digest.
        found: String,
    },
    /// The dynamic linker refused.
    #[error("{}: cannot be opened: {message}", path.display())]
    Open {
        /// The file as it was named.
        path: PathBuf,
        /// The linker's reason.
        message: String,
    },
    /// The descriptor panicked or breaks the contract.
    #[error("{}: descriptor: {message}", path.display())]
    Descriptor {
        /// The file as it was named.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The detector could not be made.
    #[error("{}: detector `{id}` could not be made: {message}", path.display())]
    Create {
        /// The file as it was named.
        path: PathBuf,
        /// The detector.
        id: String,
        /// Its own message.
        message: String,
    },
}
