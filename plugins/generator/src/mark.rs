// SPDX-License-Identifier: MIT OR Apache-2.0
//! A generator's invisible watermark in the report: it outranks statistics.
//!
//! Statistics of pixels say how alike pictures are; a watermark is a message that a generator's
//! program put there, found by chance in less than one unmarked picture of a million
//! ([`MOST_FALSE_ALARMS`]). It is a claim all the same, since anybody can write it.

use assay_plugin_api::prelude::*;
use assay_signal::watermark::{Watermark, MOST_FALSE_ALARMS};

/// Score of a marked picture: above what statistics may reach (0.95), and short of certainty because
/// anybody can write the mark.
const MARKED_SCORE: f64 = 0.98;
/// Code of the finding.
const CODE: &str = "watermark.generator";

/// Adds the watermark to a report on the statistics of the same picture.
pub(crate) fn added(mark: &Watermark, report: Report) -> Report {
    let statistics = String::from(report.detail.as_str());
    let score = Score::clamped(report.score.max(MARKED_SCORE));
    let report = Report { score: score.get(), ..report };
    described(mark, report, &statistics)
}

/// A report on the watermark of a picture whose statistics cannot be measured, and why they cannot.
pub(crate) fn alone(mark: &Watermark, abstention: &str) -> Report {
    described(mark, Report::new(Score::clamped(MARKED_SCORE)), abstention)
}

fn described(mark: &Watermark, report: Report, rest: &str) -> Report {
    let (writer, bits) = (mark.message.writer, mark.message.length() as i64);
    let matched = mark.matched as i64;
    let whole = if mark.is_cut_out { ", cut out of the marked one," } else { "" };
    let sentence = format!(
        "The picture{whole} carries the invisible watermark that {writer} writes: {matched} of {bits} \
         bits, in less than one unmarked picture of {:.0}.",
        1.0 / MOST_FALSE_ALARMS
    );
    let finding = Finding::new(CODE, Severity::Decisive, sentence.as_str())
        .value("watermark", mark.message.name)
        .value("bits_matched", matched)
        .value("bits", bits)
        .value("log10_nfa", mark.log10_nfa);
    report
        .detail(format!("{sentence} {rest}"))
        .attribute("watermark", mark.message.name)
        .attribute("watermark_bits_matched", matched)
        .attribute("watermark_bits", bits)
        .attribute("watermark_log10_nfa", mark.log10_nfa)
        .attribute("watermark_cut_out", mark.is_cut_out)
        .finding(finding)
}
