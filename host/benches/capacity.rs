// SPDX-License-Identifier: MIT OR Apache-2.0
//! How many cores a stream of pictures takes: a line through the CPU time of pictures of several sizes, a
//! queue that is simulated with measured times and compared with a real one, and what that makes for
//! 1, 100 and 10,000 pictures a second.
//!
//! `cargo build --release --workspace && cargo bench -p assay --bench capacity`

#![allow(clippy::print_stdout, clippy::expect_used)] // a program for people

#[allow(dead_code)] // the commands, which other benches time
mod common;
#[allow(dead_code)] // djpeg and single detectors, which other benches time
mod in_process;

use std::process::Command;
use std::sync::mpsc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use assay::analysis::{Analyser, AnalysisRequest};
use assay_conformance::capacity::{simulate, Line, Station, Waits};
use assay_conformance::synth::random::Random;
use serde_json::Value;

use common::{config, photograph};
use in_process::{analyser, decode};

/// Megapixels of the pictures, each as frequent as the others.
const SIZES: [&str; 5] = ["0.5", "1", "2", "4", "12"];
/// Times that each size is measured.
const ROUNDS: &str = "5";
/// Pictures that come to the real queue, and their size, px.
const COMING: usize = 120;
const SIZE: (usize, usize) = (640, 480);
/// Share of the one server's time that they take, on average.
const LOAD: f64 = 0.6;
/// Pictures of a simulation.
const SIMULATED: usize = 400_000;
/// Share of the cores' time that is spent where cores are counted: the rest keeps queues short.
const BUSY: f64 = 0.8;

/// CPU time of one picture of each size and how long storing it took, s, as `assay bench` measures them.
fn measured() -> Vec<(f64, f64, f64)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    let sizes = SIZES.join(",");
    command.arg("--config").arg(config());
    command
        .args(["bench", "--format", "json", "--rounds", ROUNDS, "--jobs", "1", "--sizes", &sizes]);
    let output = command.output().expect("assay bench");
    let told: Value = serde_json::from_slice(&output.stdout).expect("an object");
    let sets = told["sets"].as_array().expect("sets");
    let of_set = |(set, size): (&Value, &&str)| {
        let stages = set["stages"].as_array()?;
        let store = stages.iter().find(|stage| stage["stage"] == "store")?;
        let cpu = set["rates"][0]["cpu_seconds_per_picture"].as_f64()?;
        Some((size.parse().ok()?, cpu, store["wall_ms"]["median"].as_f64()? / 1e3))
    };
    sets.iter().zip(&SIZES).map(|pair| of_set(pair).expect("figures")).collect()
}

fn examine(analyser: &Analyser, jpeg: &[u8]) {
    let image = Arc::new(decode(jpeg).1);
    analyser.analyse(&image, &AnalysisRequest::default()).expect("a right request");
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    sorted[(share * sorted.len() as f64) as usize]
}

/// Times of one picture after another, and how long pictures stayed that came at random times, s.
fn real_queue() -> (Vec<f64>, f64, Vec<f64>) {
    let (analyser, jpeg) = (analyser(config()), photograph(SIZE));
    examine(&analyser, &jpeg);
    let service: Vec<f64> = (0..COMING / 2)
        .map(|_| {
            let start = Instant::now();
            examine(&analyser, &jpeg);
            start.elapsed().as_secs_f64()
        })
        .collect();
    let mean = service.iter().sum::<f64>() / service.len() as f64;
    let rate = LOAD / mean;
    let (sender, receiver) = mpsc::channel::<Instant>();
    let (analyser, jpeg) = (&analyser, &jpeg);
    let mut stays = std::thread::scope(|scope| {
        let server = scope.spawn(move || {
            receiver
                .into_iter()
                .map(|came| {
                    examine(analyser, jpeg);
                    came.elapsed().as_secs_f64()
                })
                .collect::<Vec<_>>()
        });
        let mut random = Random::new(1);
        for _ in 0..COMING {
            std::thread::sleep(Duration::from_secs_f64(-(1.0 - random.unit()).ln() / rate));
            sender.send(Instant::now()).expect("a server");
        }
        drop(sender);
        server.join().expect("no panic")
    });
    stays.sort_by(f64::total_cmp);
    (service, rate, stays)
}

fn print_waits(what: &str, waits: &Waits) {
    let Waits { mean, median, most_of_95, busiest } = waits;
    println!(
        "{what}: mean {mean:.3} s, median {median:.3} s, 95 of 100 within {most_of_95:.3} s, {:.0} % busy",
        100.0 * busiest
    );
}

fn main() {
    let measured = measured();
    let points: Vec<_> = measured.iter().map(|&(size, cpu, _)| (size, cpu)).collect();
    let line = Line::through(&points).expect("sizes that differ");
    println!("CPU s a picture = {:.3} + {:.4} a megapixel", line.fixed, line.slope);
    for (&(size, cpu, store), residual) in measured.iter().zip(&line.residuals) {
        println!("  {size} MP: {cpu:.3} s, {residual:+.3} off the line; stored in {store:.4} s");
    }
    let (service, rate, stays) = real_queue();
    let mean = stays.iter().sum::<f64>() / stays.len() as f64;
    println!(
        "real queue, one server, {rate:.2} a second (n {COMING}): mean {mean:.3} s, median {:.3} s, 95 of \
         100 within {:.3} s",
        quantile(&stays, 0.5),
        quantile(&stays, 0.95)
    );
    let one = Station { servers: 1, service_seconds: service };
    print_waits("simulated", &simulate(&[one], rate, SIMULATED, 1).expect("a queue"));
    let cpu: Vec<f64> = measured.iter().map(|&(_, cpu, _)| cpu).collect();
    let mean = cpu.iter().sum::<f64>() / cpu.len() as f64;
    for per_second in [1.0, 100.0, 10_000.0] {
        let servers = (per_second * mean / BUSY).ceil() as usize;
        let cores = Station { servers, service_seconds: cpu.clone() };
        let waits = simulate(&[cores], per_second, SIMULATED, 2).expect("a queue");
        print_waits(&format!("{per_second} a second on {servers} cores"), &waits);
    }
}
