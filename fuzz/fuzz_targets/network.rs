// SPDX-License-Identifier: MIT OR Apache-2.0
//! Network files, and what a network that was read makes of a crop.
#![no_main]

use assay_fuzz::signing::signed;
use assay_signal::network::{Crop, Network, Scratch, MAGIC};
use libfuzzer_sys::fuzz_target;

const SIDE: usize = 16;
/// Largest file whose network is also run.
const MOST_BYTES: usize = 16 << 10;

fuzz_target!(|content: &[u8]| {
    let Ok(network) = Network::read(&signed(&MAGIC, content)) else { return };
    assert!(network.features() >= 2);
    if content.len() > MOST_BYTES {
        return;
    }
    let channels = network.channels();
    let levels = (0..SIDE * SIDE * channels).map(|at| (at % 251) as f32).collect();
    let Some(crop) = Crop::new(SIDE, SIDE, channels, levels) else { return };
    if let Some(features) = network.features_of(&crop, &mut Scratch::new()) {
        assert_eq!(features.len(), network.features());
    }
});
