// SPDX-License-Identifier: MIT OR Apache-2.0
//! The format by content: 64 bytes tell as much as the whole file.
#![no_main]

use assay::image::sniff::{is_supported, sniff};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let told = sniff(data);
    assert_eq!(told.is_ok(), is_supported(data));
    if let Err(error) = told {
        assert_eq!(error.code(), "UNSUPPORTED_FORMAT");
    }
});
