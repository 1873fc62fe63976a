// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be wrong with a model file.

use crate::calibration::CalibrationError;
use crate::input::InputError;

/// Why a model file was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// The file ends early.
    #[error("model file ends within {what}, at byte {at} of {length}; copy it again")]
    CutShort {
        /// What was being read.
        what: &'static str,
        /// Where reading started.
        at: usize,
        /// Bytes before the digest.
        length: usize,
    },
    /// The first bytes are others.
    #[error(
        "not a model file: it does not start with ASSAYMDL; write it with the training script"
    )]
    Magic,
    /// A format that this crate does not read.
    #[error("model file of version {found}, expected {expected}; train it again")]
    Version {
        /// The version in the file.
        found: u32,
        /// The version that is read.
        expected: u32,
    },
    /// The content is not that which was written.
    #[error("model file does not match its SHA-256 digest; copy it again")]
    Digest,
    /// The model was trained on other features.
    #[error("model of {found}, expected {expected}; train it on this version's features")]
    Features {
        /// Name and number of its features.
        found: String,
        /// Name and number of the features that will be given.
        expected: String,
    },
    /// A text is not UTF-8.
    #[error("{what} of the model file is no UTF-8 text; write it with the training script")]
    Text {
        /// Which text.
        what: &'static str,
    },
    /// A number is outside its range.
    #[error("{what} {index} of the model file is {found}, expected {expected}; train it again")]
    Number {
        /// Which number.
        what: &'static str,
        /// Its place among its like, from 0.
        index: usize,
        /// Its value.
        found: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// A tree points nowhere, or back.
    #[error(
        "split {split} of tree {tree} of the model file points to {child}, expected a later split \
         or a leaf of the tree; train it again"
    )]
    Child {
        /// Which tree, from 0.
        tree: usize,
        /// Which split, from 0.
        split: usize,
        /// Where it points.
        child: i16,
    },
    /// A calibration is not monotone or leaves `0..=1`.
    #[error("model file: {0}")]
    Calibration(#[from] CalibrationError),
    /// There is more than the format says.
    #[error(
        "model file has {bytes} bytes after its last state; write it with the training script"
    )]
    Trailing {
        /// How many.
        bytes: usize,
    },
}

impl From<InputError> for ModelError {
    fn from(error: InputError) -> Self {
        match error {
            InputError::CutShort { what, at, length } => Self::CutShort { what, at, length },
            InputError::Text { what } => Self::Text { what },
            InputError::Number { what, index, found, expected } => {
                Self::Number { what, index, found, expected }
            }
        }
    }
}
