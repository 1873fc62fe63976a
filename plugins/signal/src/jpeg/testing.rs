// SPDX-License-Identifier: MIT OR Apache-2.0
//! JPEG files made by hand, bit by bit.

use super::huffman::HuffmanTable;
use super::marker;

/// A segment with its marker and length.
pub(super) fn segment(code: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).unwrap();
    [&[0xFF, code], length.to_be_bytes().as_slice(), payload].concat()
}

/// A file: start marker, parts, end marker.
pub(super) fn file(parts: &[Vec<u8>]) -> Vec<u8> {
    [&[0xFF, marker::SOI], parts.concat().as_slice(), &[0xFF, marker::EOI]].concat()
}

/// A frame header of 8 bits; components are `(id, horizontal, vertical, table slot)`.
pub(super) fn frame(code: u8, width: u16, height: u16, parts: &[(u8, u8, u8, u8)]) -> Vec<u8> {
    let mut payload = vec![8];
    payload.extend(height.to_be_bytes());
    payload.extend(width.to_be_bytes());
    payload.push(u8::try_from(parts.len()).unwrap());
    for (id, horizontal, vertical, slot) in parts {
        payload.extend([*id, horizontal << 4 | vertical, *slot]);
    }
    segment(code, &payload)
}

/// A scan header, its band and bit positions as `[first, last, high << 4 | low]`.
pub(super) fn scan(parts: &[(u8, u8)], band: [u8; 3], entropy: &[u8]) -> Vec<u8> {
    let mut payload = vec![u8::try_from(parts.len()).unwrap()];
    for (id, slots) in parts {
        payload.extend([*id, *slots]);
    }
    payload.extend(band);
    [segment(marker::SOS, &payload), entropy.to_vec()].concat()
}

/// A DQT segment with one 8-bit table of equal steps.
pub(super) fn flat_table(slot: u8, step: u8) -> Vec<u8> {
    segment(marker::DQT, &[&[slot], [step; 64].as_slice()].concat())
}

/// A DHT segment.
pub(super) fn huffman(table: &HuffmanTable) -> Vec<u8> {
    let head = u8::from(table.is_ac) << 4 | table.slot;
    segment(marker::DHT, &[&[head], table.counts.as_slice(), &table.values].concat())
}

/// Writes codes and values, then stuffs.
#[derive(Default)]
pub(super) struct BitWriter {
    bits: Vec<bool>,
}

impl BitWriter {
    /// The low `count` bits of `value`.
    pub(super) fn bits(mut self, value: u32, count: u32) -> Self {
        self.bits.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
        self
    }

    /// The code of a symbol, found by counting through the table.
    pub(super) fn symbol(self, table: &HuffmanTable, symbol: u8) -> Self {
        let mut code = 0;
        let mut values = table.values.iter();
        for (count, length) in table.counts.iter().zip(1..) {
            for _ in 0..*count {
                if values.next() == Some(&symbol) {
                    return self.bits(code, length);
                }
                code += 1;
            }
            code <<= 1;
        }
        panic!("the table has no symbol {symbol:#04x}");
    }

    /// A value in its size category: the category's code with `run`, then the bits.
    pub(super) fn value(self, table: &HuffmanTable, run: u8, value: i32) -> Self {
        let size = 32 - value.unsigned_abs().leading_zeros();
        let bits = if value < 0 { value - 1 } else { value };
        let symbol = run << 4 | u8::try_from(size).unwrap();
        self.symbol(table, symbol).bits(bits as u32 & ((1 << size) - 1), size)
    }

    /// The bytes, the last one filled up with ones, stuffed.
    pub(super) fn finish(mut self) -> Vec<u8> {
        while !self.bits.len().is_multiple_of(8) {
            self.bits.push(true);
        }
        let mut bytes = Vec::new();
        for byte in self.bits.chunks(8) {
            bytes.push(byte.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit)));
            if bytes.last() == Some(&0xFF) {
                bytes.push(0);
            }
        }
        bytes
    }
}
