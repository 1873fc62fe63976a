// SPDX-License-Identifier: MIT OR Apache-2.0
//! Prints the numbers that the model weighs, one picture a line, for the paths on standard input.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a command-line tool

mod file;

use std::io::{stdin, BufRead};

use assay_plugin_api::evidence::Evidence;
use assay_splicing::model;
use assay_splicing::traces::Traces;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut with_header = true;
    for path in stdin().lock().lines() {
        let path = path?;
        let evidence = file::evidence(&path)?;
        let features = match Traces::measure(&Evidence::new(evidence.as_source())) {
            Ok(traces) => model::features(&traces),
            Err(why) => {
                eprintln!("{path}: {why:?}");
                continue;
            }
        };
        if std::mem::take(&mut with_header) {
            println!("path\t{}", features.map(|(name, _)| name).join("\t"));
        }
        println!("{path}\t{}", features.map(|(_, value)| value.to_string()).join("\t"));
    }
    Ok(())
}
