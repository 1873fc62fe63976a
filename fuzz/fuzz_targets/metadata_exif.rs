// SPDX-License-Identifier: MIT OR Apache-2.0
//! EXIF: a TIFF structure, lent by the host.
#![no_main]

use assay_fuzz::containers::jpeg;
use assay_fuzz::detecting::detect;
use assay_plugin_api::evidence::keys;
use assay_plugin_api::testing::EvidenceBuilder;
use libfuzzer_sys::fuzz_target;

const SIDE: u32 = 256;

fuzz_target!(|data: &[u8]| {
    let plain = EvidenceBuilder::grey(SIDE, SIDE, |x, y| (x ^ y) as u8);
    detect(&plain.encoded(jpeg(&[])).blob(keys::EXIF, data).fact(keys::CLAIMED_AT, "2024-05-01"));
    let _ = assay::image::metadata::camera_name(data);
});
