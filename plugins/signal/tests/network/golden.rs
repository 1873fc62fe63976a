// SPDX-License-Identifier: MIT OR Apache-2.0
//! A small network and its features by PyTorch; `plugins/training/golden_network.py` made both.

use assay_signal::network::{Crop, Instructions, Network, Scratch};

const FILE: &[u8] = include_bytes!("../data/golden_network.net");
const FEATURES: &str = include_str!("../data/golden_network.csv");

/// A ramp, a wave and a pattern of period 7, as in the script.
fn crop() -> Crop {
    let place = |at: usize| (at / (28 * 3), at / 3 % 28, at % 3);
    let level =
        |(y, x, c): (usize, usize, usize)| (5 * y + 3 * x + 40 * c + 11 * (x * y % 7)) % 256;
    let levels = (0..36 * 28 * 3).map(|at| level(place(at)) as f32).collect();
    Crop::new(36, 28, 3, levels).unwrap()
}

fn expected(of: &str) -> Vec<f32> {
    let rows = FEATURES.lines().map(|line| line.split(',').collect::<Vec<_>>());
    rows.filter(|row| row[0] == of).map(|row| row[2].parse().unwrap()).collect()
}

fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        // Maps count in steps of 2^-8 and 2^-10.
        let most = 1e-3 * expected.abs() + 4e-3;
        assert!((found - expected).abs() <= most, "feature {index}: {found}, expected {expected}");
    }
}

#[test]
fn features_are_those_of_pytorch_by_all_instructions() {
    let network = Network::read(FILE).unwrap();
    assert_eq!((network.name(), network.channels()), ("golden-v1", 3));
    assert_eq!(network.trained_on(), "nothing: weights of a formula");
    assert_eq!(network.features(), 2 * (8 + 6 + 10 + 18 + 10));
    for instructions in Instructions::all() {
        let features = network.features_of(&crop(), &mut Scratch::with(instructions)).unwrap();
        assert_close(&features, &expected("crop"));
    }
}

#[test]
fn the_low_pass_is_that_of_pytorch() {
    let network = Network::read(FILE).unwrap();
    let lowpass = crop().lowpass().unwrap();
    let features = network.features_of(&lowpass, &mut Scratch::new()).unwrap();
    assert_close(&features, &expected("lowpass"));
}
