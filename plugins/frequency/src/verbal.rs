// SPDX-License-Identifier: MIT OR Apache-2.0
//! From numbers to words: the `detail` sentence, the findings, the attributes, the picture.

use assay_plugin_api::prelude::*;

use crate::judgement::{Reason, Trace};
use crate::resampling::Resampling;
use crate::{picture, Found};

/// Most traces reported one by one, of those that count and of the others each.
const MOST_FINDINGS: usize = 8;
/// Scores up to here and from here on have a sentence of their own.
const SENTENCES: (f64, f64) = (0.42, 0.58);
/// Attribute with the picture of the spectrum. A host that knows the ending sends it where pictures
/// are asked for.
pub const SPECTRUM: &str = "spectrum_png_base64";

/// Adds detail, findings and attributes to a report.
#[must_use]
pub fn describe(mut report: Report, found: &Found) -> Report {
    let judgement = &found.judgement;
    let sentence = detail(&judgement.counted, &judgement.content, report.score);
    report = report.detail(sentence);
    for trace in judgement.counted.iter().take(MOST_FINDINGS) {
        report = report.finding(periodic(trace));
    }
    for (trace, reason) in judgement.content.iter().take(MOST_FINDINGS) {
        report = report.finding(content(trace, *reason));
    }
    if let Some(side) = found.block_px.filter(|_| judgement.on_grid > 0) {
        let n = judgement.on_grid;
        let text =
            format!("{n} peaks lie on the codec's own grid of {side} px and were not counted.");
        let finding = Finding::new("frequency.peak.block_grid", Severity::Info, text)
            .value("block_px", side)
            .value("peaks", count(n));
        report = report.finding(finding);
    }
    if let Some(resampling) = &found.resampling {
        report = report.finding(resized(resampling));
    }
    let strongest = judgement.counted.first().or(judgement.content.first().map(|(trace, _)| trace));
    let [_, _, upper, corner] = found.radial.excess;
    report
        .attribute("peaks", count(judgement.counted.len() + judgement.content.len()))
        .attribute("period_px", strongest.map(|trace| trace.period_px))
        .attribute("direction", strongest.map(|trace| trace.direction().word()))
        .attribute("resampling_factor", found.resampling.map(|found| found.factors()[0]))
        .attribute("block_grid_px", found.block_px.map(i64::from))
        .attribute("fall_exponent", found.radial.fall)
        .attribute("upper_band_excess", upper)
        .attribute("corner_excess", corner)
        .attribute("tiles", count(found.spectra.tiles()))
        .attribute("tile_px", count(found.spectra.side))
        .attribute(SPECTRUM, picture::base64_png(&found.spectra, &found.coarse))
}

/// The sentence for a person.
fn detail(counted: &[Trace], content: &[(Trace, Reason)], score: f64) -> String {
    if let Some(trace) = counted.first() {
        return format!(
            "Periodic frequency artifacts detected at {}px intervals: a pattern repeats every {:.1} px \
             {}",
            trace.period_px,
            trace.peak.wavelength_px(),
            trace.direction().word()
        );
    }
    let spoken = |of: &&(Trace, Reason)| matches!(of.1, Reason::OffLattice | Reason::Visible);
    if let Some((trace, _)) = content.iter().find(spoken) {
        return format!(
            "A pattern repeats every {:.1} px {}, as screens, weaves, prints and resizing leave it; no \
             artifacts of a generator",
            trace.peak.wavelength_px(),
            trace.direction().word()
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

fn periodic(trace: &Trace) -> Finding {
    let text = format!(
        "A pattern repeats every {:.1} px {}, on the lattice of an up-sampler by {}{}.",
        trace.peak.wavelength_px(),
        trace.direction().word(),
        trace.period_px,
        if trace.is_in_step { ", in step over the picture" } else { "" },
    );
    with_values(Finding::new("frequency.peak.periodic", Severity::Warning, text), trace)
        .value("in_step", trace.is_in_step)
}

fn content(trace: &Trace, reason: Reason) -> Finding {
    let text = format!(
        "A pattern repeats every {:.1} px {}, {}: content, not counted.",
        trace.peak.wavelength_px(),
        trace.direction().word(),
        reason.clause()
    );
    with_values(Finding::new("spectrum.peak.content", Severity::Info, text), trace)
        .value("reason", reason.word())
}

fn with_values(finding: Finding, trace: &Trace) -> Finding {
    finding
        .value("period_px", trace.period_px)
        .value("direction", trace.direction().word())
        .value("log10_nfa", trace.log10_nfa)
        .value("frequency_x", trace.peak.frequency_x)
        .value("frequency_y", trace.peak.frequency_y)
        .value("tile_share", trace.peak.share)
        .value("amplitude_levels", trace.peak.amplitude)
}

fn resized(found: &Resampling) -> Finding {
    let [least, further, reduced] = found.factors();
    let text = format!(
        "The picture was resized: by {least:.2}, or else by {further:.2} or {reduced:.2}, which look alike."
    );
    Finding::new("frequency.resampled", Severity::Info, text)
        .value("factor", least)
        .value("factor_enlarged_more", further)
        .value("factor_reduced", reduced)
        .value("frequency", found.frequency)
        .value("log10_nfa", found.log10_nfa)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
