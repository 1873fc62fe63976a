// SPDX-License-Identifier: MIT OR Apache-2.0
//! What holds for every network and every crop.

use assay_signal::network::{Crop, Instructions, Network, Scratch, CELL};
use proptest::prelude::*;

use super::file::{content, signed, Layer};
use super::naive;

const MEAN: f32 = 127.0;
const SCALE: f32 = 1.0 / 128.0;
/// What counting in steps may do to a feature, of 1 and of its size.
const MOST_ROUNDED: f64 = 1e-2;

fn network(layers: &[Layer]) -> Network {
    Network::read(&signed(content(MEAN, SCALE, layers))).unwrap()
}

/// Networks of up to six layers of every kind, the last of them a tap. A layer adds the earliest map
/// of its shape if it is told to and there is one.
fn layers() -> impl Strategy<Value = (usize, Vec<Layer>)> {
    let layer = (
        any::<[bool; 4]>(),
        prop::sample::select(vec![1_usize, 3, 5, 7]),
        1_usize..=2,
        prop_oneof![1_usize..=35, prop::sample::select(vec![16_usize, 32, 48])],
        any::<u32>(),
    );
    (1_usize..=6, prop::collection::vec(layer, 1..=6)).prop_map(|(channels_in, drawn)| {
        let mut layers: Vec<Layer> = Vec::new();
        // Channels and halvings of each layer's map.
        let mut shapes: Vec<(usize, usize)> = Vec::new();
        for ([depthwise, relu6, tap, adds], kernel, stride, channels, seed) in drawn {
            let (inputs, halvings) = shapes.last().copied().unwrap_or((channels_in, 0));
            let outputs = if depthwise { inputs } else { channels };
            let mut layer = Layer::new(depthwise, kernel, inputs, outputs, u64::from(seed));
            (layer.relu6, layer.tap, layer.stride) = (relu6, tap, stride.min(kernel));
            let shape = (outputs, halvings + layer.stride - 1);
            let earliest = shapes.iter().position(|&earlier| earlier == shape);
            layer.skip = earliest.filter(|_| adds).map_or(0, |at| shapes.len() - at);
            shapes.push(shape);
            layers.push(layer);
        }
        layers.last_mut().unwrap().tap = true;
        (channels_in, layers)
    })
}

/// Levels without pattern.
fn crop(height: usize, width: usize, channels: usize, seed: usize) -> Crop {
    let level = |at: usize| ((at + seed).wrapping_mul(0x9E37_79B9) >> 7) % 256;
    let levels = (0..height * width * channels).map(|at| level(at) as f32).collect();
    Crop::new(height, width, channels, levels).unwrap()
}

fn bits(features: Option<Vec<f32>>) -> Vec<u32> {
    // A map of steps knows one zero; adding it takes the sign of the other.
    features.unwrap().iter().map(|feature| (feature + 0.0).to_bits()).collect()
}

proptest! {
    #[test]
    fn features_are_those_of_the_definition(
        (channels, layers) in layers(),
        (height, width, seed) in (1_usize..24, 1_usize..24, 0_usize..1000),
    ) {
        let crop = crop(height, width, channels, seed);
        let expected = naive::features(&layers, &crop, f64::from(MEAN), f64::from(SCALE));
        let network = network(&layers);
        let found = network.features_of(&crop, &mut Scratch::new()).unwrap();
        prop_assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            let most = MOST_ROUNDED * (1.0 + expected.abs());
            let difference = (f64::from(*found) - expected).abs();
            prop_assert!(difference <= most, "{} for {}", found, expected);
        }
    }

    #[test]
    fn features_are_those_of_the_definition_in_steps_to_the_last_bit(
        (channels, layers) in layers(),
        (height, width, seed) in (1_usize..24, 1_usize..24, 0_usize..1000),
    ) {
        let crop = crop(height, width, channels, seed);
        let expected = naive::counted_features(&layers, &crop, MEAN, SCALE);
        let found = network(&layers).features_of(&crop, &mut Scratch::new());
        prop_assert_eq!(bits(found), bits(Some(expected)));
    }

    #[test]
    fn all_instructions_give_the_same_bits(
        (channels, layers) in layers(),
        (height, width, seed) in (1_usize..24, 1_usize..40, 0_usize..1000),
    ) {
        let (network, crop) = (network(&layers), crop(height, width, channels, seed));
        let of = |instructions| bits(network.features_of(&crop, &mut Scratch::with(instructions)));
        let portable = of(Instructions::portable());
        for instructions in Instructions::all() {
            prop_assert_eq!(&of(instructions), &portable, "{}", instructions.name());
        }
    }

    #[test]
    fn what_a_scratch_was_used_for_changes_no_bit(
        (channels, first) in layers(),
        (others, second) in layers(),
        (height, width) in (1_usize..24, 1_usize..24),
    ) {
        let (network, other) = (network(&first), network(&second));
        let crop = crop(height, width, channels, 1);
        let fresh = bits(network.features_of(&crop, &mut Scratch::new()));
        let mut used = Scratch::new();
        assert!(other.features_of(&self::crop(width, height, others, 2), &mut used).is_some());
        prop_assert_eq!(bits(network.features_of(&crop, &mut used)), fresh);
    }

    #[test]
    fn a_constant_crop_has_no_deviation_where_no_border_is_seen(
        level in 0_u8..=255,
        (outputs, seed) in (1_usize..40, any::<u32>()),
    ) {
        let mut layer = Layer::new(false, 1, 3, outputs, u64::from(seed));
        layer.tap = true;
        let crop = Crop::new(9, 11, 3, vec![f32::from(level); 9 * 11 * 3]).unwrap();
        let network = network(std::slice::from_ref(&layer));
        let features = network.features_of(&crop, &mut Scratch::new()).unwrap();
        let (means, deviations) = features.split_at(outputs);
        let input = (f32::from(level) - MEAN) * SCALE;
        for (output, (mean, deviation)) in means.iter().zip(deviations).enumerate() {
            let weights: f32 = (0..3).map(|c| layer.weights[c * outputs + output]).sum();
            // Half a step of the map.
            let most = 0.5 / 256.0 + 1e-4;
            prop_assert!((mean - (layer.biases[output] + input * weights)).abs() < most);
            prop_assert!(deviation.abs() < 1e-6);
        }
    }

    #[test]
    fn a_low_pass_keeps_ramps_inside_and_takes_what_averages_out(
        (rows, columns) in (3_usize..8, 3_usize..8),
        (down, right) in (-3_i32..=3, -3_i32..=3),
    ) {
        let (height, width) = (CELL * rows, CELL * columns);
        let ramp = |at: usize| {
            let (y, x) = ((at / width) as f32, (at % width) as f32);
            100.0 + down as f32 * y + right as f32 * x
        };
        // Each cell has as many samples a level up as down.
        let texture = |at: usize| if (at + at / width).is_multiple_of(2) { 8.0 } else { -8.0 };
        let levels = (0..height * width).map(|at| ramp(at) + texture(at)).collect();
        let low = Crop::new(height, width, 1, levels).unwrap().lowpass().unwrap();
        let edge = CELL / 2;
        for (y, x) in (edge..height - edge).flat_map(|y| (edge..width - edge).map(move |x| (y, x))) {
            let at = y * width + x;
            prop_assert!((low.levels()[at] - ramp(at)).abs() < 1e-3);
        }
        // Outside the outermost centres the nearest holds.
        let corner = 100.0 + 1.5 * (down + right) as f32;
        prop_assert!((low.levels()[0] - corner).abs() < 1e-3);
    }
}

#[test]
fn threads_change_no_bit() {
    let mut layers = vec![
        Layer::new(false, 3, 3, 16, 1),
        Layer::new(true, 5, 16, 16, 2),
        Layer::new(false, 1, 16, 24, 3),
    ];
    layers.iter_mut().for_each(|layer| (layer.relu6, layer.tap) = (true, true));
    let network = network(&layers);
    let alone = |seed| bits(network.features_of(&crop(40, 33, 3, seed), &mut Scratch::new()));
    let expected: Vec<_> = (0..4).map(alone).collect();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|seed| scope.spawn(move || alone(seed))).collect();
        let found: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert_eq!(found, expected);
    });
}

#[test]
fn a_low_pass_of_cells_that_do_not_fit_is_refused() {
    assert_eq!(crop(8, 9, 3, 0).lowpass(), None);
    assert_eq!(crop(6, 8, 3, 0).lowpass(), None);
}
