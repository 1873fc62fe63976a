// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any bytes as a picture: the format is told by content, then decoded.
#![no_main]

use assay_fuzz::decoding::decode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| decode(data));
