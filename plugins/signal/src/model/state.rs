// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much a picture's last compression has left of its traces.

/// Classes of last compression that are calibrated apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompressionState {
    /// No loss in this file: PNG, TIFF, BMP. It may have a lossy past.
    Lossless,
    /// JPEG of quality 88 or more.
    HighQuality,
    /// JPEG below quality 88, or a lossy format whose quality is not known.
    LowQuality,
}

/// Least IJG quality of the state [`CompressionState::HighQuality`]: above it, luma steps of the
/// highest frequencies stay below 24 levels.
const LEAST_HIGH_QUALITY: i64 = 88;

impl CompressionState {
    /// All states, in the order of the model file.
    pub const ALL: [Self; 3] = [Self::Lossless, Self::HighQuality, Self::LowQuality];

    /// The state of a file by its format (`JPEG`, `PNG`, …) and IJG quality estimate.
    ///
    /// What is not known counts as low quality, the state with the most cautious calibration.
    #[must_use]
    pub fn of_file(format: Option<&str>, jpeg_quality: Option<i64>) -> Self {
        match (format, jpeg_quality) {
            (Some("PNG" | "TIFF" | "BMP"), _) => Self::Lossless,
            (Some("JPEG"), Some(quality)) if quality >= LEAST_HIGH_QUALITY => Self::HighQuality,
            _ => Self::LowQuality,
        }
    }

    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lossless => "lossless",
            Self::HighQuality => "high_quality",
            Self::LowQuality => "low_quality",
        }
    }

    pub(super) fn index(self) -> usize {
        match self {
            Self::Lossless => 0,
            Self::HighQuality => 1,
            Self::LowQuality => 2,
        }
    }
}
