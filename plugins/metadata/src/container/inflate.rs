// SPDX-License-Identifier: MIT OR Apache-2.0
//! Inflating with a bound on the output.

use std::io::Read;

use flate2::read::ZlibDecoder;

/// The first `most` bytes of a zlib stream, or what precedes its first error.
pub(super) fn inflated(stream: &[u8], most: usize) -> Vec<u8> {
    let mut output = Vec::new();
    // An error leaves in `output` what was inflated before it.
    let _ = ZlibDecoder::new(stream).take(most as u64).read_to_end(&mut output);
    output
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_bomb_is_cut_at_the_bound() {
        let mut bomb = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        bomb.write_all(&vec![b'a'; 8_000_000]).unwrap();
        let bomb = bomb.finish().unwrap();
        assert!(bomb.len() < 20_000);
        assert_eq!(inflated(&bomb, 1_000), vec![b'a'; 1_000]);
    }

    #[test]
    fn a_broken_stream_gives_what_precedes_the_break() {
        assert_eq!(inflated(b"no zlib", 10), Vec::<u8>::new());
    }
}
