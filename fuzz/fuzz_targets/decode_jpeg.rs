// SPDX-License-Identifier: MIT OR Apache-2.0
//! JPEG: pixels, tables, coefficients.
#![no_main]

use assay_fuzz::decoding::decode_as;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| decode_as(b"\xff\xd8\xff", data));
