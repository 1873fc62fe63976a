// SPDX-License-Identifier: MIT OR Apache-2.0
//! Measures the residual texture of the paths on standard input: one JSON line a picture, and the
//! log odds of its cells as little-endian `f32` in the folder that is the argument.

#![allow(clippy::print_stdout)] // a command-line tool

use std::io::{stdin, BufRead};
use std::path::Path;

use assay_plugin_api::evidence::Evidence;
use assay_plugin_api::testing::EvidenceBuilder;
use assay_splicing::residual_texture::measure;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: residual_texture_map FOLDER < PATHS")?;
    for (number, path) in stdin().lock().lines().enumerate() {
        let path = path?;
        let picture = image::open(&path)?.to_rgb8();
        let (width, height) = picture.dimensions();
        let evidence = EvidenceBuilder::from_rgb(width, height, picture.into_raw());
        let started = std::time::Instant::now();
        let found = measure(&Evidence::new(evidence.as_source()));
        let seconds = started.elapsed().as_secs_f64();
        let said = match found {
            Err(why) => format!("\"no_score\":{:?}", format!("{why:?}")),
            Ok(trace) => {
                let cells = trace.cells.log_odds.iter().flat_map(|value| value.to_le_bytes());
                let file = Path::new(&folder).join(format!("{number}.f32"));
                std::fs::write(file, cells.collect::<Vec<u8>>())?;
                let regions = trace.regions.iter();
                let regions = regions.map(|region| (region.cells.len(), region.log10_nfa));
                let regions: Vec<_> = regions.map(|(a, b)| format!("[{a},{b}]")).collect();
                let columns = trace.cells.columns;
                format!("\"columns\":{columns},\"regions\":[{}]", regions.join(","))
            }
        };
        println!("{{\"number\":{number},\"path\":{path:?},\"seconds\":{seconds},{said}}}");
    }
    Ok(())
}
