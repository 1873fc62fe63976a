// SPDX-License-Identifier: MIT OR Apache-2.0
//! Prints what the copy-move trace finds, one JSON object a picture, for the paths on standard input;
//! the log odds of the cells go to `OUTDIR/LINE.f32`, little-endian, row by row.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a command-line tool

use std::io::{stdin, BufRead};
use std::path::Path;

use assay_plugin_api::evidence::Evidence;
use assay_plugin_api::testing::EvidenceBuilder;
use assay_splicing::copy_move;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: copy_move_map OUTDIR < PATHS")?;
    for (line, path) in stdin().lock().lines().enumerate() {
        let path = path?;
        let picture = image::open(&path)?.to_rgb8();
        let (width, height) = picture.dimensions();
        let evidence = EvidenceBuilder::from_rgb(width, height, picture.into_raw());
        let measured = copy_move::measure(&Evidence::new(evidence.as_source()));
        match measured {
            Err(why) => println!("{{\"path\":{path:?},\"no_score\":\"{why:?}\"}}"),
            Ok(trace) => {
                let regions: Vec<String> = trace
                    .regions
                    .iter()
                    .map(|region| {
                        let (cells, source) = (&region.cells, &region.source_cells);
                        format!(
                            "{{\"log10_nfa\":{:.3},\"cells\":{cells:?},\"source\":{source:?}}}",
                            region.log10_nfa
                        )
                    })
                    .collect();
                println!(
                    "{{\"path\":{path:?},\"line\":{line},\"columns\":{},\"regions\":[{}]}}",
                    trace.cells.columns,
                    regions.join(",")
                );
                let bytes: Vec<u8> =
                    trace.cells.log_odds.iter().flat_map(|odds| odds.to_le_bytes()).collect();
                std::fs::write(Path::new(&folder).join(format!("{line}.f32")), bytes)?;
            }
        }
    }
    Ok(())
}
