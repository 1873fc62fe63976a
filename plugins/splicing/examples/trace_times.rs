// SPDX-License-Identifier: MIT OR Apache-2.0
//! Prints the CPU time that each trace takes, the least of some rounds in ms, and a digest of what it
//! found, so that a faster kernel can be seen to find the same: for the pictures that are named. On
//! Linux.

#![allow(clippy::print_stdout)] // a command-line tool

mod file;

use std::collections::hash_map::DefaultHasher;
use std::error::Error;
use std::fmt::Debug;
use std::hash::Hasher;

use assay_plugin_api::evidence::Evidence;
use assay_splicing::{
    cfa, copy_move, double_jpeg, jpeg_grid, noise_level, off_grid, resampling, residual_texture,
};

const ROUNDS: usize = 7;

/// CPU time of this thread, ns.
fn cpu() -> Result<u64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split_whitespace().next().unwrap_or_default().parse()?)
}

fn measure<T: Debug>(what: &str, mut work: impl FnMut() -> T) -> Result<(), Box<dyn Error>> {
    let (mut least, mut digest) = (u64::MAX, 0);
    for _ in 0..ROUNDS {
        let start = cpu()?;
        let found = work();
        least = least.min(cpu()? - start);
        let mut hasher = DefaultHasher::new();
        hasher.write(format!("{found:?}").as_bytes());
        digest = hasher.finish();
    }
    println!("  {what:17} {:8.2}  {digest:016x}", least as f64 * 1e-6);
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
        measure("copies", || copy_move::measure(&evidence))?;
        measure("residual texture", || residual_texture::measure(&evidence))?;
    }
    Ok(())
}
