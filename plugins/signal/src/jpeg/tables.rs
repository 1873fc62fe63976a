// SPDX-License-Identifier: MIT OR Apache-2.0
//! Quantisation tables: reading DQT segments, order of coefficients, digest.
//!
//! Everywhere outside this reader tables and coefficients are in natural order: row-major, index
//! `8 * v + u` with `u` the horizontal and `v` the vertical frequency.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::segments::Segment;
use super::JpegError;

/// Natural index of the coefficient at each zigzag position (T.81 figure A.6).
pub const NATURAL_FROM_ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Zigzag position of the coefficient at each natural index.
pub const ZIGZAG_FROM_NATURAL: [u8; 64] = invert(NATURAL_FROM_ZIGZAG);

const fn invert(order: [u8; 64]) -> [u8; 64] {
    let mut inverse = [0; 64];
    let mut position = 0;
    while position < 64 {
        inverse[order[position as usize] as usize] = position;
        position += 1;
    }
    inverse
}

/// One quantisation table as defined in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuantisationTable {
    /// Slot 0..=3 that components refer to.
    pub slot: u8,
    /// Bits a step in the file: 8 or 16.
    pub precision: u8,
    /// Quantisation steps in natural order, as written: a hostile file can say 0.
    pub steps: [u16; 64],
    /// Offset in the file of the segment that defines it.
    pub offset: usize,
}

impl QuantisationTable {
    /// Reads all tables of a DQT segment, in file order.
    ///
    /// # Errors
    /// [`JpegError::Malformed`] if a table is cut short, its slot is above 3 or its precision is
    /// neither 8 nor 16 bits. Tables before the bad one are lost with it.
    pub fn read_all(segment: &Segment<'_>) -> Result<Vec<Self>, JpegError> {
        let malformed =
            |problem| JpegError::Malformed { name: "DQT", offset: segment.offset, problem };
        let mut tables = Vec::new();
        let mut rest = segment.payload;
        while let Some((head, body)) = rest.split_first() {
            let (wide, slot) = (head >> 4, head & 15);
            if wide > 1 || slot > 3 {
                return Err(malformed("the table's slot or precision does not exist"));
            }
            let size = if wide == 1 { 128 } else { 64 };
            let (body, after) =
                body.split_at_checked(size).ok_or(malformed("the table is cut short"))?;
            let mut steps = [0; 64];
            for (position, natural) in NATURAL_FROM_ZIGZAG.iter().enumerate() {
                steps[usize::from(*natural)] = if wide == 1 {
                    u16::from_be_bytes([body[2 * position], body[2 * position + 1]])
                } else {
                    body[position].into()
                };
            }
            tables.push(Self { slot, precision: 8 << wide, steps, offset: segment.offset });
            rest = after;
        }
        Ok(tables)
    }
}

/// Digest of a list of tables, to compare with those of known encoders: SHA-256 over all steps in
/// natural order, two bytes each, big end first; lowercase hexadecimal.
///
/// The same steps give the same digest whether the file wrote them with 8 or 16 bits, and
/// whatever slots they lay in.
#[must_use]
pub fn table_digest(tables: &[&[u16; 64]]) -> String {
    let mut digest = Sha256::new();
    for step in tables.iter().copied().flatten() {
        digest.update(step.to_be_bytes());
    }
    let mut text = String::with_capacity(64);
    for byte in digest.finalize() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests;
