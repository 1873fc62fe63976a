// SPDX-License-Identifier: MIT OR Apache-2.0
//! Texts hidden in the lowest bits, behind each of the four opening words.
#![no_main]

use assay_fuzz::containers::png_with_alpha;
use assay_fuzz::detecting::detect;
use assay_plugin_api::testing::EvidenceBuilder;
use libfuzzer_sys::fuzz_target;

const WORDS: [&[u8]; 4] =
    [b"stealth_pnginfo", b"stealth_pngcomp", b"stealth_rgbinfo", b"stealth_rgbcomp"];
const WIDTH: u32 = 90;
const HEIGHT: u32 = 100;

fuzz_target!(|data: &[u8]| {
    let Some((choice, text)) = data.split_first() else { return };
    let hidden = [WORDS[usize::from(choice % 4)], text].concat();
    let bit = |at: u32| {
        let byte = hidden.get(at as usize / 8).copied().unwrap_or(0);
        byte >> (7 - at % 8) & 1
    };
    let in_alpha = choice % 4 < 2;
    let file = png_with_alpha(WIDTH, HEIGHT, |x, y| 254 | bit(x * HEIGHT + y) * u8::from(in_alpha));
    let picture = EvidenceBuilder::rgb(WIDTH, HEIGHT, |x, y| {
        std::array::from_fn(|c| match in_alpha {
            true => 128,
            false => 128 | bit(3 * (x * HEIGHT + y) + c as u32),
        })
    });
    detect(&picture.encoded(file));
});
