// SPDX-License-Identifier: MIT OR Apache-2.0
//! The shipped model on several threads.

use assay_signal::classifier::CropClassifier;
use assay_signal::model::CompressionState;
use assay_signal::traces::{crops, Picture};

const WEIGHTS: &[u8] = include_bytes!("../data/weights.bin");
const NETWORK: &[u8] = include_bytes!("../data/network.bin");
/// Sides of the picture, px.
const SIDES: [usize; 2] = [900, 700];

fn noise() -> Vec<u8> {
    let mut state = 0x9E37_79B9_u32;
    let mut byte = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 24) as u8
    };
    (0..SIDES[0] * SIDES[1] * 3).map(|at| (at / 40 % 100) as u8 + byte() / 2).collect()
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let samples = noise();
    let picture = Picture::new(&samples, SIDES[0], SIDES[1], 3 * SIDES[0]).unwrap();
    let places = crops::choose(&picture, crops::MOST_CROPS).unwrap();
    assert_eq!(places.len(), crops::MOST_CROPS);
    let classifier = CropClassifier::read(WEIGHTS, Some(NETWORK)).unwrap();
    let bits = |threads| {
        let state = CompressionState::HighQuality;
        let go_on = || Ok::<_, ()>(());
        let reading =
            classifier.read_on_threads(threads, &picture, &places, |_, _| None, state, go_on);
        let crops = reading.unwrap().unwrap().crops;
        let places: Vec<_> = crops.iter().map(|crop| (crop.x, crop.y)).collect();
        (places, crops.iter().map(|crop| crop.logit.to_bits()).collect::<Vec<_>>())
    };
    let alone = bits(1);
    assert_eq!(alone.0, places);
    for threads in [2, 3, 8, 2] {
        assert_eq!(bits(threads), alone, "{threads}");
    }
}
