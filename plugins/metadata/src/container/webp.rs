// SPDX-License-Identifier: MIT OR Apache-2.0
//! WebP: RIFF chunks [RFC 9649 §2.3–2.7].

use std::borrow::Cow;

use super::{take, Blocks};
use crate::number::{array, le24, le32, slice};

/// Bytes of the RIFF header.
const HEADER_BYTES: usize = 12;
/// Bytes of a chunk's type and length.
const CHUNK_OVERHEAD: usize = 8;
/// Most chunks visited; each frame of an animation is one.
const MAX_CHUNKS: usize = 100_000;
/// Bits of a VP8 frame's width and height; the two bits above are a scale [RFC 6386 §9.1].
const VP8_SIZE_MASK: u16 = 0x3fff;

/// Reads the chunks.
pub(super) fn read(bytes: &[u8]) -> Blocks<'_> {
    let mut blocks = Blocks::default();
    let mut at = HEADER_BYTES;
    for _ in 0..MAX_CHUNKS {
        let (Some(kind), Some(length)) = (slice(bytes, at, 4), le32(bytes, at + 4)) else { break };
        let Some(data) = slice(bytes, at + CHUNK_OVERHEAD, length) else { break };
        match kind {
            b"VP8X" => blocks.size = extended_size(data),
            b"VP8 " => blocks.size = blocks.size.or_else(|| lossy_size(data)),
            b"VP8L" => blocks.size = blocks.size.or_else(|| lossless_size(data)),
            b"EXIF" => blocks.take_exif(data),
            b"XMP " => take(&mut blocks.xmp, data),
            b"ICCP" => blocks.icc = Some(Cow::Borrowed(data)),
            b"C2PA" => blocks.c2pa_present = true,
            _ => {}
        }
        // A chunk of odd length is followed by one byte of padding.
        at += CHUNK_OVERHEAD + data.len() + data.len() % 2;
    }
    blocks
}

fn extended_size(data: &[u8]) -> Option<(u32, u32)> {
    Some((le24(data, 4)? + 1, le24(data, 7)? + 1))
}

fn lossy_size(data: &[u8]) -> Option<(u32, u32)> {
    let side = |at| array(data, at).map(|b| u32::from(u16::from_le_bytes(b) & VP8_SIZE_MASK));
    Some((side(6)?, side(8)?))
}

fn lossless_size(data: &[u8]) -> Option<(u32, u32)> {
    let bits = le32(data, 1)?;
    Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::{webp, TEST_XMP};

    #[test]
    fn exif_xmp_and_size_are_found_behind_odd_chunks() {
        let header = [0, 0, 0, 0, 63, 0, 0, 47, 0, 0];
        let exif = b"Exif\0\0II*\0\x08";
        let file =
            webp(&[(b"VP8X", &header), (b"ALPH", b"odd"), (b"EXIF", exif), (b"XMP ", TEST_XMP)]);
        let blocks = read(&file);
        assert_eq!(blocks.size, Some((64, 48)));
        assert_eq!(blocks.exif.as_deref(), Some(b"II*\0\x08".as_slice()));
        assert_eq!(blocks.xmp.len(), 1);
    }

    #[test]
    fn the_size_of_a_lossless_file_is_packed_in_28_bits() {
        // Width 300 = 299 + 1 in the low 14 bits, height 200 = 199 + 1 above.
        let bits: u32 = 299 | 199 << 14;
        let data = [&[0x2f][..], &bits.to_le_bytes()].concat();
        assert_eq!(read(&webp(&[(b"VP8L", &data)])).size, Some((300, 200)));
    }

    #[test]
    fn the_size_of_a_lossy_file_stands_behind_its_start_code() {
        let data = [0, 0, 0, 0x9d, 0x01, 0x2a, 0x2c, 0x41, 0xc8, 0x00];
        assert_eq!(read(&webp(&[(b"VP8 ", &data)])).size, Some((300, 200)));
    }
}
