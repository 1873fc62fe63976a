// SPDX-License-Identifier: MIT OR Apache-2.0
//! A 12-megapixel JPEG through decoding and all six detectors, against libjpeg-turbo's `djpeg`
//! decoding the same file, alternately in one run. Prints the ratio of the medians.
//!
//! `cargo build --release && cargo bench -p assay --bench analyse`

#![allow(clippy::print_stdout, clippy::expect_used)] // a program for people

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

const WIDTH: u32 = 4000;
const HEIGHT: u32 = 3000;
const ROUNDS: usize = 7;

/// Smooth shapes with grain: about 3 MB at this quality, as a camera's file of this size.
fn picture() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut noise = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % 17) as f32 - 8.0
    };
    let mut rgb = Vec::with_capacity((WIDTH * HEIGHT * 3) as usize);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let (u, v) = (x as f32 / 97.0, y as f32 / 61.0);
            let shape = 128.0 + 60.0 * (u.sin() * v.cos()) + 30.0 * (u * 0.31 + v * 0.7).sin();
            let tint = [0.0, 12.0 * (v * 0.2).cos(), -9.0 * (u * 0.2).sin()];
            rgb.extend(tint.map(|tint| (shape + tint + noise()).clamp(0.0, 255.0) as u8));
        }
    }
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, 88);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    encoder.encode(&rgb, WIDTH as u16, HEIGHT as u16, ColorType::Rgb).expect("encodes");
    jpeg
}

fn time(command: &mut Command) -> Duration {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).status();
    let took = start.elapsed();
    assert!(status.is_ok_and(|status| status.success()), "{command:?} failed");
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("twelve-megapixels.jpg");
    let jpeg = picture();
    std::fs::write(&file, &jpeg).expect("writes");
    let assay = env!("CARGO_BIN_EXE_assay");
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/assay.toml");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        theirs.push(time(Command::new("djpeg").args(["-outfile", "/dev/null"]).arg(&file)));
        let arguments = ["--config", config, "analyze", "--format", "jsonl"];
        ours.push(time(Command::new(assay).args(arguments).arg(&file)));
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!("file           {} bytes, {WIDTH}x{HEIGHT}", jpeg.len());
    println!("djpeg          {theirs:?}");
    println!("assay analyze  {ours:?}");
    println!("ratio          {:.2}", ours.as_secs_f64() / theirs.as_secs_f64());
}
