// SPDX-License-Identifier: MIT OR Apache-2.0
//! A TIFF file's first directory: tags and their values, with every offset checked.
//!
//! # References
//! Adobe, *TIFF Revision 6.0* (1992), section 2; *BigTIFF* as in libtiff's documentation.

use super::corrupt;
use crate::image::DecodeError;

/// Most entries that are read of a directory; baseline and EXIF tags together are under 200.
const MAX_ENTRIES: u64 = 4096;

/// Tags by the names of the specification.
pub(super) mod tag {
    pub(in super::super) const NEW_SUBFILE_TYPE: u16 = 254;
    pub(in super::super) const IMAGE_WIDTH: u16 = 256;
    pub(in super::super) const IMAGE_LENGTH: u16 = 257;
    pub(in super::super) const BITS_PER_SAMPLE: u16 = 258;
    pub(in super::super) const COMPRESSION: u16 = 259;
    pub(in super::super) const PHOTOMETRIC: u16 = 262;
    pub(in super::super) const FILL_ORDER: u16 = 266;
    pub(in super::super) const MAKE: u16 = 271;
    pub(in super::super) const MODEL: u16 = 272;
    pub(in super::super) const STRIP_OFFSETS: u16 = 273;
    pub(in super::super) const ORIENTATION: u16 = 274;
    pub(in super::super) const SAMPLES_PER_PIXEL: u16 = 277;
    pub(in super::super) const ROWS_PER_STRIP: u16 = 278;
    pub(in super::super) const STRIP_BYTE_COUNTS: u16 = 279;
    pub(in super::super) const PLANAR_CONFIGURATION: u16 = 284;
    pub(in super::super) const T4_OPTIONS: u16 = 292;
    pub(in super::super) const SOFTWARE: u16 = 305;
    pub(in super::super) const DATE_TIME: u16 = 306;
    pub(in super::super) const PREDICTOR: u16 = 317;
    pub(in super::super) const COLOR_MAP: u16 = 320;
    pub(in super::super) const TILE_WIDTH: u16 = 322;
    pub(in super::super) const TILE_LENGTH: u16 = 323;
    pub(in super::super) const TILE_OFFSETS: u16 = 324;
    pub(in super::super) const TILE_BYTE_COUNTS: u16 = 325;
    pub(in super::super) const SUB_IFDS: u16 = 330;
    pub(in super::super) const INK_SET: u16 = 332;
    pub(in super::super) const EXTRA_SAMPLES: u16 = 338;
    pub(in super::super) const SAMPLE_FORMAT: u16 = 339;
    pub(in super::super) const JPEG_TABLES: u16 = 347;
    pub(in super::super) const JPEG_INTERCHANGE_FORMAT: u16 = 513;
    pub(in super::super) const JPEG_INTERCHANGE_LENGTH: u16 = 514;
    pub(in super::super) const JPEG_Q_TABLES: u16 = 519;
    pub(in super::super) const JPEG_DC_TABLES: u16 = 520;
    pub(in super::super) const JPEG_AC_TABLES: u16 = 521;
    pub(in super::super) const YCBCR_COEFFICIENTS: u16 = 529;
    pub(in super::super) const YCBCR_SUBSAMPLING: u16 = 530;
    pub(in super::super) const REFERENCE_BLACK_WHITE: u16 = 532;
    pub(in super::super) const XMP: u16 = 700;
    pub(in super::super) const ICC: u16 = 34675;
    pub(in super::super) const EXIF_IFD: u16 = 34665;
    pub(in super::super) const GPS_IFD: u16 = 34853;
    pub(in super::super) const DNG_VERSION: u16 = 50706;
}

/// The first directory of a file.
#[derive(Clone, Debug)]
pub(super) struct Directory<'a> {
    bytes: &'a [u8],
    order: Order,
    entries: Vec<Entry>,
}

/// The byte order of a file's numbers, and whether it is a BigTIFF.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub(super) is_big_endian: bool,
    is_big_tiff: bool,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    tag: u16,
    kind: u16,
    /// Bytes of the values.
    start: usize,
    length: usize,
}

impl Order {
    fn of(bytes: &[u8]) -> Option<Self> {
        let (is_big_endian, is_big_tiff) = match bytes.first_chunk()? {
            b"II*\0" => (false, false),
            b"MM\0*" => (true, false),
            b"II+\0" => (false, true),
            b"MM\0+" => (true, true),
            _ => return None,
        };
        Some(Self { is_big_endian, is_big_tiff })
    }

    /// A number of 1 to 8 bytes.
    fn number(self, bytes: &[u8]) -> u64 {
        let join = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        if self.is_big_endian {
            bytes.iter().fold(0, join)
        } else {
            bytes.iter().rev().fold(0, join)
        }
    }

    /// A number of `length` bytes at `at`.
    fn read(self, bytes: &[u8], at: usize, length: usize) -> Option<u64> {
        Some(self.number(bytes.get(at..at.checked_add(length)?)?))
    }

    /// A file offset or count at `at`.
    fn offset(self, bytes: &[u8], at: usize) -> Option<usize> {
        usize::try_from(self.read(bytes, at, self.word())?).ok()
    }

    fn word(self) -> usize {
        if self.is_big_tiff {
            8
        } else {
            4
        }
    }
}

impl<'a> Directory<'a> {
    /// Reads the first directory.
    ///
    /// # Errors
    /// When it lies outside the file. Entries whose values do are left out.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let order = Order::of(bytes).ok_or_else(|| corrupt("it has no TIFF header"))?;
        Self::read_entries(bytes, order)
            .ok_or_else(|| corrupt("its first directory lies outside the file"))
    }

    fn read_entries(bytes: &'a [u8], order: Order) -> Option<Self> {
        let (first, count_length, entry_length) =
            if order.is_big_tiff { (8, 8, 20) } else { (4, 2, 12) };
        let at = order.offset(bytes, first)?;
        let count = order.read(bytes, at, count_length)?.min(MAX_ENTRIES);
        let list = bytes.get(at.checked_add(count_length)?..)?;
        let base = at + count_length;
        let whole = list.chunks_exact(entry_length).take(usize::try_from(count).ok()?);
        let entry = |(index, _)| {
            let at = base + index * entry_length;
            Self::read_entry(bytes, order, at)
        };
        let entries = whole.enumerate().filter_map(entry).collect();
        Some(Self { bytes, order, entries })
    }

    fn read_entry(bytes: &[u8], order: Order, at: usize) -> Option<Entry> {
        let tag = u16::try_from(order.read(bytes, at, 2)?).ok()?;
        let kind = u16::try_from(order.read(bytes, at + 2, 2)?).ok()?;
        let count = order.offset(bytes, at + 4)?;
        let length = count.checked_mul(length_of(kind)?)?;
        let value = at + 4 + order.word();
        let start = if length <= order.word() { value } else { order.offset(bytes, value)? };
        bytes.get(start..start.checked_add(length)?)?;
        Some(Entry { tag, kind, start, length })
    }

    /// The byte order.
    pub(super) fn order(&self) -> Order {
        self.order
    }

    /// The bytes of a tag's values.
    pub(super) fn raw(&self, tag: u16) -> Option<&'a [u8]> {
        let entry = self.entry(tag)?;
        self.bytes.get(entry.start..entry.start + entry.length)
    }

    /// Whether the tag is there.
    pub(super) fn has(&self, tag: u16) -> bool {
        self.entry(tag).is_some()
    }

    /// The first value as a whole number.
    pub(super) fn number(&self, tag: u16) -> Option<u64> {
        let entry = self.entry(tag)?;
        let one = length_of(entry.kind).filter(|_| is_whole(entry.kind))?;
        Some(self.order.number(self.raw(tag)?.get(..one)?))
    }

    /// The first values, `most` at most, as whole numbers; empty when the tag is missing.
    pub(super) fn first_numbers(&self, tag: u16, most: usize) -> Vec<u64> {
        let Some(entry) = self.entry(tag).filter(|entry| is_whole(entry.kind)) else {
            return Vec::new();
        };
        let one = length_of(entry.kind).unwrap_or(1);
        let values = self.raw(tag).unwrap_or_default().chunks_exact(one).take(most);
        values.map(|value| self.order.number(value)).collect()
    }

    /// The first fractions, `most` at most; empty when the tag is missing.
    pub(super) fn first_fractions(&self, tag: u16, most: usize) -> Vec<f64> {
        let Some(entry) = self.entry(tag).filter(|entry| entry.kind == 5) else {
            return Vec::new();
        };
        let raw = self.bytes.get(entry.start..entry.start + entry.length).unwrap_or_default();
        let fraction = |value: &[u8]| {
            let (numerator, denominator) = value.split_at(4);
            // Both have 32 bits.
            self.order.number(numerator) as f64 / self.order.number(denominator) as f64
        };
        raw.chunks_exact(8).take(most).map(fraction).collect()
    }

    fn entry(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }
}

/// Bytes of one value of a type.
fn length_of(kind: u16) -> Option<usize> {
    Some(match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16..=18 => 8,
        _ => return None,
    })
}

/// Whether a type holds unsigned whole numbers.
fn is_whole(kind: u16) -> bool {
    matches!(kind, 1 | 3 | 4 | 13 | 16 | 18)
}
