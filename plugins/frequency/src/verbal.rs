// SPDX-License-Identifier: MIT OR Apache-2.0
//! From numbers to words: the `detail` sentence, the findings, the attributes.

use assay_plugin_api::prelude::*;

use crate::peaks::Peak;
use crate::radial::Radial;

/// Most peaks reported one by one.
const MOST_FINDINGS: usize = 8;
/// Scores up to here and from here on have a sentence of their own.
const SENTENCES: (f64, f64) = (0.42, 0.58);

/// The sentence for a person. `peaks` are those that the picture's codec does not explain.
#[must_use]
pub fn detail(peaks: &[Peak], score: f64) -> String {
    let lattice = peaks.iter().find(|peak| peak.on_upsampler_lattice());
    if let Some(peak) = lattice {
        let period = peak.period_px();
        return format!("Periodic frequency artifacts detected at {period} px intervals");
    }
    if let Some(peak) = peaks.first() {
        let period = peak.period_px();
        return format!(
            "Periodic content with a period of {period:.1} px, as screens, weaves, prints and \
             resizing leave it"
        );
    }
    let words = if score >= SENTENCES.1 {
        "No periodic artifacts, but the spectrum falls off as generated pictures' do"
    } else if score > SENTENCES.0 {
        "No periodic frequency artifacts detected"
    } else {
        "No periodic frequency artifacts; the spectrum falls off as photographs' do"
    };
    words.into()
}

/// Adds findings and attributes to a report. `grid_peaks` lie on the grid of the codec's blocks.
#[must_use]
pub fn describe(
    mut report: Report,
    peaks: &[Peak],
    grid_peaks: usize,
    block_px: Option<u32>,
    radial: &Radial,
    tiles: usize,
) -> Report {
    for peak in peaks.iter().take(MOST_FINDINGS) {
        report = report.finding(periodic(peak));
    }
    if let Some(side) = block_px.filter(|_| grid_peaks > 0) {
        let text = format!(
            "{grid_peaks} peaks lie on the codec's own grid of {side} px and were not counted."
        );
        let finding = Finding::new("frequency.peak.block_grid", Severity::Info, text)
            .value("block_px", side)
            .value("peaks", i64::try_from(grid_peaks).unwrap_or(i64::MAX));
        report = report.finding(finding);
    }
    let [_, _, upper, corner] = radial.excess;
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    report
        .attribute("peaks", count(peaks.len()))
        .attribute("period_px", peaks.first().map(Peak::period_px))
        .attribute("block_grid_px", block_px.map(i64::from))
        .attribute("fall_exponent", radial.fall)
        .attribute("upper_band_excess", upper)
        .attribute("corner_excess", corner)
        .attribute("tiles", count(tiles))
}

fn periodic(peak: &Peak) -> Finding {
    let (severity, of) = if peak.on_upsampler_lattice() {
        (Severity::Warning, "on the lattice of an up-sampler")
    } else {
        (Severity::Notice, "off the lattices of up-samplers")
    };
    let text = format!(
        "A peak of period {:.1} px stands out in {:.0} % of the tiles, {of}.",
        peak.period_px(),
        100.0 * peak.share
    );
    Finding::new("frequency.peak.periodic", severity, text)
        .value("period_px", peak.period_px())
        .value("log10_nfa", peak.log10_nfa)
        .value("frequency_x", peak.frequency_x)
        .value("frequency_y", peak.frequency_y)
        .value("tile_share", peak.share)
}
