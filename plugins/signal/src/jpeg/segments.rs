// SPDX-License-Identifier: MIT OR Apache-2.0
//! The marker walk: every segment of one image, with bounds.
//!
//! Fill bytes (`FF FF …`) and garbage between segments are stepped over and counted; a segment
//! that is longer than the file is kept, cut and marked; thumbnails inside APP1 are payload and
//! are not descended into. ITU-T T.81 B.1.1.

use super::marker;
use super::JpegError;

/// Most segments that a walk keeps. A 20 MB file full of the largest segments has about 320.
pub const MAX_SEGMENTS: usize = 16_384;

/// One marker segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// The byte after `0xFF`, see [`marker`].
    pub marker: u8,
    /// Offset in the file of the `0xFF` that belongs to the marker code.
    pub offset: usize,
    /// Payload without the two bytes of length; empty for markers that stand alone.
    pub payload: &'a [u8],
    /// The entropy-coded data after a scan header, still stuffed, restart markers included;
    /// empty for all other markers.
    pub entropy: &'a [u8],
    /// The file ends before the payload does, or the length is impossible.
    pub truncated: bool,
}

impl Segment<'_> {
    /// The marker's short name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        marker::name(self.marker)
    }
}

/// What the walk over one image found.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    /// Segments in file order, without SOI; EOI is the last one if it is there.
    pub segments: Vec<Segment<'a>>,
    /// Offset after the end-of-image marker, or the length of the data where it is missing.
    pub end: usize,
    /// The end-of-image marker was found.
    pub terminated: bool,
    /// Bytes between segments that belong to none, fill bytes not counted.
    pub garbage: usize,
}

/// Walks the segments of the image that begins at `start`.
///
/// # Errors
/// [`JpegError::NotJpeg`] if no SOI stands at `start`, [`JpegError::TooManySegments`] beyond
/// [`MAX_SEGMENTS`].
pub fn walk(bytes: &[u8], start: usize) -> Result<Walk<'_>, JpegError> {
    if bytes.get(start..).and_then(<[u8]>::first_chunk) != Some(&[0xFF, marker::SOI]) {
        return Err(JpegError::NotJpeg);
    }
    let mut walk = Walk { segments: Vec::new(), end: bytes.len(), terminated: false, garbage: 0 };
    let mut position = start + 2;
    while let Some((code, after)) = next_marker(bytes, position) {
        let offset = after - 2;
        walk.garbage += garbage_between(bytes, position, offset);
        if walk.segments.len() >= MAX_SEGMENTS {
            return Err(JpegError::TooManySegments { limit: MAX_SEGMENTS, offset });
        }
        let segment = read_segment(bytes, code, offset);
        position = after;
        if !marker::is_standalone(code) {
            position += 2 + segment.payload.len() + segment.entropy.len();
        }
        walk.segments.push(segment);
        if code == marker::EOI {
            walk.end = after;
            walk.terminated = true;
            return Ok(walk);
        }
    }
    walk.garbage += garbage_between(bytes, position, bytes.len());
    Ok(walk)
}

/// The segment whose marker code ends at `offset + 2`.
fn read_segment(bytes: &[u8], code: u8, offset: usize) -> Segment<'_> {
    let mut segment =
        Segment { marker: code, offset, payload: &[], entropy: &[], truncated: false };
    if marker::is_standalone(code) {
        return segment;
    }
    let body = bytes.get(offset + 2..).unwrap_or_default();
    let Some((length, body)) = body.split_first_chunk::<2>() else {
        segment.truncated = true;
        return segment;
    };
    // The length counts its own two bytes (T.81 B.1.1.4).
    let Some(length) = usize::from(u16::from_be_bytes(*length)).checked_sub(2) else {
        segment.truncated = true;
        return segment;
    };
    segment.truncated = length > body.len();
    let (payload, rest) = body.split_at(length.min(body.len()));
    segment.payload = payload;
    if code == marker::SOS {
        segment.entropy = &rest[..entropy_length(rest)];
    }
    segment
}

/// The next marker at or after `position`: its code and the offset after it.
fn next_marker(bytes: &[u8], mut position: usize) -> Option<(u8, usize)> {
    loop {
        position += find_ff(bytes.get(position..)?)?;
        match *bytes.get(position + 1)? {
            // A second FF is fill; it may itself begin the marker. FF 00 outside a scan is
            // garbage.
            0xFF => position += 1,
            0x00 => position += 2,
            code => return Some((code, position + 2)),
        }
    }
}

/// Bytes of `from..to` that are no fill bytes.
fn garbage_between(bytes: &[u8], from: usize, to: usize) -> usize {
    bytes.get(from..to).unwrap_or_default().iter().filter(|byte| **byte != 0xFF).count()
}

/// Length of the entropy-coded data at the beginning of `rest`.
fn entropy_length(rest: &[u8]) -> usize {
    let mut position = 0;
    while let Some(found) = find_ff(&rest[position..]) {
        position += found;
        match rest.get(position + 1) {
            None => break,
            Some(0xFF) => position += 1,
            Some(code) if marker::ends_entropy(*code) => return position,
            Some(_) => position += 2,
        }
    }
    rest.len()
}

/// Index of the first `0xFF`, eight bytes at a time.
pub(super) fn find_ff(bytes: &[u8]) -> Option<usize> {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (words, tail) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        // A byte of the complement is zero where the byte is FF; the lowest hit of this test for
        // a zero byte is exact.
        let complement = !u64::from_le_bytes(*word);
        let hits = complement.wrapping_sub(LOW) & !complement & HIGH;
        if hits != 0 {
            return Some(index * 8 + (hits.trailing_zeros() / 8) as usize);
        }
    }
    let found = tail.iter().position(|byte| *byte == 0xFF)?;
    Some(words.len() * 8 + found)
}

#[cfg(test)]
mod tests;
