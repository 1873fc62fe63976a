// SPDX-License-Identifier: MIT OR Apache-2.0
//! Texts of a request that are read by themselves: addresses, times, names; the first byte chooses.
#![no_main]

use assay::analysis::ClaimedAt;
use assay::net::{AddressRange, Guard, Target};
use assay::view::RequestId;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some(choice) = text.chars().next() else { return };
    let text = &text[choice.len_utf8()..];
    match choice as u32 % 4 {
        0 => {
            let Ok(target) = Target::parse(text) else { return };
            assert!(matches!(target.url().scheme(), "http" | "https"), "{text}");
            let _ = Guard::allowing(&[]).permits_target(&target);
            let (first, rest) = text.split_at(text.floor_char_boundary(text.len() / 2));
            let _ = (target.receiver(), target.join(first).is_ok(), target.join(rest).is_ok());
        }
        1 => {
            if let Ok(range) = text.parse::<AddressRange>() {
                assert_eq!(range.to_string().parse(), Ok(range), "{text}");
            }
        }
        2 => {
            if let Ok(time) = text.parse::<ClaimedAt>() {
                assert_eq!(time.as_str(), text);
            }
        }
        _ => {
            if let Some(name) = RequestId::parse(text) {
                assert_eq!(name.to_string(), text.to_ascii_lowercase());
            }
        }
    }
});
