// SPDX-License-Identifier: MIT OR Apache-2.0
//! The raw blocks that a file carries beside its pixels.

use exif::{In, Reader, Tag};

/// Blocks of bytes as the file has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The EXIF block, from its TIFF header on.
    pub exif: Option<Vec<u8>>,
    /// The file itself is an EXIF block, as a TIFF is; `exif` is then empty.
    pub is_exif_the_file: bool,
    /// The XMP packet.
    pub xmp: Option<Vec<u8>>,
    /// The ICC profile.
    pub icc: Option<Vec<u8>>,
}

impl Metadata {
    /// The EXIF orientation as written; `None` without one in 1..=8.
    #[must_use]
    pub fn orientation(&self) -> Option<u8> {
        let block = self.exif.clone()?;
        let mut reader = Reader::new();
        reader.continue_on_error(true);
        let read = reader.read_raw(block).or_else(|error| error.distill_partial_result(|_| ()));
        let read = read.ok()?;
        let value = read.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0)?;
        u8::try_from(value).ok().filter(|value| (1..=8).contains(value))
    }
}
