// SPDX-License-Identifier: MIT OR Apache-2.0
//! `copy_sides < PATHS`: of the most significant copy of each picture the cells of both sides, and what the
//! other traces say of each side on average, one JSON line a picture.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a command-line tool

mod file;

use std::io::{stdin, BufRead};

use assay_plugin_api::evidence::Evidence;
use assay_splicing::copy_side;
use assay_splicing::traces::Traces;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in stdin().lock().lines() {
        let path = path?;
        let evidence = file::evidence(&path)?;
        let traces = match Traces::measure(&Evidence::new(evidence.as_source())) {
            Ok(traces) => traces,
            Err(why) => {
                eprintln!("{path}: {why:?}");
                continue;
            }
        };
        let Some(trace) = traces.copy_move.trace() else { continue };
        let Some(region) = trace.regions.first() else { continue };
        let evidence = copy_side::evidence(region, &traces);
        let evidence: Vec<_> =
            evidence.iter().map(|(name, odds)| format!("{name:?}:{odds}")).collect();
        println!(
            "{{\"path\":{path:?},\"columns\":{},\"cells\":{:?},\"source_cells\":{:?},{}}}",
            trace.cells.columns,
            region.cells,
            region.source_cells,
            evidence.join(",")
        );
    }
    Ok(())
}
