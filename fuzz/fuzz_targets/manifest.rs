// SPDX-License-Identifier: MIT OR Apache-2.0
//! The manifest of a labelled collection.
#![no_main]

use assay::eval::manifest::Collection;
use assay_fuzz::scratch;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match Collection::read(&scratch::file("manifest.csv", data)) {
        Ok(collection) => {
            assert!(!collection.pictures.is_empty());
            let _ = collection.folds();
        }
        Err(error) => assert!(error.to_string().contains("manifest.csv"), "{error}"),
    }
});
