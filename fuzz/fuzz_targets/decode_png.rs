// SPDX-License-Identifier: MIT OR Apache-2.0
//! PNG and APNG. The decoder is built without its check of checksums when it is fuzzed, so that mutations
//! go on behind them.
#![no_main]

use assay_fuzz::decoding::decode_as;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| decode_as(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", data));
