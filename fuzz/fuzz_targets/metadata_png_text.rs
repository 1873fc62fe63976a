// SPDX-License-Identifier: MIT OR Apache-2.0
//! Texts of a PNG: the first byte chooses the chunk, its checksum is right.
#![no_main]

use assay_fuzz::containers::png;
use assay_fuzz::detecting::detect_file;
use libfuzzer_sys::fuzz_target;

const KINDS: [[u8; 4]; 5] = [*b"tEXt", *b"zTXt", *b"iTXt", *b"eXIf", *b"tIME"];

fuzz_target!(|data: &[u8]| {
    let Some((choice, text)) = data.split_first() else { return };
    detect_file(&png(&[(KINDS[usize::from(*choice) % KINDS.len()], text)]));
});
