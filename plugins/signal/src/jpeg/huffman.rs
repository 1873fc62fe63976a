// SPDX-License-Identifier: MIT OR Apache-2.0
//! Huffman tables as defined in the file, and whether they are the example tables of Annex K.
//!
//! Most cameras write the example tables; encoders that optimise write tables of their own for
//! every picture. ITU-T T.81 B.2.4.2, tables K.3 to K.6.

use super::segments::Segment;
use super::JpegError;

/// Codes of each length 1..=16 in table K.3.
const LUMA_DC_COUNTS: [u8; 16] = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
/// Codes of each length in table K.4.
const CHROMA_DC_COUNTS: [u8; 16] = [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0];
/// Values of tables K.3 and K.4: the size categories in order.
const DC_VALUES: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
/// Codes of each length in table K.5.
const LUMA_AC_COUNTS: [u8; 16] = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125];
/// Codes of each length in table K.6.
const CHROMA_AC_COUNTS: [u8; 16] = [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119];
/// Values of table K.5, run in the high and size in the low nibble.
const LUMA_AC_VALUES: [u8; 162] = [
    0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07,
    0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0,
    0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25, 0x26, 0x27, 0x28,
    0x29, 0x2A, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49,
    0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69,
    0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
    0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7,
    0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5,
    0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2,
    0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8,
    0xF9, 0xFA,
];
/// Values of table K.6.
const CHROMA_AC_VALUES: [u8; 162] = [
    0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71,
    0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33, 0x52, 0xF0,
    0x15, 0x62, 0x72, 0xD1, 0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17, 0x18, 0x19, 0x1A, 0x26,
    0x27, 0x28, 0x29, 0x2A, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
    0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
    0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87,
    0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5,
    0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3,
    0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA,
    0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8,
    0xF9, 0xFA,
];

/// One Huffman table as defined in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HuffmanTable {
    /// Codes coefficients after the first (AC), not DC differences.
    pub is_ac: bool,
    /// Slot 0..=3 that scans refer to.
    pub slot: u8,
    /// Number of codes of each length 1..=16; they fit a prefix code.
    pub counts: [u8; 16],
    /// Values in the order of their codes, as many as `counts` says.
    pub values: Vec<u8>,
}

/// Which tables a file codes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HuffmanSet {
    /// The file defines none (abbreviated streams, some Motion-JPEG frames).
    Absent,
    /// All are example tables of Annex K.
    Standard,
    /// At least one is not: made for the picture, or the encoder's own.
    Optimised,
}

impl HuffmanTable {
    /// Reads all tables of a DHT segment, in file order.
    ///
    /// # Errors
    /// [`JpegError::Malformed`] if a table is cut short, its class or slot does not exist, or its
    /// counts fit no prefix code, or a DC category is above 16.
    pub fn read_all(segment: &Segment<'_>) -> Result<Vec<Self>, JpegError> {
        let malformed =
            |problem| JpegError::Malformed { name: "DHT", offset: segment.offset, problem };
        let mut tables = Vec::new();
        let mut rest = segment.payload;
        while let Some((head, body)) = rest.split_first() {
            let (class, slot) = (head >> 4, head & 15);
            if class > 1 || slot > 3 {
                return Err(malformed("the table's class or slot does not exist"));
            }
            let (counts, body) =
                body.split_first_chunk::<16>().ok_or(malformed("the table is cut short"))?;
            if !is_prefix_code(counts) {
                return Err(malformed("the code lengths fit no prefix code of 256 values"));
            }
            let length = counts.iter().map(|count| usize::from(*count)).sum();
            let (values, after) =
                body.split_at_checked(length).ok_or(malformed("the values are cut short"))?;
            // Categories end at 16 even in lossless files (T.81 table H.2).
            if class == 0 && values.iter().any(|category| *category > 16) {
                return Err(malformed("a DC category is above 16"));
            }
            let (counts, values) = (*counts, values.to_vec());
            tables.push(Self { is_ac: class == 1, slot, counts, values });
            rest = after;
        }
        Ok(tables)
    }

    /// The example table of Annex K for luma (slot 0) or chroma (any other slot).
    #[must_use]
    pub fn standard(is_ac: bool, slot: u8) -> Self {
        let (counts, values): (_, &[u8]) = match (is_ac, slot) {
            (false, 0) => (LUMA_DC_COUNTS, &DC_VALUES),
            (false, _) => (CHROMA_DC_COUNTS, &DC_VALUES),
            (true, 0) => (LUMA_AC_COUNTS, &LUMA_AC_VALUES),
            (true, _) => (CHROMA_AC_COUNTS, &CHROMA_AC_VALUES),
        };
        Self { is_ac, slot, counts, values: values.to_vec() }
    }

    /// Whether this is one of the example tables, in whatever slot.
    #[must_use]
    pub fn is_standard(&self) -> bool {
        [0, 1].into_iter().any(|slot| {
            let standard = Self::standard(self.is_ac, slot);
            standard.counts == self.counts && standard.values == self.values
        })
    }
}

impl HuffmanSet {
    /// Judges all tables of a file.
    #[must_use]
    pub fn of(tables: &[HuffmanTable]) -> Self {
        match tables {
            [] => Self::Absent,
            _ if tables.iter().all(HuffmanTable::is_standard) => Self::Standard,
            _ => Self::Optimised,
        }
    }
}

/// Whether codes of these lengths fit into the code space (Kraft's inequality) and name at most
/// 256 values.
fn is_prefix_code(counts: &[u8; 16]) -> bool {
    let mut left: i32 = 1;
    let mut total = 0;
    for count in counts {
        left = 2 * left - i32::from(*count);
        total += u32::from(*count);
        if left < 0 {
            return false;
        }
    }
    total <= 256
}

#[cfg(test)]
mod tests;
