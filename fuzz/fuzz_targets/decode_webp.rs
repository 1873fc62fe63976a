// SPDX-License-Identifier: MIT OR Apache-2.0
//! WebP, with its outer length set to that of the file.
#![no_main]

use assay_fuzz::decoding::decode_as;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let length = (data.len().saturating_sub(8) as u32).to_le_bytes();
    decode_as(&[b"RIFF", &length[..], b"WEBPVP8"].concat(), data);
});
