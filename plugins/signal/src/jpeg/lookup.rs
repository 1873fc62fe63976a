// SPDX-License-Identifier: MIT OR Apache-2.0
//! Huffman decoding by table: one look gives run and value of most coefficients at once.

use super::bits::BitReader;
use super::huffman::HuffmanTable;

/// Bits of the first look: a table of 4 KiB, four of which fit the first-level cache.
const LOOK: u32 = 10;

/// What one code, with the value bits after it, says.
///
/// From the low end: 6 bits of length of code and value together, 1 bit "value is known", 1 bit
/// spare, 4 bits run, 4 bits size, 16 bits value. All zero: no code of at most [`LOOK`] bits.
#[derive(Clone, Copy)]
pub(super) struct Entry(u32);

const VALUE_KNOWN: u32 = 1 << 6;

impl Entry {
    fn new(code_length: u32, symbol: u8) -> Self {
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        Self((code_length + size) | run << 8 | size << 12)
    }

    fn with_value(self, value: i32) -> Self {
        // Sixteen bits hold every value of at most 15 bits.
        Self(self.0 | VALUE_KNOWN | (value as u32) << 16)
    }

    /// Bits of code and value together.
    #[inline(always)]
    pub(super) fn length(self) -> u32 {
        self.0 & 63
    }

    /// Zero coefficients before this one; the high nibble of the symbol.
    #[inline(always)]
    pub(super) fn run(self) -> u32 {
        self.0 >> 8 & 15
    }

    /// Bits of the value; the low nibble of the symbol.
    #[inline(always)]
    pub(super) fn size(self) -> u32 {
        self.0 >> 12 & 15
    }

    /// The value, where it is known.
    #[inline(always)]
    fn value(self) -> i32 {
        self.0 as i32 >> 16
    }
}

/// One Huffman table, ready to decode with.
pub(super) struct Lookup {
    first: Box<[Entry; 1 << LOOK]>,
    /// For each code length 1..=16: the first 16-bit word that is beyond its codes.
    limits: [u32; 16],
    /// For each code length: index of its first value, less its first code.
    offsets: [i32; 16],
    values: Vec<u8>,
}

impl Lookup {
    /// Prepares a table whose counts fit a prefix code, as [`HuffmanTable::read_all`] has checked.
    pub(super) fn new(table: &HuffmanTable) -> Self {
        let mut lookup = Self {
            first: Box::new([Entry(0); 1 << LOOK]),
            limits: [0; 16],
            offsets: [0; 16],
            values: table.values.clone(),
        };
        let (mut code, mut index) = (0_u32, 0_usize);
        for (place, length) in (1..=16_u32).enumerate() {
            let count = usize::from(table.counts[place]);
            let values = table.values.get(index..index + count).unwrap_or_default();
            lookup.offsets[place] = index as i32 - code as i32;
            for value in values {
                if length <= LOOK {
                    lookup.fill(code, length, *value);
                }
                code += 1;
            }
            lookup.limits[place] = code << (16 - length);
            index += count;
            code <<= 1;
        }
        lookup
    }

    /// Enters a code under all words of [`LOOK`] bits that begin with it.
    fn fill(&mut self, code: u32, length: u32, symbol: u8) {
        let entry = Entry::new(length, symbol);
        let rest = LOOK - length;
        for tail in 0..1_u32 << rest {
            let word = code << rest | tail;
            let known = entry.size() > 0 && entry.length() <= LOOK;
            let entry = if known {
                let bits = tail >> (LOOK - entry.length());
                entry.with_value(extend(bits, entry.size()))
            } else {
                entry
            };
            if let Some(place) = self.first.get_mut(word as usize) {
                *place = entry;
            }
        }
    }

    /// Reads a code and its value bits: the entry and the value (0 where the size is 0).
    ///
    /// `None` if no code fits. Needs 31 bits in the reader.
    #[inline(always)]
    pub(super) fn read(&self, reader: &mut BitReader<'_>) -> Option<(Entry, i32)> {
        reader.refill();
        let mut entry = self.first[reader.peek(LOOK) as usize];
        if entry.0 & VALUE_KNOWN != 0 {
            reader.consume(entry.length());
            return Some((entry, entry.value()));
        }
        if entry.0 == 0 {
            entry = self.read_long(reader.peek(16))?;
        }
        let bits = reader.peek(entry.length()) & ((1 << entry.size()) - 1);
        reader.consume(entry.length());
        Some((entry, extend(bits, entry.size())))
    }

    /// Reads a code and steps over its value bits.
    #[inline(always)]
    pub(super) fn skip(&self, reader: &mut BitReader<'_>) -> Option<Entry> {
        reader.refill();
        let mut entry = self.first[reader.peek(LOOK) as usize];
        if entry.0 == 0 {
            entry = self.read_long(reader.peek(16))?;
        }
        reader.consume(entry.length());
        Some(entry)
    }

    /// The entry of a code of more than [`LOOK`] bits at the beginning of a 16-bit word.
    #[cold]
    fn read_long(&self, word: u32) -> Option<Entry> {
        let place = self.limits.iter().position(|limit| word < *limit)?;
        let length = place as u32 + 1;
        let index = self.offsets[place] + (word >> (16 - length)) as i32;
        let symbol = self.values.get(usize::try_from(index).ok()?)?;
        Some(Entry::new(length, *symbol))
    }
}

/// The signed value of `size` bits (T.81 figure F.12); 0 for size 0.
#[inline(always)]
fn extend(bits: u32, size: u32) -> i32 {
    let negative = bits < 1 << size >> 1;
    bits as i32 - if negative { (1 << size) - 1 } else { 0 }
}

#[cfg(test)]
mod tests;
