// SPDX-License-Identifier: MIT OR Apache-2.0
//! Undoes the compression of one strip or tile, never past the length that it should have.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::read::ZlibDecoder;
use weezl::decode::Decoder as LzwDecoder;
use weezl::{BitOrder, LzwStatus};

use super::layout::Layout;
use super::{corrupt, unsupported};
use crate::image::DecodeError;

/// Codes of the tag Compression.
pub(super) const OLD_JPEG: u16 = 6;
pub(super) const JPEG: u16 = 7;

/// Returns the `expected` bytes of a chunk of `rows` rows.
pub(super) fn decompress<'a>(
    layout: &Layout,
    t4_options: u64,
    stored: &'a [u8],
    rows: usize,
    expected: usize,
) -> Result<Cow<'a, [u8]>, DecodeError> {
    // Whole samples as they are: what follows them is not looked at.
    let most = if layout.compression == 1 { expected } else { stored.len() };
    let stored = stored.get(..most).unwrap_or(stored);
    let stored = if layout.is_reversed {
        Cow::Owned(stored.iter().map(|byte| byte.reverse_bits()).collect())
    } else {
        Cow::Borrowed(stored)
    };
    let out = match layout.compression {
        1 => stored,
        3 if t4_options & 1 == 0 => Cow::Owned(group_3(&stored, layout.chunk_width, rows)?),
        4 => Cow::Owned(group_4(&stored, layout.chunk_width, rows)?),
        5 => Cow::Owned(lzw(&stored, expected)?),
        8 | 32946 => Cow::Owned(deflate(&stored, expected)?),
        32773 => Cow::Owned(packbits(&stored, expected)),
        other => return Err(unsupported(format!("compression {}", name(other)))),
    };
    if out.len() < expected {
        return Err(corrupt("a strip or tile ends early"));
    }
    Ok(out)
}

fn name(compression: u16) -> String {
    let known = match compression {
        2 => "CCITT modified Huffman",
        3 => "CCITT group 3, two-dimensional",
        34661 => "JBIG",
        34676 | 34677 => "LogLuv",
        34712 | 33003 | 33004 | 33005 => "JPEG 2000",
        34892 => "lossy DNG",
        34925 => "LZMA",
        50000 => "Zstandard",
        50001 => "WebP",
        50002 => "JPEG XL",
        other => return format!("with code {other}"),
    };
    known.into()
}

/// Run lengths of bytes [TIFF 6.0, section 9].
fn packbits(stored: &[u8], expected: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(expected);
    let mut rest = stored;
    while let Some((head, tail)) = rest.split_first() {
        if out.len() >= expected {
            break;
        }
        rest = tail;
        match usize::from(*head) {
            run @ 0..=127 => {
                let (literal, tail) = rest.split_at(rest.len().min(run + 1));
                out.extend_from_slice(literal);
                rest = tail;
            }
            128 => {}
            run => {
                let Some((byte, tail)) = rest.split_first() else { break };
                out.extend(std::iter::repeat_n(*byte, 257 - run));
                rest = tail;
            }
        }
    }
    out.truncate(expected);
    out
}

fn lzw(stored: &[u8], expected: usize) -> Result<Vec<u8>, DecodeError> {
    let mut out = vec![0; expected];
    let mut decoder = LzwDecoder::with_tiff_size_switch(BitOrder::Msb, 8);
    let (mut read, mut written) = (0, 0);
    while let (Some(input), Some(room)) = (stored.get(read..), out.get_mut(written..)) {
        if room.is_empty() {
            break;
        }
        let step = decoder.decode_bytes(input, room);
        read += step.consumed_in;
        written += step.consumed_out;
        match step.status {
            Ok(LzwStatus::Ok) => {}
            Ok(LzwStatus::Done | LzwStatus::NoProgress) => break,
            Err(_) => return Err(corrupt("a strip or tile has invalid LZW codes")),
        }
    }
    out.truncate(written);
    Ok(out)
}

fn deflate(stored: &[u8], expected: usize) -> Result<Vec<u8>, DecodeError> {
    let mut out = Vec::with_capacity(expected);
    let limit = expected as u64;
    match ZlibDecoder::new(stored).take(limit).read_to_end(&mut out) {
        Ok(_) => Ok(out),
        // A wrong checksum after all samples have come is of no consequence.
        Err(_) if out.len() == expected => Ok(out),
        Err(_) => Err(corrupt("a strip or tile has an invalid deflate stream")),
    }
}

fn group_4(stored: &[u8], width: usize, rows: usize) -> Result<Vec<u8>, DecodeError> {
    let (width, height) = fax_size(width, rows)?;
    let mut bitmap = Bitmap::new(width, height);
    let input = stored.iter().copied();
    fax::decoder::decode_g4(input, width, Some(height), |line| bitmap.push(line))
        .ok_or_else(|| corrupt("a strip or tile has invalid CCITT group 4 codes"))?;
    Ok(bitmap.finish())
}

fn group_3(stored: &[u8], width: usize, rows: usize) -> Result<Vec<u8>, DecodeError> {
    let (width, height) = fax_size(width, rows)?;
    let mut bitmap = Bitmap::new(width, height);
    // The end marker is often left out; the number of rows tells whether all came.
    let _ = fax::decoder::decode_g3(stored.iter().copied(), |line| bitmap.push(line));
    if bitmap.rows < height {
        return Err(corrupt("a strip or tile has invalid CCITT group 3 codes"));
    }
    Ok(bitmap.finish())
}

fn fax_size(width: usize, rows: usize) -> Result<(u16, u16), DecodeError> {
    match (u16::try_from(width), u16::try_from(rows)) {
        (Ok(width), Ok(rows)) => Ok((width, rows)),
        _ => Err(unsupported("a CCITT picture of more than 65535 columns or rows".into())),
    }
}

/// Rows of one bit a pixel, 1 for black as CCITT has it.
struct Bitmap {
    width: u16,
    height: u16,
    rows: u16,
    bytes: Vec<u8>,
}

impl Bitmap {
    fn new(width: u16, height: u16) -> Self {
        Self { width, height, rows: 0, bytes: Vec::new() }
    }

    fn push(&mut self, transitions: &[u16]) {
        if self.rows >= self.height {
            return;
        }
        self.rows += 1;
        let mut pixels = fax::decoder::pels(transitions, self.width);
        for _ in 0..self.width.div_ceil(8) {
            let bit = |byte: u8, _| {
                let is_black = pixels.next() == Some(fax::Color::Black);
                byte << 1 | u8::from(is_black)
            };
            self.bytes.push((0..8).fold(0, bit));
        }
    }

    /// Rows that never came are white.
    fn finish(mut self) -> Vec<u8> {
        self.bytes.resize(usize::from(self.width.div_ceil(8)) * usize::from(self.height), 0);
        self.bytes
    }
}
