// SPDX-License-Identifier: MIT OR Apache-2.0
//! Prints the numbers that the model weighs, one picture a line, for the paths on standard input.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a command-line tool

use std::io::{stdin, BufRead};

use assay_noise::{blocks::Blocks, flat, model::Cues};
use assay_plugin_api::evidence::Evidence;
use assay_plugin_api::testing::EvidenceBuilder;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut with_header = true;
    for path in stdin().lock().lines() {
        let path = path?;
        let picture = image::open(&path)?.to_rgb8();
        let (width, height) = picture.dimensions();
        let evidence = EvidenceBuilder::from_rgb(width, height, picture.into_raw());
        let blocks = match Blocks::measure(&Evidence::new(evidence.as_source())) {
            Ok(blocks) => blocks,
            Err(why) => {
                eprintln!("{path}: {why:?}");
                continue;
            }
        };
        let Some(flat) = flat::select(&blocks) else {
            eprintln!("{path}: hardly any flat area");
            continue;
        };
        let Some(features) = Cues::measure(&blocks, &flat).map(|cues| cues.features()) else {
            continue;
        };
        if std::mem::take(&mut with_header) {
            println!("path\t{}", features.map(|(name, _)| name).join("\t"));
        }
        println!("{path}\t{}", features.map(|(_, value)| value.to_string()).join("\t"));
    }
    Ok(())
}
