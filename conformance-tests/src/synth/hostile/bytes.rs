// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compressed zeros, and places in files.

use flate2::{Compress, Compression, FlushCompress};

/// Zeros of one part of a stream.
const PART_BYTES: usize = 1 << 20;
/// The base of Adler-32 [RFC 1950, 9].
const ADLER_BASE: u64 = 65_521;

/// A zlib stream of `head` and then so many parts of 1 MiB of zeros, each a thousandth of that long.
///
/// Every part is compressed as if nothing came before it, so that it can be repeated as it is.
pub(super) fn zeros(head: &[u8], parts: usize) -> Vec<u8> {
    let part = deflated(&[0; PART_BYTES]);
    // An empty last block of fixed codes.
    let end = [0x03, 0x00];
    let checksum = adler(head, (parts * PART_BYTES) as u64).to_be_bytes();
    [&[0x78, 0x01], &deflated(head)[..], &part.repeat(parts), &end, &checksum].concat()
}

/// Blocks without a last one, up to a whole byte.
fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 1024);
    // With room for all of it there is nothing to fail.
    let _ = Compress::new(Compression::fast(), false).compress_vec(
        bytes,
        &mut out,
        FlushCompress::Full,
    );
    out
}

/// Adler-32 of `head` and so many zeros.
fn adler(head: &[u8], zeros: u64) -> u32 {
    let (low, high) = head.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u64::from(*byte)) % ADLER_BASE;
        (low, (high + low) % ADLER_BASE)
    });
    // Zeros leave the first sum as it is and add it to the second.
    let high = (high + zeros % ADLER_BASE * low) % ADLER_BASE;
    // Both have 16 bits.
    (high << 16 | low) as u32
}

/// The first place of a file at which these bytes stand.
pub(super) fn position(file: &[u8], bytes: &[u8]) -> Option<usize> {
    file.windows(bytes.len()).position(|window| window == bytes)
}

/// `file` with these bytes written over what is at a place.
pub(super) fn with(mut file: Vec<u8>, at: usize, bytes: &[u8]) -> Vec<u8> {
    let end = (at + bytes.len()).min(file.len());
    file.splice(at.min(file.len())..end, bytes.iter().copied());
    file
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::ZlibDecoder;

    use super::*;

    #[test]
    fn streams_of_zeros_are_whole_and_a_thousandth_of_their_content() {
        let stream = zeros(b"head", 3);
        let mut content = Vec::new();
        ZlibDecoder::new(stream.as_slice()).read_to_end(&mut content).unwrap();
        assert_eq!(content.len(), 4 + 3 * PART_BYTES);
        assert!(content.starts_with(b"head\0"));
        assert!(stream.len() * 100 < content.len(), "{} bytes", stream.len());
    }
}
