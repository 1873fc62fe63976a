// SPDX-License-Identifier: MIT OR Apache-2.0
//! Strips and tiles that are JPEG streams, new style and old.
//!
//! # References
//! Adobe, *TIFF Technical Note 2* (1995); *TIFF Revision 6.0*, section 22, for the old style.

use assay_signal::jpeg::JpegFile;

use super::directory::{tag, Directory};
use super::layout::{Chunk, Layout};
use super::{corrupt, unsupported};
use crate::image::decode::jpeg::{self, Components, Samples};
use crate::image::{DecodeError, DecodeLimits};

/// Columns or rows by which a stream may be larger than its chunk: padding to whole blocks.
const MAX_PADDING: u64 = 64;

/// Decodes the JPEG stream of one chunk; the tables that chunks share come first.
pub(super) fn decode(
    layout: &Layout,
    tables: Option<&[u8]>,
    stored: &[u8],
    chunk: Chunk,
    limits: &DecodeLimits,
) -> Result<Samples<Vec<u8>>, DecodeError> {
    let joined = tables.and_then(|tables| join(tables, stored));
    let components = if layout.photometric == 6 { Components::Rgb } else { Components::AsStored };
    let samples = stream(joined.as_deref().unwrap_or(stored), components, layout, chunk, limits)?;
    let expected = if layout.photometric == 6 { 3 } else { layout.samples_of_plane() };
    if samples.components < expected {
        return Err(corrupt("a JPEG strip or tile has too few components"));
    }
    Ok(samples)
}

/// Puts an abbreviated stream after its tables, without the markers between them.
fn join(tables: &[u8], stored: &[u8]) -> Option<Vec<u8>> {
    let tables = tables.strip_suffix(b"\xff\xd9").unwrap_or(tables);
    let stored = stored.strip_prefix(b"\xff\xd8")?;
    tables.starts_with(b"\xff\xd8").then(|| [tables, stored].concat())
}

/// Decodes the picture of an old-style file: a whole stream somewhere in the file, or strips of
/// coded data whose tables lie apart.
pub(super) fn decode_old(
    bytes: &[u8],
    directory: &Directory<'_>,
    layout: &Layout,
    chunk: Chunk,
    limits: &DecodeLimits,
) -> Result<Samples<Vec<u8>>, DecodeError> {
    let stored = layout.stored(bytes, chunk.index)?;
    if stored.starts_with(b"\xff\xd8") {
        return stream(stored, Components::Rgb, layout, chunk, limits);
    }
    let whole = interchange(bytes, directory).filter(|_| layout.chunks_of_plane() == 1);
    if let Some(found) = whole {
        let decoded = stream(found, Components::Rgb, layout, chunk, limits);
        if decoded.is_ok() {
            return decoded;
        }
    }
    let header = header(bytes, directory, layout, chunk)
        .ok_or_else(|| unsupported("old-style JPEG without its tables".into()))?;
    let rebuilt = [header.as_slice(), stored, b"\xff\xd9"].concat();
    stream(&rebuilt, Components::Rgb, layout, chunk, limits)
}

fn interchange<'a>(bytes: &'a [u8], directory: &Directory<'_>) -> Option<&'a [u8]> {
    let start = usize::try_from(directory.number(tag::JPEG_INTERCHANGE_FORMAT)?).ok()?;
    let rest = bytes.get(start..)?;
    let length = directory.number(tag::JPEG_INTERCHANGE_LENGTH);
    let length = length.and_then(|length| usize::try_from(length).ok()).unwrap_or(rest.len());
    let found = rest.get(..length.min(rest.len()))?;
    found.starts_with(b"\xff\xd8").then_some(found)
}

/// Start of image, tables, frame header and scan header of a strip [T.81, annex B].
fn header(
    bytes: &[u8],
    directory: &Directory<'_>,
    layout: &Layout,
    chunk: Chunk,
) -> Option<Vec<u8>> {
    let components = u8::try_from(layout.samples).ok().filter(|count| matches!(count, 1 | 3))?;
    let places = |tag| directory.first_numbers(tag, usize::from(components));
    let at = |place: u64, length: usize| {
        let place = usize::try_from(place).ok()?;
        bytes.get(place..place.checked_add(length)?)
    };
    let mut out = vec![0xff, 0xd8];
    for (slot, place) in (0_u8..).zip(places(tag::JPEG_Q_TABLES)) {
        segment(&mut out, 0xdb, &[&[slot], at(place, 64)?])?;
    }
    for (class, tag) in [(0x00, tag::JPEG_DC_TABLES), (0x10, tag::JPEG_AC_TABLES)] {
        for (slot, place) in (0_u8..).zip(places(tag)) {
            let counts = at(place, 16)?;
            let values = counts.iter().map(|count| usize::from(*count)).sum();
            let values = at(place.checked_add(16)?, values)?;
            segment(&mut out, 0xc4, &[&[class | slot], counts, values])?;
        }
    }
    let (width, rows) = (u16::try_from(layout.width).ok()?, u16::try_from(chunk.rows).ok()?);
    let [w1, w0] = width.to_be_bytes();
    let [h1, h0] = rows.to_be_bytes();
    let (across, down) = layout.subsampling;
    let luma = if components == 1 { 0x11 } else { u8::try_from(across << 4 | down).ok()? };
    let (mut frame, mut scan) = (vec![8, h1, h0, w1, w0, components], vec![components]);
    for component in 0..components {
        let sampling = if component == 0 { luma } else { 0x11 };
        frame.extend([component + 1, sampling, component]);
        scan.extend([component + 1, component << 4 | component]);
    }
    scan.extend([0, 63, 0]);
    segment(&mut out, 0xc0, &[&frame])?;
    segment(&mut out, 0xda, &[&scan])?;
    Some(out)
}

fn segment(out: &mut Vec<u8>, marker: u8, parts: &[&[u8]]) -> Option<()> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    out.extend([0xff, marker]);
    out.extend(u16::try_from(length + 2).ok()?.to_be_bytes());
    parts.iter().for_each(|part| out.extend_from_slice(part));
    Some(())
}

fn stream(
    bytes: &[u8],
    components: Components,
    layout: &Layout,
    chunk: Chunk,
    limits: &DecodeLimits,
) -> Result<Samples<Vec<u8>>, DecodeError> {
    let largest = |side: usize| side as u64 + MAX_PADDING;
    let check = |width: u32, height: u32| {
        let is_short = (width as usize) < chunk.columns || (height as usize) < chunk.rows;
        let is_long = u64::from(width) > largest(layout.chunk_width)
            || u64::from(height) > largest(chunk.stored_rows.max(chunk.rows));
        if is_short || is_long {
            return Err(corrupt("a JPEG strip or tile is not of its stated size"));
        }
        Ok(())
    };
    let is_held = jpeg::is_held(JpegFile::parse(bytes).ok().as_ref());
    jpeg::samples(bytes, components, is_held, limits, check, None).map_err(|error| match error {
        DecodeError::Corrupt { reason, .. } => corrupt(&format!("a JPEG strip or tile: {reason}")),
        DecodeError::UnsupportedFeature { feature, .. } => unsupported(feature),
        error => error,
    })
}
