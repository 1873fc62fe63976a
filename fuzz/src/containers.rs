// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small files around arbitrary bytes, with every length and checksum right.

/// Most payload of a JPEG segment, bytes.
const MOST_SEGMENT_BYTES: usize = 65_533;

/// A JPEG of 64x48 px with these segments: marker and payload.
#[must_use]
pub fn jpeg(segments: &[(u8, &[u8])]) -> Vec<u8> {
    let table = [&[0][..], &[3; 64]].concat();
    let frame = [8, 0, 48, 0, 64, 1, 1, 0x11, 0];
    let fixed: [(u8, &[u8]); 3] = [(0xdb, &table), (0xc0, &frame), (0xda, &[1, 1, 0, 0, 63, 0])];
    let mut file = vec![0xff, 0xd8];
    for (marker, payload) in segments.iter().chain(&fixed) {
        let payload = &payload[..payload.len().min(MOST_SEGMENT_BYTES)];
        // At most 65,535.
        let length = (payload.len() + 2) as u16;
        file.extend_from_slice(&[0xff, *marker]);
        file.extend_from_slice(&length.to_be_bytes());
        file.extend_from_slice(payload);
    }
    file.extend_from_slice(&[0x12, 0x34, 0xff, 0xd9]);
    file
}

/// A PNG of 64x48 px with these chunks, type and data, between header and end.
#[must_use]
pub fn png(chunks: &[([u8; 4], &[u8])]) -> Vec<u8> {
    let header = [0, 0, 0, 64, 0, 0, 0, 48, 8, 2, 0, 0, 0];
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let (first, last) = ((*b"IHDR", &header[..]), (*b"IEND", &[][..]));
    for (kind, data) in [first].iter().chain(chunks).chain(&[last]) {
        let body = [&kind[..], data].concat();
        file.extend_from_slice(&(data.len() as u32).to_be_bytes());
        file.extend_from_slice(&body);
        file.extend_from_slice(&crc(&body).to_be_bytes());
    }
    file
}

/// CRC-32 as PNG uses it [ISO/IEC 15948, annex D].
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, &byte: &u8| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// A lossless PNG or WebP cannot be made without an encoder; this is a PNG of 8-bit RGBA whose data are
/// stored, not compressed: `alpha` of each pixel, row by row.
#[must_use]
pub fn png_with_alpha(width: u32, height: u32, alpha: impl Fn(u32, u32) -> u8) -> Vec<u8> {
    let mut rows = Vec::new();
    for y in 0..height {
        rows.push(0);
        rows.extend((0..width).flat_map(|x| [x as u8, y as u8, 7, alpha(x, y)]));
    }
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    for (kind, data) in [(b"IHDR", header), (b"IDAT", stored(&rows)), (b"IEND", Vec::new())] {
        let body = [&kind[..], &data].concat();
        file.extend_from_slice(&(data.len() as u32).to_be_bytes());
        file.extend_from_slice(&body);
        file.extend_from_slice(&crc(&body).to_be_bytes());
    }
    file
}

/// A zlib stream of stored blocks [RFC 1950; RFC 1951, 3.2.4].
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    out.extend_from_slice(&(high << 16 | low).to_be_bytes());
    out
}
