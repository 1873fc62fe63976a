// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a call over the plugin boundary costs: a detector that reads one luma sample, loaded from
//! its library and called from here. Prints the time and its share of the limit.
//!
//! `cargo build --release --workspace && cargo bench -p assay --bench boundary`

#![allow(clippy::print_stdout, clippy::expect_used)] // a program for people

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use assay_plugin_api::load::LoadedPlugin;
use assay_plugin_api::testing::EvidenceBuilder;

const CALLS: u32 = 20_000;

/// Median time of one call over batches.
fn per_call(mut call: impl FnMut()) -> Duration {
    let mut batches: Vec<_> = (0..9)
        .map(|_| {
            let start = Instant::now();
            (0..CALLS).for_each(|_| call());
            start.elapsed() / CALLS
        })
        .collect();
    batches.sort();
    batches[batches.len() / 2]
}

fn main() {
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    let folder = Path::new(env!("CARGO_BIN_EXE_assay")).parent().expect("a folder");
    let library = folder.join(format!("{DLL_PREFIX}assay_plugin_template{DLL_SUFFIX}"));
    let plugin = LoadedPlugin::open(&library).expect("the template, built by cargo build");
    let loaded = plugin.create(&[]).expect("defaults");
    // Below the template's smallest picture it answers at once, so that only the boundary is timed:
    // the call, a plane asked for and handed out, a reason made there and freed here.
    let evidence = EvidenceBuilder::grey(8, 8, |_, _| 7);
    let across = per_call(|| drop(black_box(loaded.detect(evidence.as_source()))));
    println!("one call over the boundary  {across:?} (limit 50 µs)");
    println!("share of the limit          {:.4}", across.as_secs_f64() / 50e-6);
}
