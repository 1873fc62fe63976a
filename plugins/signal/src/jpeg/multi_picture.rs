// SPDX-License-Identifier: MIT OR Apache-2.0
//! Multi-Picture Format: the directory of the further images that a camera puts behind the first one, in an
//! APP2 segment [CIPA DC-007-2021, §5].
//!
//! The segment holds a TIFF structure whose first directory has an entry of 16 bytes for each image: kind,
//! size, and offset from the structure's own start, 0 for the first image. Gain maps mostly leave their kind
//! undefined and say what they are in their own segments [Ultra HDR Image Format 1.1; ISO 21496-1:2025,
//! annex C; the auxiliary image types of Apple].

use super::marker;
use super::segments;
use super::JpegFile;

/// Identifier of the segment [CIPA DC-007 §5.1].
const IDENTIFIER: &[u8] = b"MPF\0";
/// Bytes of the segment's marker, length and identifier: offsets count from behind them.
const BASE: usize = 8;
/// Tag of the list of images [CIPA DC-007 §5.2.3.3].
const MP_ENTRY: u16 = 0xB002;
/// Bytes of one image in the list.
const ENTRY_BYTES: usize = 16;
/// Most images that are read.
const MAX_IMAGES: usize = 64;
/// Most entries of the directory that are visited.
const MAX_FIELDS: usize = 64;
/// Most bytes of a further image in which its own segments are looked for.
const MAX_HEADER_BYTES: usize = 128 * 1024;
/// Bits of an image's attributes that are its kind; the others are flags and the data format.
const KIND_MASK: u32 = 0x00FF_FFFF;
/// Words that only a gain map's own segments have: Ultra HDR, Apple, ISO 21496-1.
const GAIN_MAP_WORDS: [&[u8]; 4] = [
    b"http://ns.adobe.com/hdr-gain-map/1.0/",
    b"http://ns.apple.com/HDRGainMap/1.0/",
    b"urn:com:apple:photo:2020:aux:hdrgainmap",
    b"urn:iso:std:iso:ts:21496:-1\0",
];

/// What an image of the list is [CIPA DC-007 §5.2.3.3.1, table 4].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureKind {
    /// The picture that readers without the format show.
    Primary,
    /// A smaller copy.
    LargeThumbnail,
    /// A part of a panorama.
    Panorama,
    /// A view of a stereo picture.
    Disparity,
    /// One of several views.
    MultiAngle,
    /// The picture before it was changed in the camera.
    Original,
    /// How much brighter each place is on a screen of high dynamic range.
    GainMap,
    /// It does not say.
    Undefined,
    /// A number that the standard does not list.
    Unknown,
}

impl PictureKind {
    fn from_attributes(attributes: u32) -> Self {
        match attributes & KIND_MASK {
            0x03_0000 => Self::Primary,
            0x01_0001..=0x01_0005 => Self::LargeThumbnail,
            0x02_0001 => Self::Panorama,
            0x02_0002 => Self::Disparity,
            0x02_0003 => Self::MultiAngle,
            0x04_0000 => Self::Original,
            0x05_0000 => Self::GainMap,
            0 => Self::Undefined,
            _ => Self::Unknown,
        }
    }

    /// The kind in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::LargeThumbnail => "large thumbnail",
            Self::Panorama => "panorama",
            Self::Disparity => "stereo view",
            Self::MultiAngle => "view",
            Self::Original => "original",
            Self::GainMap => "gain map",
            Self::Undefined => "undefined",
            Self::Unknown => "unknown",
        }
    }
}

/// What stands where the list says that an image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureState {
    /// A whole JPEG by the list's size, or the first image.
    Present,
    /// A JPEG begins there and the file ends before it does.
    CutOff,
    /// The file has ended before.
    OutsideFile,
    /// Other bytes.
    NotJpeg,
}

/// One image of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedPicture {
    /// What it is.
    pub kind: PictureKind,
    /// Offset in the file.
    pub offset: u64,
    /// Size, bytes.
    pub length: u32,
    /// What stands there.
    pub state: PictureState,
}

/// The images that a file lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MultiPicture {
    /// In the order of the list, the first image included.
    pub pictures: Vec<ListedPicture>,
}

impl JpegFile<'_> {
    /// The images of the first Multi-Picture segment; `None` without one, and without images where its
    /// directory cannot be read.
    #[must_use]
    pub fn multi_picture(&self) -> Option<MultiPicture> {
        let has_identifier = |payload: &[u8]| payload.starts_with(IDENTIFIER);
        let segment = self.segments_of(marker::APP2).find(|s| has_identifier(s.payload))?;
        let block = segment.payload.get(IDENTIFIER.len()..)?;
        let base = segment.offset + BASE;
        let entries = entries(block).unwrap_or_default();
        let read = |entry: &[u8]| self.listed(entry, base, is_little_endian(block)?);
        Some(MultiPicture {
            pictures: entries.chunks_exact(ENTRY_BYTES).take(MAX_IMAGES).filter_map(read).collect(),
        })
    }

    fn listed(&self, entry: &[u8], base: usize, little_endian: bool) -> Option<ListedPicture> {
        let [attributes, length, offset] =
            [0, 4, 8].map(|at| number::<4>(entry, at, little_endian));
        let (attributes, length, offset) = (attributes?, length?, offset?);
        let mut kind = PictureKind::from_attributes(attributes);
        if offset == 0 {
            return Some(ListedPicture { kind, offset: 0, length, state: PictureState::Present });
        }
        let offset = base as u64 + u64::from(offset);
        let rest = usize::try_from(offset).ok().and_then(|offset| self.bytes().get(offset..));
        let rest = rest.filter(|rest| !rest.is_empty());
        let state = match rest {
            None => PictureState::OutsideFile,
            Some(rest) if !rest.starts_with(&[0xFF, marker::SOI]) => PictureState::NotJpeg,
            Some(rest) if (rest.len() as u64) < u64::from(length) => PictureState::CutOff,
            Some(_) => PictureState::Present,
        };
        let may_be_gain_map = matches!(kind, PictureKind::Undefined | PictureKind::Unknown);
        if may_be_gain_map && rest.is_some_and(is_gain_map) {
            kind = PictureKind::GainMap;
        }
        Some(ListedPicture { kind, offset, length, state })
    }
}

/// Whether a further image says in its own segments that it is a gain map.
fn is_gain_map(image: &[u8]) -> bool {
    let header = &image[..image.len().min(MAX_HEADER_BYTES)];
    let Ok(walk) = segments::walk(header, 0) else { return false };
    let says = |payload: &[u8]| {
        GAIN_MAP_WORDS.iter().any(|word| payload.windows(word.len()).any(|part| part == *word))
    };
    let metadata = walk.segments.iter().filter(|s| matches!(s.marker, marker::APP1 | marker::APP2));
    metadata.take(MAX_FIELDS).any(|segment| says(segment.payload))
}

fn is_little_endian(block: &[u8]) -> Option<bool> {
    match block {
        [b'I', b'I', 42, 0, ..] => Some(true),
        [b'M', b'M', 0, 42, ..] => Some(false),
        _ => None,
    }
}

/// The list of images in a block that starts with its TIFF header.
fn entries(block: &[u8]) -> Option<&[u8]> {
    let little_endian = is_little_endian(block)?;
    let directory = usize::try_from(number::<4>(block, 4, little_endian)?).ok()?;
    let count = number::<2>(block, directory, little_endian)? as usize;
    (0..count.min(MAX_FIELDS)).find_map(|index| {
        let at = directory.checked_add(2 + index * 12)?;
        let tag = number::<2>(block, at, little_endian)?;
        if tag != u32::from(MP_ENTRY) {
            return None;
        }
        let length = usize::try_from(number::<4>(block, at + 4, little_endian)?).ok()?;
        let start = usize::try_from(number::<4>(block, at + 8, little_endian)?).ok()?;
        block.get(start..start.checked_add(length)?)
    })
}

/// A whole number of `N` bytes, at most four.
fn number<const N: usize>(bytes: &[u8], at: usize, little_endian: bool) -> Option<u32> {
    let mut part: [u8; N] = *bytes.get(at..)?.first_chunk()?;
    if little_endian {
        part.reverse();
    }
    Some(part.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

#[cfg(test)]
mod tests;
