// SPDX-License-Identifier: MIT OR Apache-2.0
//! Prints the numbers that the model weighs, one picture a line, for the paths on standard input.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a command-line tool

use std::io::{stdin, BufRead};

use assay_frequency::{model, radial, spectra::Analyser};
use assay_plugin_api::evidence::Evidence;
use assay_plugin_api::testing::EvidenceBuilder;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut analyser = Analyser::default();
    let mut with_header = true;
    for path in stdin().lock().lines() {
        let path = path?;
        let picture = image::open(&path)?.to_rgb8();
        let (width, height) = picture.dimensions();
        let evidence = EvidenceBuilder::from_rgb(width, height, picture.into_raw());
        let spectra = match analyser.measure(&Evidence::new(evidence.as_source())) {
            Ok(spectra) => spectra,
            Err(why) => {
                eprintln!("{path}: {why:?}");
                continue;
            }
        };
        let features = model::features(&radial::measure(&spectra));
        if std::mem::take(&mut with_header) {
            println!("path\t{}", features.map(|(name, _)| name).join("\t"));
        }
        println!("{path}\t{}", features.map(|(_, value)| value.to_string()).join("\t"));
    }
    Ok(())
}
