// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why a file gives no picture.

use std::borrow::Cow;

use super::sniff::Format;

/// Why a file gives no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The content is that of another kind of file.
    #[error("{found} is not supported; send JPEG, PNG, WebP, HEIC, BMP or TIFF")]
    UnsupportedFormat {
        /// What it is instead.
        found: Cow<'static, str>,
    },
    /// The format is right, but this file needs what no decoder here has.
    #[error("{format} file: {feature} is not supported; save the picture as JPEG or PNG")]
    UnsupportedFeature {
        /// The format.
        format: Format,
        /// What the file needs.
        feature: String,
    },
    /// A side is too short.
    #[error(
        "Image dimensions must be at least {min_side}x{min_side} pixels, found {width}x{height}"
    )]
    TooSmall {
        /// Columns, px.
        width: u32,
        /// Rows, px.
        height: u32,
        /// The limit, px.
        min_side: u32,
    },
    /// The file has too many bytes.
    #[error(
        "The file must be at most {limit} bytes, found {bytes}; send it smaller or more compressed"
    )]
    FileTooLarge {
        /// Its length; more than the limit, perhaps cut short by the reader.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The picture has too many pixels.
    #[error(
        "The picture must have at most {limit} pixels, found {width}x{height}; send it smaller"
    )]
    TooManyPixels {
        /// Columns, px.
        width: u32,
        /// Rows, px.
        height: u32,
        /// The limit.
        limit: u64,
    },
    /// Decoding would take too much memory.
    #[error(
        "Decoding the picture would take {bytes} bytes of memory, at most {limit} are allowed; \
         send it smaller"
    )]
    TooMuchMemory {
        /// The estimate.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The file has no bytes.
    #[error("The file is empty; send the picture again")]
    Empty,
    /// The content contradicts its own format.
    #[error("{format} file is damaged: {reason}; send the original file")]
    Corrupt {
        /// The format.
        format: Format,
        /// What is wrong.
        reason: String,
    },
    /// The content breaks what decodes it, or takes too much of it.
    #[error("{format} file cannot be decoded: {reason}; save the picture as JPEG or PNG")]
    Unfinished {
        /// The format.
        format: Format,
        /// What becomes of the attempt.
        reason: String,
    },
    /// Nothing is wrong with the file: there is nobody to decode it.
    #[error("no decoder can be had: {reason}; try again later")]
    NoDecoder {
        /// Why.
        reason: String,
    },
}

impl DecodeError {
    /// The API's code for it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedFormat { .. } | Self::UnsupportedFeature { .. } => {
                "UNSUPPORTED_FORMAT"
            }
            Self::TooSmall { .. } => "IMAGE_TOO_SMALL",
            Self::FileTooLarge { .. } | Self::TooManyPixels { .. } | Self::TooMuchMemory { .. } => {
                "FILE_SIZE_EXCEEDED"
            }
            Self::Empty | Self::Corrupt { .. } | Self::Unfinished { .. } => "IMAGE_CORRUPT",
            Self::NoDecoder { .. } => "OVERLOADED",
        }
    }
}
