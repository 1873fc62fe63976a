// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be wrong with a network file.

use crate::input::InputError;

/// Why a network file was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NetworkError {
    /// The file ends early.
    #[error("network file ends within {what}, at byte {at} of {length}; copy it again")]
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
        "not a network file: it does not start with ASSAYNET; write it with \
         plugins/training/network_file.py"
    )]
    Magic,
    /// A format that this crate does not read.
    #[error("network file of version {found}, expected {expected}; write it again")]
    Version {
        /// The version in the file.
        found: u32,
        /// The version that is read.
        expected: u32,
    },
    /// The content is not that which was written.
    #[error("network file does not match its SHA-256 digest; copy it again")]
    Digest,
    /// A text is not UTF-8.
    #[error(
        "{what} of the network file is no UTF-8 text; write it with \
         plugins/training/network_file.py"
    )]
    Text {
        /// Which text.
        what: &'static str,
    },
    /// A number is outside its range.
    #[error("{what} {index} of the network file is {found}, expected {expected}; write it again")]
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
    /// A layer does not take what the layer before it gives.
    #[error(
        "layer {layer} of the network file takes {found} channels, but gets {expected}; write \
         the layers in order"
    )]
    Channels {
        /// Which layer, from 0.
        layer: usize,
        /// Channels that it takes.
        found: usize,
        /// Channels of the layer before it.
        expected: usize,
    },
    /// A layer adds a map that is not there or has another shape.
    #[error(
        "layer {layer} of the network file adds the map of {skip} layers before, which is not \
         there or has another shape; correct its skip"
    )]
    Skip {
        /// Which layer, from 0.
        layer: usize,
        /// How many layers it goes back.
        skip: usize,
    },
    /// No layer is read out.
    #[error("no layer of the network file is a tap, so it has no features; mark one")]
    NoTap,
    /// There is more than the format says.
    #[error(
        "network file has {bytes} bytes after its last layer; write it with \
         plugins/training/network_file.py"
    )]
    Trailing {
        /// How many.
        bytes: usize,
    },
}

impl From<InputError> for NetworkError {
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
