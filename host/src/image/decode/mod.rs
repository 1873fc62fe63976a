// SPDX-License-Identifier: MIT OR Apache-2.0
//! From encoded bytes to 8-bit RGB: one file for each family of formats.
//!
//! Every decoder here reads the header, checks it against the limits, and only then allocates.

mod heic;
mod jpeg;
mod placement;
mod raster;
mod samples;
mod tiff;

use super::error::DecodeError;
use super::jpeg::JpegFacts;
use super::limits::DecodeLimits;
use super::metadata::Metadata;
use super::sniff::{sniff, Format};

/// Changed whenever any file gives other pixels, be it by a change here or by another version of a
/// decoder that is used: what was computed from the pixels before is not taken for the same.
pub const REVISION: u32 = 1;

/// A decoded picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The format, by content.
    pub format: Format,
    /// Columns, px.
    pub width: u32,
    /// Rows, px.
    pub height: u32,
    /// `width * height * 3` samples: red, green, blue of each pixel, row by row.
    pub rgb: Vec<u8>,
    /// Bits a sample in the file.
    pub bit_depth: u8,
    /// Channels in the file, alpha included.
    pub channels: u8,
    /// The file has alpha; `rgb` is without it.
    pub has_alpha: bool,
    /// EXIF's turn for display, 1..=8; `rgb` is not turned.
    pub orientation: u8,
    /// The raw blocks.
    pub metadata: Metadata,
    /// Tables and coding of a JPEG file.
    pub(super) jpeg: Option<JpegFacts>,
}

/// Decodes a file.
///
/// # Errors
/// When it is not of a supported format, outside the limits, or damaged.
pub fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Decoded, DecodeError> {
    limits.check_file(bytes.len() as u64)?;
    match sniff(bytes)? {
        Format::Jpeg => jpeg::decode(bytes, limits),
        Format::Tiff => tiff::decode(bytes, limits),
        Format::Heic => heic::decode(bytes, limits),
        format => raster::decode(bytes, format, limits),
    }
}
