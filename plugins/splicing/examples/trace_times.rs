// SPDX-License-Identifier: MIT OR Apache-2.0
//! Prints the CPU time that each trace takes, over all its threads, the mean of some rounds in ms, and a
//! digest of what it found, so that a faster kernel can be seen to find the same: for the pictures that
//! are named. On Linux.

#![allow(clippy::print_stdout)] // a command-line tool

mod file;

use std::collections::hash_map::DefaultHasher;
use std::error::Error;
use std::fmt::Debug;
use std::hash::Hasher;

use assay_plugin_api::evidence::Evidence;
use assay_splicing::{
    cfa, contrast, copy_move, double_jpeg, jpeg_grid, noise_level, off_grid, resampling,
    residual_texture,
};

const ROUNDS: u64 = 15;

/// CPU time of this process, of threads that ended too, ms: user and system time, which the system
/// counts in hundredths of a second.
fn cpu() -> Result<u64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = text.rsplit_once(')').unwrap_or_default();
    let of_process = fields.split_whitespace().skip(11).take(2);
    let ticks = of_process.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(10 * ticks)
}

fn measure<T: Debug>(what: &str, work: impl Fn() -> T) -> Result<(), Box<dyn Error>> {
    let mut hasher = DefaultHasher::new();
    hasher.write(format!("{:?}", work()).as_bytes());
    let start = cpu()?;
    for _ in 0..ROUNDS {
        drop(work());
    }
    let mean = (cpu()? - start) as f64 / ROUNDS as f64;
    println!("  {what:17} {mean:8.2}  {:016x}", hasher.finish());
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let evidence = file::evidence(&path)?;
        let evidence = Evidence::new(evidence.as_source());
        println!("{path}");
        measure("jpeg grids", || jpeg_grid::measure(&evidence))?;
        measure("noise level", || noise_level::measure(&evidence))?;
        measure("double jpeg", || double_jpeg::measure(&evidence))?;
        measure("off grid", || off_grid::examine(&evidence))?;
        measure("resampling", || resampling::measure(&evidence))?;
        measure("colour filter", || cfa::measure(&evidence))?;
        measure("contrast", || contrast::measure(&evidence))?;
        measure("copies", || copy_move::measure(&evidence))?;
        measure("residual texture", || residual_texture::measure(&evidence))?;
    }
    Ok(())
}
