// SPDX-License-Identifier: MIT OR Apache-2.0
//! TIFF: the first directory, and all for Content Credentials [TIFF 6.0 §2; XMP Part 3 §1.1.8; TIFF/EP for IPTC; Photoshop file
//! formats for image resources], a guard that refuses directories whose texts are too long, and
//! pointers to directories in the one form that the reader of EXIF follows.

use std::borrow::Cow;

use super::{take, Blocks};
use crate::number::{array, slice};

/// Most entries of a directory that are visited.
const MAX_ENTRIES: usize = 4_096;
/// Most sub-directories that the guard visits.
const MAX_DIRECTORIES: usize = 16;
/// Longest value that may be read as a text, bytes. A JPEG segment has 65,533.
const MAX_TEXT_BYTES: usize = 1024 * 1024;

const IMAGE_WIDTH: u16 = 256;
const IMAGE_LENGTH: u16 = 257;
const XMP: u16 = 700;
const IPTC: u16 = 33_723;
const PHOTOSHOP: u16 = 34_377;
/// Content Credentials [C2PA 2.2 §A.3.8].
const C2PA: u16 = 52_545;
const EXIF_DIRECTORY: u16 = 34_665;
const GPS_DIRECTORY: u16 = 34_853;

/// A whole number of 32 bits, and one that is where a directory starts [TIFF Technical Note 1].
const LONG: u16 = 4;
const IFD: u16 = 13;

/// One entry of a directory: type, count and the bytes of the value.
struct Entry<'a> {
    tag: u16,
    kind: u16,
    value: &'a [u8],
}

/// A TIFF structure with its byte order.
#[derive(Clone, Copy)]
struct Tiff<'a> {
    bytes: &'a [u8],
    little_endian: bool,
}

impl<'a> Tiff<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        match bytes {
            [b'I', b'I', 42, 0, ..] => Some(Self { bytes, little_endian: true }),
            [b'M', b'M', 0, 42, ..] => Some(Self { bytes, little_endian: false }),
            _ => None,
        }
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let order = if self.little_endian { u16::from_le_bytes } else { u16::from_be_bytes };
        array(self.bytes, at).map(order)
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let order = if self.little_endian { u32::from_le_bytes } else { u32::from_be_bytes };
        array(self.bytes, at).map(order)
    }

    fn offset(&self, at: usize) -> Option<usize> {
        self.u32(at).and_then(|offset| usize::try_from(offset).ok())
    }

    /// The entries of the directory at `at` whose values lie in the file, and where it ends.
    fn entries(self, at: usize) -> (impl Iterator<Item = Entry<'a>>, usize) {
        let count = self.u16(at).map_or(0, usize::from);
        let entry = move |index: usize| {
            let at = at.checked_add(2)?.checked_add(index * 12)?;
            let (tag, kind, count) = (self.u16(at)?, self.u16(at + 2)?, self.u32(at + 4)?);
            let bytes = count.checked_mul(unit_bytes(kind)?)?;
            let from = if bytes <= 4 { at + 8 } else { self.offset(at + 8)? };
            Some(Entry { tag, kind, value: slice(self.bytes, from, bytes)? })
        };
        let end = at.saturating_add(2 + count * 12);
        ((0..count.min(MAX_ENTRIES)).filter_map(entry), end)
    }

    /// A whole number that is an entry's only value.
    fn number(&self, entry: &Entry<'a>) -> Option<u32> {
        let value = Self { bytes: entry.value, ..*self };
        match entry.kind {
            3 => value.u16(0).map(u32::from),
            LONG | IFD => value.u32(0),
            _ => None,
        }
    }
}

/// Bytes of one value of a type [TIFF 6.0 §2, types 1–12, and 13 of TIFF Technical Note 1].
fn unit_bytes(kind: u16) -> Option<u32> {
    match kind {
        1 | 2 | 6 | 7 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 => Some(8),
        _ => None,
    }
}

/// Reads the first directory of a TIFF file. The file is its own EXIF block.
pub(super) fn read(bytes: &[u8]) -> Blocks<'_> {
    let mut blocks = Blocks::default();
    let Some(tiff) = Tiff::new(bytes) else { return blocks };
    let (mut width, mut height) = (None, None);
    let first = tiff.offset(4).unwrap_or(0);
    let (entries, _) = tiff.entries(first);
    for entry in entries {
        match entry.tag {
            IMAGE_WIDTH => width = tiff.number(&entry),
            IMAGE_LENGTH => height = tiff.number(&entry),
            XMP => take(&mut blocks.xmp, entry.value),
            IPTC => take(&mut blocks.iptc, entry.value),
            PHOTOSHOP => take(&mut blocks.photoshop, entry.value),
            _ => {}
        }
    }
    blocks.c2pa_present = has_credentials(tiff, first);
    blocks.size = width.zip(height);
    blocks.take_exif(bytes);
    blocks
}

/// Whether one of the directories that follow each other, mostly the last, holds Content Credentials.
fn has_credentials(tiff: Tiff<'_>, first: usize) -> bool {
    let mut at = first;
    for _ in 0..MAX_DIRECTORIES {
        if at == 0 {
            break;
        }
        let (mut entries, end) = tiff.entries(at);
        if entries.any(|entry| entry.tag == C2PA) {
            return true;
        }
        at = tiff.offset(end).unwrap_or(0);
    }
    false
}

/// Whether no value that a reader of the block may turn into a list of texts is too long: a text of
/// 20 MB of zeros would become 20 million empty texts.
pub(crate) fn texts_are_bounded(block: &[u8]) -> bool {
    let Some(tiff) = Tiff::new(block) else { return true };
    let mut waiting = vec![tiff.offset(4).unwrap_or(0)];
    let mut visited = 0;
    while let Some(at) = waiting.pop() {
        visited += 1;
        if at == 0 || visited > MAX_DIRECTORIES {
            continue;
        }
        let (entries, end) = tiff.entries(at);
        for entry in entries {
            let is_image_data = matches!(entry.tag, XMP | IPTC | PHOTOSHOP);
            if entry.kind == 2 && !is_image_data && entry.value.len() > MAX_TEXT_BYTES {
                return false;
            }
            if matches!(entry.tag, EXIF_DIRECTORY | GPS_DIRECTORY) {
                waiting.extend(tiff.number(&entry).and_then(|at| usize::try_from(at).ok()));
            }
        }
        waiting.extend(tiff.offset(end));
    }
    true
}

/// The block with pointers to its EXIF and GPS directories as plain numbers: some writers, Parrot's drones
/// among them, give them the type of a directory, which readers of EXIF need not know.
pub(crate) fn with_plain_pointers(block: &[u8]) -> Cow<'_, [u8]> {
    let mut block = Cow::Borrowed(block);
    for at in typed_pointers(&block) {
        let Some(kind) = block.to_mut().get_mut(at..at + 2) else { continue };
        // The type was `IFD` in either order, so that one of its two bytes is 0.
        kind.iter_mut().filter(|byte| **byte != 0).for_each(|byte| *byte = LONG as u8);
    }
    block
}

/// Where the first directory's pointers have the type `IFD`: places of the types.
fn typed_pointers(block: &[u8]) -> Vec<usize> {
    let Some(tiff) = Tiff::new(block) else { return Vec::new() };
    let Some(first) = tiff.offset(4) else { return Vec::new() };
    let count = tiff.u16(first).map_or(0, usize::from).min(MAX_ENTRIES);
    let entries = (0..count).filter_map(|index| first.checked_add(2 + index * 12));
    let is_pointer = |at: &usize| {
        let (tag, kind) = (tiff.u16(*at), at.checked_add(2).and_then(|kind| tiff.u16(kind)));
        matches!(tag, Some(EXIF_DIRECTORY | GPS_DIRECTORY)) && kind == Some(IFD)
    };
    entries.filter(is_pointer).map(|at| at + 2).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::synth::{Exif, TEST_XMP};

    #[test]
    fn blocks_and_size_of_a_tiff_file_are_found_in_both_byte_orders() {
        for little_endian in [false, true] {
            let file = Exif::default()
                .ordered(little_endian)
                .long(IMAGE_WIDTH, 64)
                .long(IMAGE_LENGTH, 48)
                .bytes(XMP, TEST_XMP)
                .bytes(IPTC, b"\x1c\x02\x6e\0\x01x")
                .bytes(PHOTOSHOP, b"8BIM")
                .block();
            let blocks = read(&file);
            assert_eq!(blocks.size, Some((64, 48)));
            assert_eq!(blocks.xmp[0], TEST_XMP);
            assert_eq!(blocks.iptc[0].as_ref(), b"\x1c\x02\x6e\0\x01x");
            assert_eq!(blocks.photoshop[0].as_ref(), b"8BIM");
            assert_eq!(blocks.exif.as_deref(), Some(file.as_slice()));
        }
    }

    #[test]
    fn a_text_of_two_megabytes_is_refused() {
        let long = vec![0_u8; 2 * 1024 * 1024];
        assert!(!texts_are_bounded(&Exif::default().text_bytes(271, &long).block()));
        assert!(!texts_are_bounded(&Exif::default().sub_text_bytes(0x9286, &long).block()));
        assert!(texts_are_bounded(&Exif::default().text_bytes(271, b"Maker\0").block()));
    }

    #[test]
    fn pointers_of_the_type_of_a_directory_become_numbers_and_nothing_else_changes() {
        for little_endian in [false, true] {
            let plain = Exif::camera().gps().ordered(little_endian);
            let typed = plain.clone().typed_pointers().block();
            assert_ne!(typed, plain.block());
            assert_eq!(with_plain_pointers(&typed), plain.block());
            assert!(matches!(with_plain_pointers(&plain.block()), Cow::Borrowed(_)));
            let cut = &typed[..typed.len().min(60)];
            assert_eq!(with_plain_pointers(cut).len(), cut.len());
        }
    }

    #[test]
    fn a_directory_that_points_at_itself_ends() {
        let mut block = b"II*\0\x08\0\0\0\0\0".to_vec();
        block.extend_from_slice(&8_u32.to_le_bytes());
        assert!(texts_are_bounded(&block));
    }

    proptest! {
        #[test]
        fn no_change_of_a_block_makes_its_pointers_lead_the_rewriting_astray(
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
            length in any::<prop::sample::Index>(),
        ) {
            let mut block = Exif::camera().gps().typed_pointers().block();
            for (index, byte) in changes {
                let at = index.index(block.len());
                block[at] = byte;
            }
            block.truncate(length.index(block.len() + 1));
            let plain = with_plain_pointers(&block);
            let differing = plain.iter().zip(&block).filter(|(a, b)| a != b).count();
            prop_assert_eq!(plain.len(), block.len());
            prop_assert!(differing <= MAX_ENTRIES);
            let again = with_plain_pointers(&plain);
            prop_assert_eq!(again.as_ref(), plain.as_ref());
        }
    }
}
