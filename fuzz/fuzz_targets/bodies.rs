// SPDX-License-Identifier: MIT OR Apache-2.0
//! JSON bodies of the API; the first byte chooses the operation.
#![no_main]

use assay::api::bodies::Body;
use assay::net::Guard;
use libfuzzer_sys::fuzz_target;

/// Largest image, bytes.
const IMAGE_BYTES: u64 = 1_000;

fuzz_target!(|data: &[u8]| {
    let Some((choice, body)) = data.split_first() else { return };
    let kind = Body::ALL[usize::from(*choice) % Body::ALL.len()];
    if let Err(error) = kind.read(body, IMAGE_BYTES, &Guard::allowing(&[])) {
        assert!((400..500).contains(&error.code.status().as_u16()), "{kind:?}: {error:?}");
        assert!(!error.message.is_empty(), "{kind:?}");
    }
});
