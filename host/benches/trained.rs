// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the two trained detectors, gan and diffusion, cost on a camera's 12-megapixel JPEG, beside
//! decoding the same file: by libjpeg-turbo's `djpeg` where it is on the path, else by our own decoder.
//! Alternately in one run; prints the ratios of the medians.
//!
//! `cargo build --release --workspace && cargo bench -p assay --bench trained`

#![allow(clippy::print_stdout, clippy::expect_used)] // a program for people

mod common;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use assay::image::evidence::ImageEvidence;
use assay::image::DecodeLimits;
use common::{assay, median, photograph, time, SIZE};

const ROUNDS: usize = 7;

fn djpeg(file: &Path) -> Command {
    let mut command = Command::new("djpeg");
    command.args(["-outfile", "/dev/null"]).arg(file);
    command
}

fn decode(jpeg: &[u8]) -> Duration {
    let start = Instant::now();
    let image = ImageEvidence::from_bytes(jpeg.to_vec(), &DecodeLimits::default());
    let took = start.elapsed();
    assert!(image.is_ok());
    took
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("photograph.jpg");
    let jpeg = photograph();
    std::fs::write(&file, &jpeg).expect("writes");
    let has_djpeg = djpeg(&file).status().is_ok_and(|status| status.success());
    let analyze = |models: &str| {
        let mut command = assay();
        command.args(["analyze", "--format", "jsonl", "--models", models]).arg(&file);
        command
    };
    // Metadata reads a few kilobytes: what it takes is the process, its libraries and the decoding.
    let cases = ["metadata", "gan", "diffusion", "gan,diffusion"];
    let mut decoding = Vec::new();
    let mut times = cases.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        decoding.push(if has_djpeg { time(&mut djpeg(&file)) } else { decode(&jpeg) });
        for (models, times) in cases.iter().zip(&mut times) {
            times.push(time(&mut analyze(models)));
        }
    }
    let decoding = median(decoding);
    let decoder = if has_djpeg { "djpeg" } else { "our own decoder, no djpeg on the path" };
    println!("file  {}x{}, {} bytes", SIZE.0, SIZE.1, jpeg.len());
    println!("decoding  {decoding:?} ({decoder})");
    for (models, times) in cases.iter().zip(times) {
        let took = median(times);
        let ratio = took.as_secs_f64() / decoding.as_secs_f64();
        println!("assay analyze --models {models}  {took:?}, ratio {ratio:.2}");
    }
}
