// SPDX-License-Identifier: MIT OR Apache-2.0
//! Photoshop resources and the IPTC record, alone and among resources, and a comment and a segment of text.
#![no_main]

use assay_fuzz::containers::jpeg;
use assay_fuzz::detecting::detect_file;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let bytes = &data[..data.len().min(60_000)];
    let length = (bytes.len() as u32).to_be_bytes();
    let record = [b"Photoshop 3.0\08BIM\x04\x04\0\0", &length[..], bytes].concat();
    let resources = [b"Photoshop 3.0\0", bytes].concat();
    let text = [b"{", bytes].concat();
    detect_file(&jpeg(&[(0xed, &record), (0xfe, bytes), (0xef, &text)]));
    detect_file(&jpeg(&[(0xed, &resources)]));
});
