// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a crop costs in a network of EfficientNet-Lite0's shape, cut after its eleventh block, with
//! each set of instructions that the processor has. One thread.
//!
//! `cargo bench -p assay-signal --bench network`

#![allow(clippy::print_stdout, clippy::expect_used)] // a program for people

#[path = "../tests/network/file.rs"]
mod file;

use std::hint::black_box;
use std::time::Instant;

use assay_signal::network::{Crop, Instructions, Network, Scratch};
use file::{content, signed, Layer};

const SIDE: usize = 256;
const ROUNDS: usize = 60;
/// Widening, kernel, stride of the first, channels, blocks: Tan and Le 2019, table 1, without the
/// last two of its seven stages.
const STAGES: [(usize, usize, usize, usize, usize); 5] =
    [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3)];

fn layers() -> Vec<Layer> {
    let active = |layer: Layer, stride| Layer { relu6: true, stride, ..layer };
    let mut layers = vec![Layer { tap: true, ..active(Layer::new(false, 3, 3, 32, 1), 2) }];
    let mut inputs = 32;
    for (widening, kernel, first_stride, outputs, blocks) in STAGES {
        for block in 0..blocks {
            let (wide, stride) = (inputs * widening, if block == 0 { first_stride } else { 1 });
            if widening > 1 {
                layers.push(active(Layer::new(false, 1, inputs, wide, 2), 1));
            }
            layers.push(active(Layer::new(true, kernel, wide, wide, 3), stride));
            let narrow = Layer::new(false, 1, wide, outputs, 4);
            layers.push(Layer { skip: if block == 0 { 0 } else { 3 }, tap: true, ..narrow });
            inputs = outputs;
        }
    }
    layers
}

/// Products of a crop.
fn products(layers: &[Layer]) -> usize {
    let mut side = SIDE;
    let of = |layer: &Layer| {
        side = side.div_ceil(layer.stride);
        side * side * layer.weights.len()
    };
    layers.iter().map(of).sum()
}

/// Least milliseconds of many rounds: other work on the machine only adds.
fn milliseconds(mut run: impl FnMut()) -> f64 {
    let rounds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64() * 1e3
    });
    rounds.fold(f64::INFINITY, f64::min)
}

fn main() {
    let layers = layers();
    let file = signed(content(127.0, 1.0 / 128.0, &layers));
    let network = Network::read(&file).expect("a file in the format");
    let levels = (0..SIDE * SIDE * 3).map(|at| (at * at % 251) as f32).collect();
    let crop = Crop::new(SIDE, SIDE, 3, levels).expect("sides within bounds");
    println!("a crop of {SIDE} px, {:.0} million products", products(&layers) as f64 / 1e6);
    for instructions in Instructions::all() {
        let mut scratch = Scratch::with(instructions);
        let took =
            milliseconds(|| drop(black_box(network.features_of(black_box(&crop), &mut scratch))));
        println!("{:<14}  {took:.1} ms", instructions.name());
    }
    let lowpass = milliseconds(|| drop(black_box(crop.lowpass())));
    println!("{:<14}  {lowpass:.2} ms", "low-pass");
}
