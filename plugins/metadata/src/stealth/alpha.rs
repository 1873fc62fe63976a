// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lowest bits of alpha, which the host's pixels do not have: of PNG row by row, of which as few are
//! decoded as tell whether a text is hidden; of WebP as a whole.
//!
//! **Constants and their source.** Limits: pictures of generators have at most 4 MP; a text may have
//! [`MAX_KEPT_BYTES`].

use std::io::Cursor;

use image_webp::WebPDecoder;
use png::{BitDepth, ColorType, Decoder, Limits};

use super::{text, ALPHA_WORDS, HEADER_BITS, WORD_BYTES};
use crate::text::MAX_KEPT_BYTES;

/// Most pixels of a picture in which a text is looked for.
const MAX_PIXELS: u64 = 32_000_000;
/// Most pixels of a WebP, all of which must be decoded.
const MAX_WEBP_PIXELS: u64 = 8_000_000;
/// Most bytes that the PNG decoder may take for itself.
const MAX_DECODER_BYTES: usize = 8 * 1024 * 1024;

/// The lowest bits of the first columns.
struct Columns {
    height: usize,
    width: usize,
    /// Row after row.
    bits: Vec<u8>,
}

impl Columns {
    /// Enough columns for the longest text.
    fn new(width: usize, height: usize) -> Self {
        let bits = HEADER_BITS + MAX_KEPT_BYTES * 8;
        Self { height, width: width.min(bits.div_ceil(height.max(1))), bits: Vec::new() }
    }

    /// Takes alpha from a row of samples, `channels` a pixel, alpha last.
    fn take(&mut self, row: &[u8], channels: usize) {
        let alpha = row.chunks_exact(channels).filter_map(|pixel| pixel.last());
        self.bits.extend(alpha.take(self.width).map(|alpha| alpha & 1));
    }

    fn bit(&self, index: usize) -> Option<u8> {
        let (x, y) = (index / self.height, index % self.height);
        if x >= self.width {
            return None;
        }
        self.bits.get(y * self.width + x).copied()
    }

    fn text(&self) -> Option<String> {
        text(&|index| self.bit(index), ALPHA_WORDS)
    }

    /// Whether the rows taken so far contradict the opening words.
    fn is_ruled_out(&self) -> bool {
        let starts_otherwise = |word: &[u8; WORD_BYTES]| {
            let bits = word.iter().flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1));
            bits.enumerate().any(|(index, bit)| self.bit(index).is_some_and(|found| found != bit))
        };
        ALPHA_WORDS.into_iter().all(starts_otherwise)
    }
}

/// The text hidden in the alpha of a PNG or WebP file.
pub(super) fn text_of(bytes: &[u8]) -> Option<String> {
    if bytes.starts_with(b"RIFF") {
        of_webp(bytes)
    } else {
        of_png(bytes)
    }
}

fn of_png(bytes: &[u8]) -> Option<String> {
    let limits = Limits { bytes: MAX_DECODER_BYTES };
    let mut reader = Decoder::new_with_limits(Cursor::new(bytes), limits).read_info().ok()?;
    let info = reader.info();
    let channels = match info.color_type {
        ColorType::Rgba => 4,
        ColorType::GrayscaleAlpha => 2,
        _ => return None,
    };
    let pixels = u64::from(info.width) * u64::from(info.height);
    if info.bit_depth != BitDepth::Eight || info.interlaced || pixels > MAX_PIXELS {
        return None;
    }
    let (width, height) = (usize::try_from(info.width).ok()?, usize::try_from(info.height).ok()?);
    let mut columns = Columns::new(width, height);
    for _ in 0..height {
        // A picture that ends early keeps the rows that it has.
        let Ok(Some(row)) = reader.next_row() else { break };
        columns.take(row.data(), channels);
        if columns.is_ruled_out() {
            return None;
        }
    }
    columns.text()
}

fn of_webp(bytes: &[u8]) -> Option<String> {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).ok()?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if !decoder.has_alpha() || decoder.is_animated() || pixels > MAX_WEBP_PIXELS {
        return None;
    }
    let mut samples = vec![0; decoder.output_buffer_size()?];
    decoder.read_image(&mut samples).ok()?;
    let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
    let mut columns = Columns::new(width, height);
    for row in samples.chunks_exact(width.checked_mul(4)?) {
        columns.take(row, 4);
        if columns.is_ruled_out() {
            return None;
        }
    }
    columns.text()
}

#[cfg(test)]
mod tests {
    use super::super::tests::bits;
    use super::*;

    const TEXT: &str = "a house\nSteps: 9, Sampler: Euler, Seed: 4, Model: tiny";
    const SIDES: [(u32, u32); 2] = [(300, 200), (40, 50)];

    /// Samples with `bits` in alpha, column after column.
    fn samples(width: u32, height: u32, bits: &[u8]) -> Vec<u8> {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        places
            .flat_map(|(x, y)| {
                let bit = bits.get((x * height + y) as usize).copied().unwrap_or(1);
                [10, 20, 30, 254 | bit]
            })
            .collect()
    }

    fn png(width: u32, height: u32, samples: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(ColorType::Rgba);
        encoder.write_header().unwrap().write_image_data(samples).unwrap();
        file
    }

    fn webp(width: u32, height: u32, samples: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let encoder = image_webp::WebPEncoder::new(&mut file);
        encoder.encode(samples, width, height, image_webp::ColorType::Rgba8).unwrap();
        file
    }

    #[test]
    fn a_text_hidden_in_alpha_is_read_from_both_containers() {
        for (width, height) in SIDES {
            for word in ALPHA_WORDS {
                let samples = samples(width, height, &bits(word, TEXT.as_bytes()));
                for file in [png(width, height, &samples), webp(width, height, &samples)] {
                    assert_eq!(text_of(&file).as_deref(), Some(TEXT), "{width}x{height}");
                }
            }
        }
    }

    #[test]
    fn other_alpha_hides_nothing() {
        for bits in [vec![], vec![0; 4_000], bits(b"stealth_pngcomq", TEXT.as_bytes())] {
            let samples = samples(300, 200, &bits);
            assert_eq!(text_of(&png(300, 200, &samples)), None);
            assert_eq!(text_of(&webp(300, 200, &samples)), None);
        }
    }

    #[test]
    fn a_file_cut_anywhere_ends() {
        let samples = samples(40, 50, &bits(b"stealth_pngcomp", TEXT.as_bytes()));
        for file in [png(40, 50, &samples), webp(40, 50, &samples)] {
            for end in 0..file.len() {
                text_of(&file[..end]);
            }
        }
    }
}
