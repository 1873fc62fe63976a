// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be wrong with an attribution file.

use crate::input::InputError;

/// Why an attribution file was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AttributionError {
    /// The first bytes are others.
    #[error(
        "not an attribution file: it does not start with ASSAYATT; write it with the training script"
    )]
    Magic,
    /// A format that this crate does not read.
    #[error("attribution file of version {found}, expected {expected}; train it again")]
    Version {
        /// The version in the file.
        found: u32,
        /// The version that is read.
        expected: u32,
    },
    /// The content is not that which was written.
    #[error("attribution file does not match its SHA-256 digest; copy it again")]
    Digest,
    /// It was trained on other features.
    #[error("attribution of {found}, expected {expected}; train it on this version's features")]
    Features {
        /// Names and number of its features.
        found: String,
        /// Names and number of the features that will be given.
        expected: String,
    },
    /// The file ends early, a text is not UTF-8 or a number is outside its range.
    #[error("attribution file: {0}; write it with the training script")]
    Input(#[from] InputError),
    /// There is more than the format says.
    #[error(
        "attribution file has {bytes} bytes after its last family; write it with the training script"
    )]
    Trailing {
        /// How many.
        bytes: usize,
    },
}
