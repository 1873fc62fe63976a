// SPDX-License-Identifier: MIT OR Apache-2.0
//! Prints the invisible watermark of each picture: name, bits that agree, `log10_nfa`, method,
//! carrier, whether the picture was cut out of the marked one, wall time in ms; tab-separated. Arguments: files.
//!
//! This is how the figures of diffusion's model card are counted.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a command-line tool

use std::time::Instant;

use assay_signal::traces::Picture;
use assay_signal::watermark;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let rgb = match image::open(&path) {
            Ok(picture) => picture.into_rgb8(),
            Err(error) => {
                eprintln!("{path}: {error}");
                continue;
            }
        };
        let (width, height) = (rgb.width() as usize, rgb.height() as usize);
        let picture = Picture::new(rgb.as_raw(), width, height, 3 * width)?;
        let start = Instant::now();
        let found = watermark::find(&picture);
        let ms = start.elapsed().as_secs_f64() * 1e3;
        match found {
            Some(found) => println!(
                "{path}\t{}\t{}/{}\t{:.1}\t{}\t{:?}\t{}\t{ms:.1}",
                found.message.name,
                found.matched,
                found.message.length(),
                found.log10_nfa,
                found.method.as_str(),
                found.carrier,
                if found.is_cut_out { "cut out" } else { "in place" }
            ),
            None => println!("{path}\tnone\t\t\t\t\t\t{ms:.1}"),
        }
    }
    Ok(())
}
