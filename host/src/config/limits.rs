// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is refused before it is decoded.

use super::document::reader::Reader;

/// What is refused before it is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest file, bytes.
    pub max_file_bytes: u64,
    /// Most pixels, width times height.
    pub max_pixels: u64,
    /// Shortest side, px.
    pub min_side: u32,
}

impl Default for Limits {
    /// The guide's: 20 MB, at least 100 px; and 100 MP.
    fn default() -> Self {
        Self { max_file_bytes: 20_000_000, max_pixels: 100_000_000, min_side: 100 }
    }
}

impl Limits {
    /// Reads `[limits]`; a wrong value is a fault and reads as the default.
    pub(super) fn read(mut reader: Reader<'_>) -> Self {
        let default = Self::default();
        let min_side = reader.whole("min_side", 1..=65_535).map(u32::try_from);
        let limits = Self {
            max_file_bytes: reader
                .whole("max_file_bytes", 1..=1 << 40)
                .unwrap_or(default.max_file_bytes),
            max_pixels: reader.whole("max_pixels", 1..=1 << 32).unwrap_or(default.max_pixels),
            min_side: min_side.and_then(Result::ok).unwrap_or(default.min_side),
        };
        let smallest = u64::from(limits.min_side).pow(2);
        if smallest > limits.max_pixels {
            let message = format!(
                "`limits.max_pixels` must be at least `min_side` squared ({smallest}), found {}",
                limits.max_pixels
            );
            reader.fault("max_pixels", message);
        }
        reader.finish();
        limits
    }
}
