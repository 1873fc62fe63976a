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

use std::panic::{catch_unwind, AssertUnwindSafe};

use super::error::DecodeError;
use super::jpeg::JpegFacts;
use super::limits::DecodeLimits;
use super::metadata::Metadata;
use super::sniff::{sniff, Format};
use crate::memory::Room;

/// Changed whenever any file gives other pixels, be it by a change here or by another version of a
/// decoder that is used: what was computed from the pixels before is not taken for the same.
pub const REVISION: u32 = 1;

/// A decoded picture, with its pixels where `P` is bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<P = Vec<u8>> {
    /// The format, by content.
    pub format: Format,
    /// Columns, px.
    pub width: u32,
    /// Rows, px.
    pub height: u32,
    /// `width * height * 3` samples: red, green, blue of each pixel, row by row.
    pub rgb: P,
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
    pub jpeg: Option<JpegFacts>,
}

/// All of a decoded picture but its pixels, which are elsewhere.
pub type DecodedPicture = Decoded<()>;

impl<P> Decoded<P> {
    /// The picture with other pixels, and its own.
    pub fn replace_pixels<Q>(self, rgb: Q) -> (Decoded<Q>, P) {
        let Self {
            format,
            width,
            height,
            rgb: own,
            bit_depth,
            channels,
            has_alpha,
            orientation,
            metadata,
            jpeg,
        } = self;
        let other = Decoded {
            format,
            width,
            height,
            rgb,
            bit_depth,
            channels,
            has_alpha,
            orientation,
            metadata,
            jpeg,
        };
        (other, own)
    }
}

/// What is done on another thread while the pixels of a JPEG file are made, once its header is found good;
/// it is told their number.
pub type Meanwhile<'a> = &'a mut (dyn FnMut(u64) + Send);

/// Decodes a file.
///
/// # Errors
/// When it is not of a supported format, outside the limits, or damaged.
pub fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Decoded, DecodeError> {
    decode_into(bytes, limits, None)
}

/// Decodes a file into memory of a kind, and has something done `meanwhile` where there is time and memory for it:
/// not while a small picture is decoded.
///
/// # Errors
/// As [`decode()`].
pub fn decode_into<P: Room>(
    bytes: &[u8],
    limits: &DecodeLimits,
    meanwhile: Option<Meanwhile<'_>>,
) -> Result<Decoded<P>, DecodeError> {
    limits.check_file(bytes.len() as u64)?;
    let format = sniff(bytes)?;
    let decode = || match format {
        Format::Jpeg => jpeg::decode(bytes, limits, meanwhile),
        Format::Tiff => tiff::decode(bytes, limits).map(held),
        Format::Heic => heic::decode(bytes, limits).map(held),
        format => raster::decode(bytes, format, limits).map(held),
    };
    // Most of the decoding is other people's code; a panic of it costs the file, not the process.
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| {
        Err(DecodeError::Corrupt { format, reason: "its decoder fails on it".into() })
    })
}

/// A picture with its pixels in memory of another kind.
fn held<P: Room>(decoded: Decoded) -> Decoded<P> {
    let (picture, rgb) = decoded.replace_pixels(());
    picture.replace_pixels(P::holding(rgb)).0
}
