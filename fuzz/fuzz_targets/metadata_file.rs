// SPDX-License-Identifier: MIT OR Apache-2.0
//! The metadata detector on any file.
#![no_main]

use assay_fuzz::detecting::{detect_file, forgive_the_credentials_thread};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: forgive_the_credentials_thread(), |data: &[u8]| detect_file(data));
