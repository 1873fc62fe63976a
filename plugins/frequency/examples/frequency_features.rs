// SPDX-License-Identifier: MIT OR Apache-2.0
//! Prints the numbers that the model weighs, one picture a line, for the paths on standard input; with the
//! argument `traces` its periodic traces instead. JPEGs bring their table with them, as in the host.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a command-line tool

use std::error::Error;
use std::io::{stdin, BufRead};

use assay_frequency::judgement::Trace;
use assay_frequency::{model, spectra::Analyser, Found};
use assay_plugin_api::evidence::{keys, Evidence};
use assay_plugin_api::testing::EvidenceBuilder;
use assay_signal::jpeg::JpegFile;

fn main() -> Result<(), Box<dyn Error>> {
    let with_traces = std::env::args().any(|argument| argument == "traces");
    let mut analyser = Analyser::default();
    let mut with_header = true;
    for path in stdin().lock().lines() {
        let path = path?;
        let evidence = evidence(&path)?;
        let found = match Found::of(&mut analyser, &Evidence::new(evidence.as_source())) {
            Ok(found) => found,
            Err(why) => {
                eprintln!("{path}: {why:?}");
                continue;
            }
        };
        let features = model::features(&found.radial);
        let header = std::mem::take(&mut with_header);
        if with_traces {
            if header {
                println!("path\ttiles\tblock\ton_grid\tresampled\tcounted\tcontent");
            }
            println!("{path}\t{}", traces(&found));
        } else {
            if header {
                println!("path\t{}", features.map(|(name, _)| name).join("\t"));
            }
            println!("{path}\t{}", features.map(|(_, value)| value.to_string()).join("\t"));
        }
    }
    Ok(())
}

/// The picture with what the host would tell of its file.
fn evidence(path: &str) -> Result<EvidenceBuilder, Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    let picture = image::load_from_memory(&bytes)?.to_rgb8();
    let (width, height) = picture.dimensions();
    let evidence = EvidenceBuilder::from_rgb(width, height, picture.into_raw());
    let jpeg = JpegFile::parse(&bytes);
    Ok(match jpeg.as_ref().ok().and_then(JpegFile::luma_dqt) {
        Some(table) => evidence.fact(keys::FORMAT, "JPEG").table(keys::JPEG_DQT_LUMA, table),
        None => evidence,
    })
}

fn traces(found: &Found) -> String {
    let one = |trace: &Trace| {
        let (period, way) = (trace.period_px, trace.direction().word());
        let (amplitude, share) = (trace.peak.amplitude, trace.peak.share);
        let how = if trace.is_in_step { "step" } else { "peak" };
        format!("{period:.2} {way} {how} {:.1} {amplitude:.2} {share:.2}", trace.log10_nfa)
    };
    let counted: Vec<_> = found.judgement.counted.iter().map(one).collect();
    let content = found.judgement.content.iter();
    let content: Vec<_> =
        content.map(|(trace, why)| format!("{} {}", one(trace), why.word())).collect();
    let resampled = found
        .resampling
        .map_or(String::new(), |of| format!("{:.3} {:.1}", of.frequency, of.log10_nfa));
    format!(
        "{}x{}\t{:?}\t{}\t{resampled}\t{}\t{}",
        found.spectra.tiles(),
        found.spectra.side,
        found.block_px,
        found.judgement.on_grid,
        counted.join("; "),
        content.join("; ")
    )
}
