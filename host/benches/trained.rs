// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the two trained detectors, gan and diffusion, cost on a camera's 12-megapixel JPEG, beside
//! decoding the same file. Alternately in one run; prints the ratios of the medians.
//!
//! First within this process: the detectors' own time, one alone and both at once, as a share of our
//! decoder's. Then as commands, process start and decoding included, beside libjpeg-turbo's `djpeg`
//! where it is on the path, else beside our decoder.
//!
//! `cargo build --release --workspace && cargo bench -p assay --bench trained`

#![allow(clippy::print_stdout, clippy::expect_used)] // a program for people

mod common;
mod in_process;

use std::sync::Arc;
use std::time::Duration;

use common::{assay, config, median, photograph, time, SIZE};
use in_process::{analyser, answer, decode, djpeg, has_djpeg, request};

const ROUNDS: usize = 11;
/// The detectors that are timed, as a request names them.
const TIMED: [&str; 3] = ["gan", "diffusion", "gan,diffusion"];

fn print(what: &str, took: Duration, decoding: Duration) {
    println!("{what}  {took:?}, ratio {:.2}", took.as_secs_f64() / decoding.as_secs_f64());
}

fn own_time(jpeg: &[u8]) {
    let analyser = analyser(config());
    let requests = TIMED.map(request);
    let mut decoding = Vec::new();
    let mut times = TIMED.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        let (took, image) = decode(jpeg);
        decoding.push(took);
        let image = Arc::new(image);
        for (request, times) in requests.iter().zip(&mut times) {
            times.push(answer(&analyser, &image, request));
        }
    }
    let decoding = median(decoding);
    println!("within one process: decoding  {decoding:?}");
    for (names, times) in TIMED.iter().zip(times) {
        print(&format!("  {names}"), median(times), decoding);
    }
}

fn commands(jpeg: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("photograph.jpg");
    std::fs::write(&file, jpeg).expect("writes");
    let has_djpeg = has_djpeg(&file);
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
        decoding.push(if has_djpeg { time(&mut djpeg(&file)) } else { decode(jpeg).0 });
        for (models, times) in cases.iter().zip(&mut times) {
            times.push(time(&mut analyze(models)));
        }
    }
    let decoding = median(decoding);
    let decoder = if has_djpeg { "djpeg" } else { "our own decoder, no djpeg on the path" };
    println!("commands: decoding  {decoding:?} ({decoder})");
    for (models, times) in cases.iter().zip(times) {
        print(&format!("  assay analyze --models {models}"), median(times), decoding);
    }
}

fn main() {
    let jpeg = photograph(SIZE);
    println!("file  {}x{}, {} bytes", SIZE.0, SIZE.1, jpeg.len());
    own_time(&jpeg);
    commands(&jpeg);
}
