// SPDX-License-Identifier: MIT OR Apache-2.0
//! TIFF and BigTIFF in either byte order; the first byte of the input chooses.
#![no_main]

use assay_fuzz::decoding::decode_as;
use libfuzzer_sys::fuzz_target;

const MARKS: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0"];

fuzz_target!(|data: &[u8]| {
    let is_marked = MARKS.iter().any(|mark| data.starts_with(mark));
    let chosen = data.first().and_then(|first| MARKS.get(usize::from(first % 4)));
    decode_as(chosen.filter(|_| !is_marked).unwrap_or(&&[][..]), data);
});
