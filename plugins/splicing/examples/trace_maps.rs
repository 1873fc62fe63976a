// SPDX-License-Identifier: MIT OR Apache-2.0
//! `trace_maps TRACE FOLDER < PATHS`: what one trace says (`double_jpeg`, `off_grid`, `contrast`, `copy_move`,
//! `residual_texture`, `resampling`, `cfa`), one JSON line a picture; the log odds of the cells go to
//! `FOLDER/LINE.f32`, little-endian, row by row.

#![allow(clippy::print_stdout)] // a command-line tool

mod file;

use std::error::Error;
use std::io::{stdin, BufRead};
use std::path::Path;

use assay_plugin_api::detector::NoScore;
use assay_plugin_api::evidence::Evidence;
use assay_splicing::{
    cfa, contrast, copy_move, double_jpeg, off_grid, resampling, residual_texture,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (name, folder) = arguments.next().zip(arguments.next()).ok_or("usage: TRACE FOLDER")?;
    let measure = match name.as_str() {
        "double_jpeg" => double_jpeg::measure,
        "off_grid" => off_grid::measure,
        "contrast" => contrast::measure,
        "copy_move" => copy_move::measure,
        "residual_texture" => residual_texture::measure,
        "resampling" => resampling::measure,
        "cfa" => cfa::measure,
        other => return Err(format!("no trace is called {other}").into()),
    };
    for (line, path) in stdin().lock().lines().enumerate() {
        let path = path?;
        let evidence = file::evidence(&path)?;
        let said = match measure(&Evidence::new(evidence.as_source())) {
            Err(NoScore::NotApplicable { reason }) => {
                format!("\"not_applicable\":{:?}", reason.as_str())
            }
            Err(fault) => return Err(format!("{path}: {fault:?}").into()),
            Ok(trace) => {
                let cells = trace.cells.log_odds.iter().flat_map(|odds| odds.to_le_bytes());
                let target = Path::new(&folder).join(format!("{line}.f32"));
                std::fs::write(target, cells.collect::<Vec<u8>>())?;
                let regions = trace.regions.iter();
                let regions: Vec<_> = regions
                    .map(|region| format!("[{},{:.2}]", region.cells.len(), region.log10_nfa))
                    .collect();
                format!("\"columns\":{},\"regions\":[{}]", trace.cells.columns, regions.join(","))
            }
        };
        println!("{{\"line\":{line},\"path\":{path:?},{said}}}");
    }
    Ok(())
}
