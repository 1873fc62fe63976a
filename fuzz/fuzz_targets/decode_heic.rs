// SPDX-License-Identifier: MIT OR Apache-2.0
//! HEIF files with HEVC pictures.
#![no_main]

use assay_fuzz::decoding::decode_as;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut brand = [0; 12];
    let length = data.len().min(12);
    brand[..length].copy_from_slice(&data[..length]);
    brand[4..].copy_from_slice(b"ftypheic");
    decode_as(&brand, data);
});
