// SPDX-License-Identifier: MIT OR Apache-2.0
//! The mark in a library's file, up to the digest; no digest is right, so that no code of it ever runs.
#![no_main]

use assay_fuzz::scratch;
use assay_plugin_api::load::LoadedPlugin;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let path = scratch::file("library.so", data);
    let digest = "0".repeat(64);
    match LoadedPlugin::open_pinned(&path, Some(&digest)) {
        Ok(_) => panic!("a library with another digest was opened"),
        Err(error) => assert!(error.to_string().contains("library.so"), "{error}"),
    }
});
