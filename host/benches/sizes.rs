// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the detectors of pixel statistics, splicing, noise and frequency, cost on a camera's JPEG of 1,
//! 4, 12 and 48 megapixels: times beside the decoding of the same file by libjpeg-turbo's `djpeg`
//! (where it is not on the path, by our decoder), nanoseconds and bytes a pixel.
//!
//! Alternately in one run, each on a picture decoded anew, so that luma and coefficients count for
//! whoever asks first; medians. Memory is what a process of its own has at most beyond what it holds
//! when the picture is decoded, where the system tells (Linux). The last line of a size is the command,
//! process start and decoding included.
//!
//! `cargo build --release --workspace && cargo bench -p assay --bench sizes`

#![allow(clippy::print_stdout, clippy::expect_used)] // a program for people

mod common;
mod in_process;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use assay_conformance::synth::codec::Jpeg;
use assay_conformance::synth::{Camera, Scene};
use common::{assay, config, median, time};
use in_process::{analyser, answer, decode, djpeg, has_djpeg, request};

/// Width and height, px, and rounds.
const SIZES: [(usize, usize, usize); 4] =
    [(1_152, 864, 11), (2_304, 1_728, 9), (4_000, 3_000, 7), (8_000, 6_000, 3)];
/// What is timed, as a request names it; the last are all of them at once.
const TIMED: [&str; 4] = ["splicing", "noise", "frequency", "splicing,noise,frequency"];
/// The first argument of a process that tells its memory; then come detectors and a file.
const MEMORY: &str = "--memory-of";

fn photograph(width: usize, height: usize) -> Vec<u8> {
    let picture = Camera::with_body(1).shoot(&Scene::new(1).light(width, height), 1);
    Jpeg::quality(90).encode(&picture).expect("encodes")
}

/// A number of bytes of this process, as `/proc/self/status` names it.
fn status(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// Bytes that detectors need beyond a decoded file; `None` where the system does not tell.
fn peak(detectors: &str, file: &Path) -> Option<u64> {
    let analyser = analyser(config());
    let image = Arc::new(decode(&std::fs::read(file).expect("reads")).1);
    // Makes what is held now the most that was held.
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    let before = status("VmRSS")?;
    answer(&analyser, &image, &request(detectors));
    status("VmHWM")?.checked_sub(before)
}

/// The same of a process of its own.
fn peak_of_child(detectors: &str, file: &Path) -> Option<u64> {
    let itself = std::env::current_exe().expect("a program");
    let said = Command::new(itself).args([MEMORY, detectors]).arg(file).output().ok()?;
    String::from_utf8(said.stdout).ok()?.trim().parse().ok()
}

fn measure(width: usize, height: usize, rounds: usize) {
    let jpeg = photograph(width, height);
    let pixels = (width * height) as f64;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("photograph.jpg");
    std::fs::write(&file, &jpeg).expect("writes");
    let has_djpeg = has_djpeg(&file);
    let analyser = analyser(config());
    let requests = TIMED.map(request);
    let mut times = TIMED.map(|_| Vec::new());
    let (mut decoding, mut ours, mut commands) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        for (request, times) in requests.iter().zip(&mut times) {
            let (took, image) = decode(&jpeg);
            ours.push(took);
            times.push(answer(&analyser, &Arc::new(image), request));
        }
        if has_djpeg {
            decoding.push(time(&mut djpeg(&file)));
        }
        let arguments = ["analyze", "--format", "jsonl", "--models", TIMED[3]];
        if jpeg.len() < 20_000_000 {
            commands.push(time(assay().args(arguments).arg(&file)));
        }
    }
    let ours = median(ours);
    let (decoder, decoding) = match has_djpeg {
        true => ("djpeg", median(decoding)),
        false => ("our decoder, no djpeg on the path", ours),
    };
    let print = |what: &str, took: Duration, memory: Option<u64>| {
        let ratio = took.as_secs_f64() / decoding.as_secs_f64();
        let a_pixel = took.as_nanos() as f64 / pixels;
        let memory = memory.map_or(String::new(), |bytes| format!("{:6.2} B/px", bytes as f64 / pixels));
        println!("  {what:26} {:8.1} ms  {ratio:5.2}  {a_pixel:6.2} ns/px  {memory}", took.as_secs_f64() * 1e3);
    };
    println!("{width}x{height}, {} bytes; ratios to {decoder}", jpeg.len());
    print(decoder, decoding, None);
    print("our decoder", ours, None);
    for (names, times) in TIMED.iter().zip(times) {
        print(names, median(times), peak_of_child(names, &file));
    }
    if !commands.is_empty() {
        print("assay analyze, these three", median(commands), None);
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [mode, detectors, file] = arguments.as_slice() {
        if mode == MEMORY {
            let bytes = peak(detectors, &PathBuf::from(file));
            println!("{}", bytes.map_or(String::new(), |bytes| bytes.to_string()));
            return;
        }
    }
    for (width, height, rounds) in SIZES {
        measure(width, height, rounds);
    }
}
