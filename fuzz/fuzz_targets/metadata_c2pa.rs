// SPDX-License-Identifier: MIT OR Apache-2.0
//! A store of Content Credentials in the chunk of a PNG; in a JPEG it would need more around it.
#![no_main]

use assay_fuzz::containers::png;
use assay_fuzz::detecting::{detect_file, forgive_the_credentials_thread};
use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: forgive_the_credentials_thread(),
    |data: &[u8]| detect_file(&png(&[(*b"caBX", data)]))
);
