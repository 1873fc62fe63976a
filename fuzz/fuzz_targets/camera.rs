// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fingerprints of cameras: what is read is written again byte by byte.
#![no_main]

use assay_fuzz::signing::signed;
use assay_signal::prnu::file::MAGIC;
use assay_signal::prnu::Fingerprint;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|content: &[u8]| {
    let file = signed(&MAGIC, content);
    if let Ok(read) = Fingerprint::read(&file) {
        assert_eq!(read.to_bytes(), file);
        assert_eq!(read.pattern().dim(), (read.height(), read.width()));
    }
});
