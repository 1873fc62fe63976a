// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes the map of double compression of each JPEG named on standard input.
//!
//! `double_jpeg_map OUTDIR < paths` prints a line of JSON a file: the reason why it does not apply,
//! or the first compression and the regions. The cells of file number `n` go to `OUTDIR/n.f32`,
//! little-endian.

#![allow(clippy::print_stdout)] // a command-line tool

use std::error::Error;
use std::io::{stdin, BufRead};
use std::path::PathBuf;
use std::time::Instant;

use assay_plugin_api::detector::NoScore;
use assay_plugin_api::evidence::{keys, Evidence};
use assay_plugin_api::testing::EvidenceBuilder;
use assay_signal::jpeg::{read_luma_coefficients, JpegFile, Limits};
use assay_splicing::double_jpeg::examine;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder for the maps")?);
    for (number, path) in stdin().lock().lines().enumerate() {
        let evidence = evidence_of(&std::fs::read(path?)?)?;
        let begun = Instant::now();
        let found = examine(&Evidence::new(evidence.as_source()));
        let ms = begun.elapsed().as_secs_f64() * 1e3;
        match found {
            Ok(found) => {
                let (first, trace) = (&found.first, &found.trace);
                let regions: Vec<String> = (trace.regions.iter())
                    .map(|r| format!("[{},{:.2}]", r.cells.len(), r.log10_nfa))
                    .collect();
                let bytes: Vec<u8> =
                    trace.cells.log_odds.iter().flat_map(|odds| odds.to_le_bytes()).collect();
                std::fs::write(folder.join(format!("{number}.f32")), bytes)?;
                println!(
                    "{{\"n\":{number},\"ms\":{ms:.1},\"quality\":{},\"ijg\":{},\"clear\":{},\
                     \"gain\":{:.1},\"columns\":{},\"regions\":[{}]}}",
                    first.quality,
                    first.is_ijg,
                    found.is_clear,
                    first.gain_nats,
                    trace.cells.columns,
                    regions.join(",")
                );
            }
            Err(NoScore::NotApplicable { reason }) => {
                println!(
                    "{{\"n\":{number},\"ms\":{ms:.1},\"not_applicable\":{:?}}}",
                    reason.as_str()
                );
            }
            Err(fault) => return Err(format!("{fault:?}").into()),
        }
    }
    Ok(())
}

/// Pixels, and the coefficients and the table of a JPEG.
fn evidence_of(bytes: &[u8]) -> Result<EvidenceBuilder, Box<dyn Error>> {
    let picture = image::load_from_memory(bytes)?.to_rgb8();
    let (width, height) = picture.dimensions();
    let evidence = EvidenceBuilder::from_rgb(width, height, picture.into_raw());
    let Ok(read) = read_luma_coefficients(bytes, &Limits::default()) else { return Ok(evidence) };
    let Some(&steps) = JpegFile::parse(bytes)?.luma_dqt() else { return Ok(evidence) };
    let (columns, rows) = (read.block_columns, read.block_rows);
    Ok(evidence
        .coefficients(keys::JPEG_LUMA, columns, rows, read.values)
        .table(keys::JPEG_DQT_LUMA, &steps))
}
