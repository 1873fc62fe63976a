// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a picture of 12 MP costs when a camera's fingerprint is looked for in it. One thread.
//!
//! `cargo bench -p assay-signal --bench prnu`

#![allow(clippy::print_stdout, clippy::expect_used)] // a program for people

use std::hint::black_box;
use std::time::Instant;

use assay_signal::prnu::cleaning::cleaned;
use assay_signal::prnu::correlation::Correlations;
use assay_signal::prnu::denoise::residual;
use assay_signal::prnu::fingerprint::weighted_residual;
use assay_signal::prnu::LumaPlane;

const WIDTH: usize = 4_000;
const HEIGHT: usize = 3_000;
const ROUNDS: usize = 5;

/// Least seconds of some rounds: other work on the machine only adds.
fn seconds<T>(mut run: impl FnMut() -> T) -> f64 {
    let rounds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        drop(black_box(run()));
        start.elapsed().as_secs_f64()
    });
    rounds.fold(f64::INFINITY, f64::min)
}

fn main() {
    // A ramp with noise: splitmix64 of the place.
    let sample = |at: usize| {
        let noise = (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60;
        (40 + at % WIDTH / 25) as u8 + noise as u8
    };
    let samples: Vec<u8> = (0..WIDTH * HEIGHT).map(sample).collect();
    let luma = LumaPlane::new(WIDTH, HEIGHT, WIDTH, &samples).expect("whole rows");
    let weighted = weighted_residual(luma);
    let clean = cleaned(weighted.clone());
    println!("residual              {:.2} s", seconds(|| residual(luma)));
    println!("residual, weighted    {:.2} s", seconds(|| weighted_residual(luma)));
    println!("cleaning              {:.2} s", seconds(|| cleaned(weighted.clone())));
    println!(
        "correlation, a camera {:.2} s",
        seconds(|| Correlations::new(&clean, weighted.clone()))
    );
}
