// SPDX-License-Identifier: MIT OR Apache-2.0
//! Windows and OS/2 bitmaps.
#![no_main]

use assay_fuzz::decoding::decode_as;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| decode_as(b"BM", data));
