// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a TIFF file stores its picture: samples, chunks, compression.

use super::directory::{tag, Directory};
use super::{corrupt, unsupported};
use crate::image::{DecodeError, DecodeLimits};

/// Most samples a pixel: colour, alpha and some more.
const MAX_SAMPLES: u64 = 16;
/// Most strips or tiles of all planes: 100 megapixels in tiles of 16x16 px have 390,000.
const MOST_CHUNKS: usize = 1_000_000;
/// How often the bytes of the file may be decompressed: strips and tiles may share them, as blank ones do.
const MOST_READS: u64 = 4;
/// Bytes that may be decompressed of small files.
const LEAST_BYTES: u64 = 256 << 20;
/// What a strip or tile costs beside its bytes, as so many bytes more: decoders' tables.
const BYTES_OF_CHUNK: u64 = 256;

/// Strips or tiles: where the samples lie.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Bits a sample, the same for all samples.
    pub(super) bits: u8,
    /// Samples a pixel.
    pub(super) samples: usize,
    pub(super) compression: u16,
    pub(super) photometric: u16,
    pub(super) predictor: u16,
    /// The lowest bit of a byte comes first.
    pub(super) is_reversed: bool,
    /// Each sample has chunks of its own.
    pub(super) is_planar: bool,
    pub(super) chunk_width: usize,
    pub(super) chunk_height: usize,
    pub(super) offsets: Vec<u64>,
    pub(super) lengths: Vec<u64>,
    /// Luma samples for one chroma sample, across and down.
    pub(super) subsampling: (usize, usize),
    pub(super) has_alpha: bool,
    pub(super) is_big_endian: bool,
}

/// Part of the picture that is stored together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    pub(super) index: usize,
    pub(super) x: usize,
    pub(super) y: usize,
    /// Columns and rows within the picture.
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// Rows that are stored: tiles are padded, strips are not.
    pub(super) stored_rows: usize,
}

impl Layout {
    /// Reads the layout; the size is checked before anything else.
    pub(super) fn read(
        directory: &Directory<'_>,
        limits: &DecodeLimits,
    ) -> Result<Self, DecodeError> {
        let number = |tag, default| directory.number(tag).unwrap_or(default);
        let side =
            |tag| u32::try_from(number(tag, 0)).map_err(|_| corrupt("its size is too large"));
        let (width, height) = (side(tag::IMAGE_WIDTH)?, side(tag::IMAGE_LENGTH)?);
        if width == 0 || height == 0 {
            return Err(corrupt("it does not state its size"));
        }
        limits.check_size(width, height)?;
        let (width, height) = (width as usize, height as usize);
        let samples = number(tag::SAMPLES_PER_PIXEL, 1);
        if !(1..=MAX_SAMPLES).contains(&samples) {
            return Err(unsupported(format!("{samples} samples a pixel")));
        }
        // Both fit: they are at most 16.
        let samples = samples as usize;
        let bits = bits(directory, samples)?;
        let formats = directory.first_numbers(tag::SAMPLE_FORMAT, samples);
        if formats.iter().any(|format| !matches!(format, 1 | 4)) {
            return Err(unsupported("samples that are no unsigned whole numbers".into()));
        }
        let code = |tag, default| u16::try_from(number(tag, default)).unwrap_or(u16::MAX);
        let photometric = directory
            .number(tag::PHOTOMETRIC)
            .map_or(if samples < 3 { 1 } else { 2 }, |p| u16::try_from(p).unwrap_or(u16::MAX));
        let colors = match photometric {
            0 | 1 | 3 | 4 => 1,
            5 => 4,
            _ => 3,
        };
        if samples < colors {
            return Err(corrupt("its pixels have too few samples for their colour"));
        }
        let extra = directory.first_numbers(tag::EXTRA_SAMPLES, samples);
        let is_tiled = directory.has(tag::TILE_OFFSETS) || directory.has(tag::TILE_WIDTH);
        let dimension = |tag, default: usize| {
            usize::try_from(number(tag, default as u64)).unwrap_or(usize::MAX)
        };
        let (chunk_width, chunk_height) = if is_tiled {
            (dimension(tag::TILE_WIDTH, 0), dimension(tag::TILE_LENGTH, 0))
        } else {
            (width, dimension(tag::ROWS_PER_STRIP, height).min(height))
        };
        if chunk_width == 0 || chunk_height == 0 {
            return Err(corrupt("its strips or tiles have no size"));
        }
        let is_planar = number(tag::PLANAR_CONFIGURATION, 1) == 2 && samples > 1;
        let of_plane = width.div_ceil(chunk_width).checked_mul(height.div_ceil(chunk_height));
        let chunks =
            of_plane.and_then(|chunks| chunks.checked_mul(if is_planar { samples } else { 1 }));
        let chunks = chunks
            .filter(|chunks| *chunks <= MOST_CHUNKS)
            .ok_or_else(|| corrupt(&format!("it has more than {MOST_CHUNKS} strips or tiles")))?;
        let (offsets, lengths) = if is_tiled {
            (tag::TILE_OFFSETS, tag::TILE_BYTE_COUNTS)
        } else {
            (tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS)
        };
        // Some writers put tiles' places into the tags of strips.
        let places = |tag, other| {
            let found = directory.first_numbers(tag, chunks);
            if found.is_empty() {
                directory.first_numbers(other, chunks)
            } else {
                found
            }
        };
        let offsets = places(offsets, tag::STRIP_OFFSETS);
        let lengths = places(lengths, tag::STRIP_BYTE_COUNTS);
        let subsampling = match directory.first_numbers(tag::YCBCR_SUBSAMPLING, 2).as_slice() {
            [across @ (1 | 2 | 4), down @ (1 | 2 | 4), ..] => (*across as usize, *down as usize),
            [] => (2, 2),
            _ => return Err(corrupt("its chroma subsampling is out of range")),
        };
        Ok(Self {
            width,
            height,
            bits,
            samples,
            compression: code(tag::COMPRESSION, 1),
            photometric,
            predictor: code(tag::PREDICTOR, 1),
            is_reversed: number(tag::FILL_ORDER, 1) == 2,
            is_planar,
            chunk_width,
            chunk_height,
            offsets,
            lengths,
            subsampling,
            has_alpha: samples > colors && extra.iter().any(|kind| matches!(kind, 1 | 2)),
            is_big_endian: directory.order().is_big_endian,
        })
    }

    /// Chunks of one plane, in stored order.
    pub(super) fn chunks(&self) -> impl Iterator<Item = Chunk> + '_ {
        let across = self.width.div_ceil(self.chunk_width);
        (0..self.chunks_of_plane()).map(move |index| {
            let (x, y) = (index % across * self.chunk_width, index / across * self.chunk_height);
            let rows = self.chunk_height.min(self.height - y);
            let is_strip = self.chunk_width == self.width && across == 1;
            let has_padding = !is_strip || self.chunk_height > self.height;
            Chunk {
                index,
                x,
                y,
                columns: self.chunk_width.min(self.width - x),
                rows,
                stored_rows: if has_padding { self.chunk_height } else { rows },
            }
        })
    }

    /// Chunks of one plane.
    pub(super) fn chunks_of_plane(&self) -> usize {
        self.width.div_ceil(self.chunk_width) * self.height.div_ceil(self.chunk_height)
    }

    /// The bytes of a chunk as stored.
    pub(super) fn stored<'a>(
        &self,
        bytes: &'a [u8],
        index: usize,
    ) -> Result<&'a [u8], DecodeError> {
        let missing = || corrupt(&format!("strip or tile {index} lies outside the file"));
        let start = self.offsets.get(index).ok_or_else(missing)?;
        let start = usize::try_from(*start).map_err(|_| missing())?;
        // Without lengths a single chunk goes to the end of the file.
        let length = match self.lengths.get(index) {
            Some(length) => usize::try_from(*length).map_err(|_| missing())?,
            None if self.offsets.len() == 1 => bytes.len().saturating_sub(start),
            None => return Err(missing()),
        };
        let end = start.saturating_add(length).min(bytes.len());
        bytes.get(start..end).filter(|stored| !stored.is_empty()).ok_or_else(missing)
    }

    /// Checks that the chunks do not name the same bytes again and again; `shared` are bytes that each of
    /// them is decoded with.
    ///
    /// # Errors
    /// When decoding would go over more bytes than the file can explain.
    pub(super) fn check_work(&self, bytes: &[u8], shared: usize) -> Result<(), DecodeError> {
        if self.compression == 1 {
            // Read where they lie, and only as far as the picture needs them.
            return Ok(());
        }
        let whole = bytes.len() as u64;
        let own = |length: u64| length.min(whole).saturating_add(BYTES_OF_CHUNK);
        let work = self.lengths.iter().map(|length| own(*length).saturating_add(shared as u64));
        let work = work.fold(0_u64, u64::saturating_add);
        if work > whole.saturating_mul(MOST_READS).saturating_add(LEAST_BYTES) {
            return Err(corrupt("its strips or tiles lie over each other"));
        }
        Ok(())
    }

    /// Samples a pixel within one plane.
    pub(super) fn samples_of_plane(&self) -> usize {
        if self.is_planar {
            1
        } else {
            self.samples
        }
    }

    /// Bytes of one uncompressed row of a chunk of one plane.
    pub(super) fn row_bytes(&self) -> Option<usize> {
        let samples = self.chunk_width.checked_mul(self.samples_of_plane())?;
        Some(samples.checked_mul(usize::from(self.bits))?.div_ceil(8))
    }
}

fn bits(directory: &Directory<'_>, samples: usize) -> Result<u8, DecodeError> {
    let all = directory.first_numbers(tag::BITS_PER_SAMPLE, samples);
    let first = all.first().copied().unwrap_or(1);
    if all.iter().any(|bits| *bits != first) {
        return Err(unsupported("samples of different depths".into()));
    }
    match first {
        1..=16 | 32 => Ok(first as u8),
        _ => Err(unsupported(format!("a depth of {first} bits"))),
    }
}
