// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be wrong with a fingerprint or its file.

use super::file::{MOST_NAME_BYTES, MOST_PIXELS, SHORTEST_SIDE_PX};

/// Why a fingerprint was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The first bytes are others.
    #[error(
        "not a camera's fingerprint: it does not start with ASSAYCAM; make it with \
         `assay camera enrol`"
    )]
    Magic,
    /// A format that this crate does not read.
    #[error("fingerprint of version {found}, expected {expected}; enrol the camera again")]
    Version {
        /// The version in the file.
        found: u32,
        /// The version that is read.
        expected: u32,
    },
    /// The file ends early.
    #[error("the fingerprint file ends within {what}; copy it again")]
    CutShort {
        /// What was being read.
        what: &'static str,
    },
    /// The pattern is shorter or longer than its size says.
    #[error(
        "the fingerprint file has {found} bytes of pattern, expected {expected}; copy it again"
    )]
    Length {
        /// Bytes that are there.
        found: usize,
        /// Bytes that the size asks for.
        expected: usize,
    },
    /// The content is not that which was written.
    #[error("the fingerprint file does not match its SHA-256 digest; copy it again")]
    Digest,
    /// The name cannot be one.
    #[error(
        "a camera's name has 1 to {MOST_NAME_BYTES} bytes of letters, digits, spaces and -_.()+, \
         and neither starts nor ends with a space or a dot"
    )]
    Name,
    /// It was made from nothing.
    #[error("a fingerprint needs at least one picture")]
    NoPicture,
    /// The frame is too small or too large.
    #[error(
        "a fingerprint of {width}x{height} px; its sides need {SHORTEST_SIDE_PX} px at least, and \
         it {MOST_PIXELS} at most"
    )]
    Size {
        /// Columns, px.
        width: usize,
        /// Rows, px.
        height: usize,
    },
    /// There is no pattern in it.
    #[error("the pictures have no pattern in common: they are flat or blank; take others")]
    Flat,
}
