// SPDX-License-Identifier: MIT OR Apache-2.0
//! What cannot be seen from outside: strips.

use super::{Crop, Network, Scratch};

const GOLDEN: &[u8] = include_bytes!("../../tests/data/golden_network.net");

fn bits(network: &Network, crop: &Crop, strip_values: usize) -> Vec<u32> {
    let mut scratch = Scratch::with_strips(strip_values);
    let features = network.features_of(crop, &mut scratch).unwrap();
    features.iter().map(|feature| feature.to_bits()).collect()
}

#[test]
fn the_height_of_strips_changes_no_bit() {
    let network = Network::read(GOLDEN).unwrap();
    for (height, width) in [(61, 40), (32, 32), (5, 70), (1, 1)] {
        let levels = (0..height * width * 3).map(|at| (at * at % 251) as f32).collect();
        let crop = Crop::new(height, width, 3, levels).unwrap();
        let whole = bits(&network, &crop, usize::MAX);
        for strip_values in [1, 700, 3_000] {
            assert_eq!(bits(&network, &crop, strip_values), whole, "{strip_values}");
        }
    }
}
