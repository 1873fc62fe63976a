// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lists of who writes which quantisation tables: what is written of a list reads as that list.
#![no_main]

use assay_signal::jpeg::writers::Writers;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(read) = Writers::read(text) {
        assert_eq!(Writers::read(&read.to_text()).as_ref(), Ok(&read));
    }
});
