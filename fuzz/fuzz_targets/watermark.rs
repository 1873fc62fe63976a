// SPDX-License-Identifier: MIT OR Apache-2.0
//! Known watermarks in any picture that is just large enough, padded rows included.
#![no_main]

use assay_signal::traces::Picture;
use assay_signal::watermark::find;
use libfuzzer_sys::fuzz_target;

const SIDE: usize = 256;

fuzz_target!(|data: &[u8]| {
    let [choice, content @ ..] = data else { return };
    if content.is_empty() {
        return;
    }
    let padding = usize::from(choice % 4);
    let (width, height) = (SIDE + usize::from(choice % 16), SIDE + usize::from(choice / 16));
    let stride = width * 3 + padding;
    let samples: Vec<u8> = content.iter().copied().cycle().take(stride * height).collect();
    let picture = Picture::new(&samples, width, height, stride);
    let picture = picture.unwrap_or_else(|error| panic!("{error}"));
    if let Some(found) = find(&picture) {
        assert!(found.log10_nfa <= -6.0 && found.matched <= found.message.length());
    }
});
