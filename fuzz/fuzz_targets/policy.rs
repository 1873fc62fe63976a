// SPDX-License-Identifier: MIT OR Apache-2.0
//! Policies: a text that is read has a digest; one that is not has a place for every fault.
#![no_main]

use assay::policy::Policy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Policy::parse(text, "fuzz.toml") {
        Ok(policy) => assert_eq!(policy.digest().len(), 64),
        Err(error) => assert!(error.to_string().contains("fuzz.toml"), "{error}"),
    }
});
