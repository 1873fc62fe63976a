// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is kept beside an answer: where something was seen, how it came to be, and the picture's fingerprint; the first byte
//! chooses.
#![no_main]

use assay::analysis::Derivation;
use assay::claim::{Fingerprint, Keys};
use assay::report::Heat;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((choice, kept)) = data.split_first() else { return };
    match choice % 3 {
        0 => {
            let Some(heat) = Heat::read(kept) else { return };
            let everywhere = [0, 0, heat.width, heat.height];
            assert_eq!(heat.hottest(everywhere) > 0.0, heat.shows_something());
            let _ = heat.hottest([heat.width, u32::MAX, u32::MAX, 1]);
        }
        1 => {
            let read = std::str::from_utf8(kept).ok().map(Derivation::parse);
            let Some(Ok(derivation)) = read else { return };
            let _ = derivation.outcomes();
            assert!(Derivation::parse(&derivation.to_text()).is_ok());
        }
        _ => {
            let read = Fingerprint::parse(kept);
            assert!(read.is_none() || Keys::of_bytes(kept).is_some());
            if let Some(read) = read {
                assert!(Fingerprint::parse(&read.to_bytes()).is_some());
            }
        }
    }
});
