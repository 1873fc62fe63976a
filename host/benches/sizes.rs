// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the detectors of pixel statistics, splicing, noise and frequency, cost on a camera's JPEG of 1,
//! 4, 12 and 48 megapixels: times beside the decoding of the same file by libjpeg-turbo's `djpeg`
//! (where it is not on the path, by our decoder), nanoseconds and bytes a pixel.
//!
//! Alternately in one run, each on a picture decoded anew, so that luma and coefficients count for
//! whoever asks first; medians of times, means of CPU times (Linux, in steps of 10 ms). Memory is what a process of its own has at most beyond what it holds
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

use common::{assay, config, median, photograph, time, SIZE};
use in_process::{analyser, answer, decode, djpeg, has_djpeg, request};

/// Width and height, px, and rounds.
const SIZES: [((usize, usize), usize); 4] =
    [((1_152, 864), 11), ((2_304, 1_728), 9), (SIZE, 7), ((8_000, 6_000), 3)];
const TOGETHER: &str = "splicing,noise,frequency";
/// What is timed, as a request names it.
const TIMED: [&str; 4] = ["splicing", "noise", "frequency", TOGETHER];
/// Larger files are over the shipped configuration's limit, and not given to the command.
const MOST_BYTES: usize = 20_000_000;
/// The first argument of a process that tells its memory; then come detectors and a file.
const MEMORY: &str = "--memory-of";

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

/// CPU time of this process and of those that it waited for, in hundredths of a second; `None` where
/// the system does not tell.
fn cpu() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    // User and system time, of this process and of its children [proc(5): fields 14 to 17].
    fields.split_whitespace().skip(11).take(4).map(|field| field.parse::<u64>().ok()).sum()
}

/// What one thing took in all rounds.
#[derive(Default)]
struct Taken {
    times: Vec<Duration>,
    cpu: Option<u64>,
}

impl Taken {
    fn add<T>(&mut self, work: impl FnOnce() -> (Duration, T)) -> T {
        let before = cpu();
        let (took, result) = work();
        let spent = cpu().zip(before).map(|(after, before)| after - before);
        self.cpu = spent.map(|spent| spent + self.cpu.unwrap_or(0));
        self.times.push(took);
        result
    }

    /// Median of the times and mean of the CPU times, in seconds.
    fn seconds(&self) -> (f64, Option<f64>) {
        let cpu = self.cpu.map(|spent| spent as f64 / 100.0 / self.times.len() as f64);
        (median(self.times.clone()).as_secs_f64(), cpu)
    }
}

fn measure(size: (usize, usize), rounds: usize) {
    let jpeg = photograph(size);
    let pixels = (size.0 * size.1) as f64;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("photograph.jpg");
    std::fs::write(&file, &jpeg).expect("writes");
    let has_djpeg = has_djpeg(&file);
    let analyser = analyser(config());
    let requests = TIMED.map(request);
    let mut taken = TIMED.map(|_| Taken::default());
    let (mut djpegs, mut ours, mut commands) =
        (Taken::default(), Taken::default(), Taken::default());
    for _ in 0..rounds {
        for (request, taken) in requests.iter().zip(&mut taken) {
            let image = Arc::new(ours.add(|| decode(&jpeg)));
            taken.add(|| (answer(&analyser, &image, request), ()));
        }
        if has_djpeg {
            djpegs.add(|| (time(&mut djpeg(&file)), ()));
        }
        if jpeg.len() < MOST_BYTES {
            let mut command = assay();
            command.args(["analyze", "--format", "jsonl", "--models", TOGETHER]).arg(&file);
            commands.add(|| (time(&mut command), ()));
        }
    }
    let decoder = if has_djpeg { ("djpeg", &djpegs) } else { ("our decoder", &ours) };
    let decoding = decoder.1.seconds();
    let print = |what: &str, taken: &Taken, memory: Option<u64>| {
        let (took, spent) = taken.seconds();
        let ratio = spent.zip(decoding.1).map(|(spent, decoding)| spent / decoding);
        println!(
            "  {what:27} {:8.1} ms {:6.2}   CPU {:8.1} ms {:6.2}   {:6.2} ns/px   {}",
            1e3 * took,
            took / decoding.0,
            1e3 * spent.unwrap_or(f64::NAN),
            ratio.unwrap_or(f64::NAN),
            1e9 * took / pixels,
            memory.map_or(String::new(), |bytes| format!("{:5.2} B/px", bytes as f64 / pixels)),
        );
    };
    println!("{}x{}, {} bytes; ratios to {}", size.0, size.1, jpeg.len(), decoder.0);
    if has_djpeg {
        print("djpeg", &djpegs, None);
    }
    print("our decoder", &ours, None);
    for (names, taken) in TIMED.iter().zip(&taken) {
        print(names, taken, peak_of_child(names, &file));
    }
    if !commands.times.is_empty() {
        print("assay analyze, these three", &commands, None);
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
    for (size, rounds) in SIZES {
        measure(size, rounds);
    }
}
