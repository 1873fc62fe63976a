// SPDX-License-Identifier: MIT OR Apache-2.0
//! Entropy-coded data as bits: restart intervals without byte stuffing, and a 64-bit reader.

use super::marker;
use super::segments::find_ff;

/// Splits entropy-coded data at restart markers and removes the stuffing (T.81 B.1.1.5).
pub(super) struct Intervals<'a> {
    rest: Option<&'a [u8]>,
    plain: Vec<u8>,
}

impl<'a> Intervals<'a> {
    pub(super) fn new(entropy: &'a [u8]) -> Self {
        Self { rest: Some(entropy), plain: Vec::new() }
    }

    /// The bytes of the next restart interval; `None` after the last one.
    ///
    /// A marker that cannot stand in coded data ends the interval early: what follows it up to the
    /// next restart marker has no known place.
    pub(super) fn next(&mut self) -> Option<&[u8]> {
        let mut rest = self.rest.take()?;
        self.plain.clear();
        let mut damaged = false;
        while let Some(position) = find_ff(rest) {
            let (before, after) = rest.split_at(position);
            if !damaged {
                self.plain.extend_from_slice(before);
            }
            rest = after.get(2..).unwrap_or_default();
            match after.get(1) {
                Some(0) if damaged => {}
                Some(0) => self.plain.push(0xFF),
                // Fill bytes before a marker.
                Some(0xFF) => rest = &after[1..],
                Some(code) if marker::is_restart(*code) => {
                    self.rest = Some(rest);
                    return Some(&self.plain);
                }
                _ => damaged = true,
            }
        }
        if !damaged {
            self.plain.extend_from_slice(rest);
        }
        Some(&self.plain)
    }
}

/// Reads bits from the high end of each byte; after the last byte come zeros, without end.
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// Bytes that have gone into the buffer; beyond the end where zeros have.
    position: usize,
    /// The next bits, from the high end. Bits after the first `bits` are those that follow in
    /// the data or zero, so a refill may write them again.
    buffer: u64,
    bits: u32,
}

impl<'a> BitReader<'a> {
    /// Bits that are there after [`Self::refill`].
    pub(super) const AT_HAND: u32 = 32;

    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0, buffer: 0, bits: 0 }
    }

    /// Brings at least [`Self::AT_HAND`] bits into the buffer.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        if self.bits < Self::AT_HAND {
            let rest = self.bytes.get(self.position..).unwrap_or_default();
            let word = match rest.first_chunk::<8>() {
                Some(word) => u64::from_be_bytes(*word),
                None => last_word(rest),
            };
            self.buffer |= word >> self.bits;
            let bytes = (63 - self.bits) / 8;
            self.position += bytes as usize;
            self.bits += 8 * bytes;
        }
    }

    /// The next `count` bits, 1..=32, which must be in the buffer.
    #[inline(always)]
    pub(super) fn peek(&self, count: u32) -> u32 {
        (self.buffer >> (64 - count)) as u32
    }

    /// Steps over `count` bits, 0..=32, which must be in the buffer.
    #[inline(always)]
    pub(super) fn consume(&mut self, count: u32) {
        self.buffer <<= count;
        self.bits -= count;
    }

    /// Reads `count` bits, 0..=16.
    #[inline(always)]
    pub(super) fn take(&mut self, count: u32) -> u32 {
        if count == 0 {
            return 0;
        }
        if self.bits < count {
            self.refill();
        }
        let bits = self.peek(count);
        self.consume(count);
        bits
    }

    /// More bits have been consumed than there were.
    #[inline(always)]
    pub(super) fn is_overrun(&self) -> bool {
        self.position > self.bytes.len()
            && 8 * self.position - self.bits as usize > 8 * self.bytes.len()
    }
}

/// Fewer than eight bytes as a word, padded with zeros.
#[cold]
fn last_word(rest: &[u8]) -> u64 {
    let mut word = [0; 8];
    for (place, byte) in word.iter_mut().zip(rest) {
        *place = *byte;
    }
    u64::from_be_bytes(word)
}

#[cfg(test)]
mod tests;
