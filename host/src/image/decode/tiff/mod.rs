// SPDX-License-Identifier: MIT OR Apache-2.0
//! TIFF and BigTIFF: the first picture, strip by strip or tile by tile, so that no more than one
//! of them is in memory beside the result.
//!
//! # References
//! Adobe, *TIFF Revision 6.0* (1992); *TIFF Technical Note 2* (1995).

mod color;
mod decompress;
mod directory;
mod jpeg_chunk;
mod layout;
mod predictor;
mod unpack;

use std::borrow::Cow;

use self::color::Color;
use self::decompress::{decompress, JPEG, OLD_JPEG};
use self::directory::{tag, Directory};
use self::layout::{Chunk, Layout};
use super::{DecodeError, DecodeLimits, Decoded, Format, Metadata};

pub(super) fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Decoded, DecodeError> {
    let directory = Directory::read(bytes)?;
    // The first picture of a raw file is a preview, not what the camera took.
    let is_preview = directory.number(tag::NEW_SUBFILE_TYPE).is_some_and(|kind| kind & 1 == 1);
    if directory.has(tag::DNG_VERSION) || (is_preview && directory.has(tag::SUB_IFDS)) {
        let found = "Camera raw (DNG, NEF or the like)".into();
        return Err(DecodeError::UnsupportedFormat { found });
    }
    let layout = Layout::read(&directory, limits)?;
    let rgb = Reader::new(bytes, &directory, &layout, limits)?.read()?;
    let blob = |tag| directory.raw(tag).map(<[u8]>::to_vec).filter(|blob| !blob.is_empty());
    let of_exif =
        [tag::EXIF_IFD, tag::GPS_IFD, tag::MAKE, tag::MODEL, tag::SOFTWARE, tag::DATE_TIME];
    let orientation = directory.number(tag::ORIENTATION).and_then(|value| u8::try_from(value).ok());
    // Both were checked against the limits.
    let (width, height) = (layout.width as u32, layout.height as u32);
    Ok(Decoded {
        format: Format::Tiff,
        width,
        height,
        rgb,
        bit_depth: layout.bits,
        // At most 16.
        channels: layout.samples as u8,
        has_alpha: layout.has_alpha,
        orientation: orientation.filter(|value| (1..=8).contains(value)).unwrap_or(1),
        metadata: Metadata {
            exif: None,
            is_exif_the_file: of_exif.iter().any(|tag| directory.has(*tag)),
            xmp: blob(tag::XMP),
            icc: blob(tag::ICC),
        },
        jpeg: None,
    })
}

/// What turns chunks into pixels.
struct Reader<'a> {
    bytes: &'a [u8],
    directory: &'a Directory<'a>,
    layout: &'a Layout,
    limits: &'a DecodeLimits,
    color: Color,
    row_bytes: usize,
}

/// One plane's samples of one chunk.
struct Plane<'a> {
    /// Rows of samples.
    bytes: Cow<'a, [u8]>,
    row_bytes: usize,
}

impl<'a> Reader<'a> {
    fn new(
        bytes: &'a [u8],
        directory: &'a Directory<'a>,
        layout: &'a Layout,
        limits: &'a DecodeLimits,
    ) -> Result<Self, DecodeError> {
        let row_bytes = layout.row_bytes().ok_or_else(|| corrupt("its rows are too long"))?;
        let planes = if layout.is_planar { layout.samples } else { 1 };
        let chunk = (row_bytes as u64)
            .saturating_mul(layout.chunk_height as u64)
            .saturating_mul(planes as u64);
        // Uncompressed chunks are read where they are.
        let chunk = if layout.compression == 1 { 0 } else { chunk };
        let own = layout.width as u64 * layout.height as u64 * 3;
        limits.check_memory(own.saturating_add(chunk.saturating_mul(2)))?;
        let color = Color::of(directory, layout)?;
        let tables = directory.raw(tag::JPEG_TABLES).filter(|_| layout.compression == JPEG);
        layout.check_work(bytes, tables.map_or(0, <[u8]>::len))?;
        Ok(Self { bytes, directory, layout, limits, color, row_bytes })
    }

    fn read(&self) -> Result<Vec<u8>, DecodeError> {
        let layout = self.layout;
        let mut rgb = vec![0; layout.width * layout.height * 3];
        for chunk in layout.chunks() {
            if matches!(layout.compression, JPEG | OLD_JPEG) && !layout.is_planar {
                self.put_jpeg(chunk, &mut rgb)?;
            } else {
                self.put_samples(chunk, &mut rgb)?;
            }
        }
        Ok(rgb)
    }

    fn put_jpeg(&self, chunk: Chunk, rgb: &mut [u8]) -> Result<(), DecodeError> {
        let (layout, limits) = (self.layout, self.limits);
        let samples = if layout.compression == OLD_JPEG {
            jpeg_chunk::decode_old(self.bytes, self.directory, layout, chunk, limits)?
        } else {
            let tables = self.directory.raw(tag::JPEG_TABLES);
            let stored = layout.stored(self.bytes, chunk.index)?;
            jpeg_chunk::decode(layout, tables, stored, chunk, limits)?
        };
        // A decoder that turns YCbCr into RGB leaves nothing to do.
        let is_rgb = layout.photometric == 6 || layout.compression == OLD_JPEG;
        let color = if is_rgb { &Color::Rgb } else { &self.color };
        let step = samples.components;
        let mut row = Vec::new();
        let rows = samples.bytes.chunks_exact(samples.width as usize * step);
        for (y, bytes) in rows.take(chunk.rows).enumerate() {
            row.clear();
            row.extend(bytes.iter().take(chunk.columns * step).map(|byte| u16::from(*byte)));
            color.put(&row, step, 8, self.place(chunk, y, rgb));
        }
        Ok(())
    }

    fn put_samples(&self, chunk: Chunk, rgb: &mut [u8]) -> Result<(), DecodeError> {
        let layout = self.layout;
        let planes = if layout.is_planar { layout.samples } else { 1 };
        let planes: Vec<_> =
            (0..planes).map(|plane| self.plane(chunk, plane)).collect::<Result<_, _>>()?;
        let of_plane = layout.samples_of_plane();
        let mut row = vec![0; chunk.columns * layout.samples];
        let mut single = vec![0; chunk.columns];
        for y in 0..chunk.rows {
            let bytes = |plane: &'_ Plane<'_>| {
                let start = y * plane.row_bytes;
                start..start + plane.row_bytes
            };
            if let [plane] = planes.as_slice() {
                let bytes = plane.bytes.get(bytes(plane)).unwrap_or_default();
                unpack::unpack(bytes, layout, &mut row[..chunk.columns * of_plane]);
            } else {
                for (index, plane) in planes.iter().enumerate() {
                    let bytes = plane.bytes.get(bytes(plane)).unwrap_or_default();
                    unpack::unpack(bytes, layout, &mut single);
                    let places = row.iter_mut().skip(index).step_by(layout.samples);
                    places.zip(&single).for_each(|(place, sample)| *place = *sample);
                }
            }
            let bits = layout.bits.min(16);
            self.color.put(&row, layout.samples, bits, self.place(chunk, y, rgb));
        }
        Ok(())
    }

    fn plane(&self, chunk: Chunk, plane: usize) -> Result<Plane<'a>, DecodeError> {
        let layout = self.layout;
        let index = plane * layout.chunks_of_plane() + chunk.index;
        let stored = layout.stored(self.bytes, index)?;
        let row_bytes = self.row_bytes;
        if layout.compression == JPEG {
            let tables = self.directory.raw(tag::JPEG_TABLES);
            let samples = jpeg_chunk::decode(layout, tables, stored, chunk, self.limits)?;
            let row_bytes = samples.width as usize * samples.components;
            return Ok(Plane { bytes: samples.bytes.into(), row_bytes });
        }
        let t4_options = self.directory.number(tag::T4_OPTIONS).unwrap_or(0);
        let rows = chunk.stored_rows;
        let is_subsampled = layout.photometric == 6 && layout.subsampling != (1, 1);
        if is_subsampled {
            if layout.is_planar || layout.bits != 8 {
                return Err(unsupported("subsampled chroma in planes or not of 8 bits".into()));
            }
            let expected = unpack::subsampled_bytes(layout, rows)
                .ok_or_else(|| corrupt("its rows are too long"))?;
            let stored = decompress(layout, t4_options, stored, rows, expected)?;
            let bytes = unpack::spread_chroma(&stored, layout, rows).into();
            return Ok(Plane { bytes, row_bytes });
        }
        let expected = row_bytes
            .checked_mul(if layout.compression == 1 { chunk.rows } else { rows })
            .ok_or_else(|| corrupt("its rows are too long"))?;
        let mut bytes = decompress(layout, t4_options, stored, rows, expected)?;
        if layout.predictor != 1 && matches!(layout.compression, 5 | 8 | 32946) {
            predictor::undo(layout, bytes.to_mut(), row_bytes)?;
        }
        Ok(Plane { bytes, row_bytes })
    }

    /// Where row `y` of a chunk goes.
    fn place<'b>(&self, chunk: Chunk, y: usize, rgb: &'b mut [u8]) -> &'b mut [u8] {
        let start = ((chunk.y + y) * self.layout.width + chunk.x) * 3;
        rgb.get_mut(start..start + chunk.columns * 3).unwrap_or_default()
    }
}

fn corrupt(reason: &str) -> DecodeError {
    DecodeError::Corrupt { format: Format::Tiff, reason: reason.into() }
}

fn unsupported(feature: String) -> DecodeError {
    DecodeError::UnsupportedFeature { format: Format::Tiff, feature }
}
