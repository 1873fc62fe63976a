// SPDX-License-Identifier: MIT OR Apache-2.0
//! `residual_blocks [FOLDER] < PATHS`: what the constants of the residual texture are fitted to.
//!
//! One line a picture: path, pixels, and the numbers that the verdict weighs, which are missing where
//! the blocks make one group. With `FOLDER`, the numbers of its blocks go to `FOLDER/LINE.f32`,
//! little-endian, block by block.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a command-line tool

mod file;

use std::error::Error;
use std::io::{stdin, BufRead};
use std::path::Path;

use assay_plugin_api::detector::NoScore;
use assay_plugin_api::evidence::Evidence;
use assay_splicing::residual_texture::training;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1);
    for (line, path) in stdin().lock().lines().enumerate() {
        let path = path?;
        let source = file::evidence(&path)?;
        let evidence = Evidence::new(source.as_source());
        if let Some(folder) = &folder {
            let blocks = training::blocks(&evidence).map_err(|why| format!("{path}: {why:?}"))?;
            let bytes = blocks.iter().flatten().flat_map(|&value| (value as f32).to_le_bytes());
            let target = Path::new(folder).join(format!("{line}.f32"));
            std::fs::write(target, bytes.collect::<Vec<u8>>())?;
        }
        let numbers = match training::numbers(&evidence) {
            Ok(numbers) => numbers,
            Err(NoScore::NotApplicable { reason }) => {
                eprintln!("{path}: {reason}");
                continue;
            }
            Err(fault) => return Err(format!("{path}: {fault:?}").into()),
        };
        let luma = evidence.luma().map_err(|why| format!("{path}: {why:?}"))?;
        let numbers: String = numbers.iter().flatten().map(|value| format!("\t{value}")).collect();
        println!("{path}\t{}{numbers}", luma.pixels());
    }
    Ok(())
}
