// SPDX-License-Identifier: MIT OR Apache-2.0
//! What an archive's manifest names, and a file of results; the first byte chooses.
#![no_main]

use assay::bulk::{Base, Input};
use assay::results::Results;
use assay_fuzz::scratch;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((choice, text)) = data.split_first() else { return };
    if choice % 3 == 0 {
        let path = scratch::file("results.jsonl", text);
        if let Err(error) = Results::read(&path) {
            assert!(error.to_string().contains("results.jsonl"), "{error}");
        }
        return;
    }
    let column = (choice % 3 == 1).then(|| "path".to_owned());
    let base = Base::Folder("/archive".into());
    let manifest = Input::Manifest { text: text.to_vec(), column, base };
    let mut length = 0;
    let read = futures_executor::block_on(manifest.each(|name| length += name.len()));
    assert!(length <= text.len());
    if let Err(error) = read {
        assert!(!error.to_string().is_empty());
    }
});
