// SPDX-License-Identifier: MIT OR Apache-2.0
//! The configuration of an installation.
#![no_main]

use std::path::Path;

use assay::config::{Settings, Surroundings};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let here = Surroundings { working_folder: "/w".into(), executable_folder: "/e".into() };
    if let Err(error) = Settings::parse(text, Some(Path::new("/w/fuzz.toml")), &here) {
        assert!(error.to_string().contains("fuzz.toml"), "{error}");
    }
});
