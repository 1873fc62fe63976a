// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bounds on the work of decoding: one coded picture can be named by many tiles and overlays, and its
//! slices can code the same blocks again and again.

use heifer::heifer_isobmff::{HeifFile, ItemId};

use super::{corrupt, unsupported, MARGIN_PX};
use crate::image::{DecodeError, DecodeLimits};

/// How often the largest picture that is allowed may be decoded: slices and parts counted each as a whole
/// picture, as they may cover it.
const MOST_PASSES: u64 = 32;
/// How often the bytes of the file may be read.
const MOST_READS: u64 = 4;
/// Bytes that may be read of small files.
const LEAST_BYTES: u64 = 64 << 20;
/// Most parts of a composed picture, and most levels of them.
const MOST_PARTS: u64 = 1024;
const MOST_LEVELS: usize = 5;
/// First type of NAL unit that is no slice [ITU-T H.265, table 7-1].
const FIRST_NO_SLICE: u8 = 32;

/// What may still be done for one file.
pub(super) struct Work {
    bytes: u64,
    pixels: u64,
}

impl Work {
    pub(super) fn new(file_bytes: usize, limits: &DecodeLimits) -> Self {
        Self {
            bytes: (file_bytes as u64).saturating_mul(MOST_READS).saturating_add(LEAST_BYTES),
            pixels: limits.max_pixels.saturating_mul(MOST_PASSES),
        }
    }

    /// Takes the work of decoding a stream whose picture has at most so many pixels.
    ///
    /// # Errors
    /// When it is more than is left.
    pub(super) fn take(&mut self, stream: &[u8], pixels: u64) -> Result<(), DecodeError> {
        let too_much = || corrupt("its coded pictures or their slices cover each other too often");
        self.bytes = self.bytes.checked_sub(stream.len() as u64).ok_or_else(too_much)?;
        let passes = pixels.checked_mul(slices(stream)).ok_or_else(too_much)?;
        self.pixels = self.pixels.checked_sub(passes).ok_or_else(too_much)?;
        Ok(())
    }
}

/// Slices of a byte stream, by their start codes [ITU-T H.265, annex B].
fn slices(stream: &[u8]) -> u64 {
    let is_slice =
        |unit: &&[u8]| matches!(unit, [0, 0, 1, header, ..] if header >> 1 & 0x3f < FIRST_NO_SLICE);
    stream.windows(4).filter(is_slice).count() as u64
}

/// What a composed picture is made of.
#[derive(Default)]
pub(super) struct Parts {
    /// Parts, counted each time that they are used.
    count: u64,
    /// Pixels of the largest.
    pub(super) largest: u64,
    /// Pixels of all.
    pub(super) pixels: u64,
    /// The coded ones.
    pub(super) coded: Vec<ItemId>,
}

impl Parts {
    /// The parts of a picture, itself included.
    ///
    /// # Errors
    /// When there are too many or one of them does not state its size.
    pub(super) fn of(file: &HeifFile<'_>, id: ItemId) -> Result<Self, DecodeError> {
        let mut parts = Self::default();
        parts.add(file, id, 0)?;
        Ok(parts)
    }

    fn add(&mut self, file: &HeifFile<'_>, id: ItemId, level: usize) -> Result<(), DecodeError> {
        self.count += 1;
        if self.count > MOST_PARTS || level > MOST_LEVELS {
            return Err(unsupported(format!("a picture composed of more than {MOST_PARTS} parts")));
        }
        let (width, height) = super::stored_size(file, id)?;
        let pixels = (u64::from(width) + MARGIN_PX).saturating_mul(u64::from(height) + MARGIN_PX);
        self.largest = self.largest.max(pixels);
        self.pixels = self.pixels.saturating_add(pixels);
        if file.item(id).is_ok_and(|item| item.item_type.0 == *b"hvc1") {
            self.coded.push(id);
        }
        let alpha = file.referencing_items(id, b"auxl");
        for part in file.referenced_items(id, b"dimg").iter().chain(&alpha) {
            self.add(file, *part, level + 1)?;
        }
        Ok(())
    }
}
