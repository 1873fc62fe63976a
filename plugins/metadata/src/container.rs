// SPDX-License-Identifier: MIT OR Apache-2.0
//! Containers: where each file format keeps its blocks of metadata. One reader a file; each takes
//! any bytes, never panics, and looks at a bounded part of what it is given.

mod bmff;
mod inflate;
mod jpeg;
mod jpeg_structure;
mod png;
mod png_structure;
mod raw_profile;
pub(crate) mod tiff;
mod webp;

use std::borrow::Cow;

use crate::account::Statements;
pub(crate) use jpeg::JpegFacts;
pub(crate) use jpeg_structure::Structure;
pub(crate) use png_structure::PngStructure;

/// Largest block taken out of a container, bytes.
const MAX_BLOCK_BYTES: usize = 1024 * 1024;
/// Most blocks of one kind.
const MAX_BLOCKS: usize = 8;

/// The blocks of metadata of one file, not yet read.
#[derive(Debug, Default)]
pub(crate) struct Blocks<'a> {
    /// Width and height, px.
    pub size: Option<(u32, u32)>,
    /// EXIF, starting with its TIFF header.
    pub exif: Option<Cow<'a, [u8]>>,
    /// XMP packets.
    pub xmp: Vec<Cow<'a, [u8]>>,
    /// Bare IPTC IIM records.
    pub iptc: Vec<Cow<'a, [u8]>>,
    /// Photoshop image resources.
    pub photoshop: Vec<Cow<'a, [u8]>>,
    /// The colour profile.
    pub icc: Option<Cow<'a, [u8]>>,
    /// A Content Credentials store is there.
    pub c2pa_present: bool,
    /// Structure of a JPEG file.
    pub jpeg: Option<JpegFacts>,
    /// Structure of a PNG file.
    pub png: Option<PngStructure>,
    /// Texts of the container itself.
    pub statements: Statements,
}

impl<'a> Blocks<'a> {
    /// Takes an EXIF block, with or without the `Exif\0\0` in front; the first one counts.
    fn take_exif(&mut self, block: impl Into<Cow<'a, [u8]>>) {
        let block = block.into();
        let block = match block {
            Cow::Borrowed(bytes) => Cow::Borrowed(bytes.strip_prefix(b"Exif\0\0").unwrap_or(bytes)),
            Cow::Owned(bytes) if bytes.starts_with(b"Exif\0\0") => Cow::Owned(bytes[6..].to_vec()),
            owned => owned,
        };
        self.exif.get_or_insert(block);
    }
}

/// Adds a block to a list while it is neither too long nor one too many.
fn take<'a>(list: &mut Vec<Cow<'a, [u8]>>, block: impl Into<Cow<'a, [u8]>>) {
    let block = block.into();
    if list.len() < MAX_BLOCKS && block.len() <= MAX_BLOCK_BYTES {
        list.push(block);
    }
}

/// Reads the container, told by its first bytes. Unknown containers have no blocks.
pub(crate) fn read(bytes: &[u8]) -> Blocks<'_> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => jpeg::read(bytes),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => png::read(bytes),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => webp::read(bytes),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => tiff::read(bytes),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => bmff::read(bytes),
        _ => Blocks::default(),
    }
}
