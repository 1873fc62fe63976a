// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a reading to words: the sentence, the attributes, the finding.

use std::fmt::Write as _;

use assay_plugin_api::prelude::*;
use assay_signal::attribution::Attributed;
use assay_signal::classifier::{Family, Reading};
use assay_signal::model::CompressionState;
use assay_signal::traces::crops::NoCrop;

use crate::{Resemblance, Subject};

/// The report of a reading, without its heatmap.
pub(crate) fn of(
    subject: &Subject,
    reading: &Reading,
    state: CompressionState,
    digest: [u8; 32],
) -> Report {
    let resemblance = Resemblance::of(reading);
    let family = match &reading.family {
        Family::Named(named) if resemblance > Resemblance::None => Some(named),
        _ => None,
    };
    let detail = detail(subject, reading, resemblance) + &named(family);
    let mut report = Report::new(Score::clamped(reading.score))
        .detail(detail.as_str())
        .attribute("resemblance", resemblance.as_str())
        .attribute("logit", reading.logit)
        .attribute("logit_deviation", reading.logit_deviation)
        .attribute("p_value", reading.p_value)
        .attribute("crops", reading.crops.len() as i64)
        .attribute("compression_state", state.as_str())
        .attribute("model_digest", hexadecimal(&digest));
    if reading.family != Family::NotAsked {
        let name = family.map_or("unknown", |named| named.family.as_str());
        report = report.attribute("generator_family", name);
    }
    if let Some(named) = family {
        report = report.attribute("generator_family_probability", named.probability);
    }
    let severity = match resemblance {
        Resemblance::None => return report,
        Resemblance::Weak => Severity::Info,
        Resemblance::Moderate => Severity::Notice,
        Resemblance::Strong => Severity::Warning,
    };
    let finding = Finding::new(subject.code, severity, detail)
        .value("score", reading.score)
        .value("logit", reading.logit)
        .value("p_value", reading.p_value)
        .value("authentic_pictures", reading.authentic_pictures as i64);
    report.finding(finding)
}

fn detail(subject: &Subject, reading: &Reading, resemblance: Resemblance) -> String {
    let generators = subject.generators;
    let how = match resemblance {
        Resemblance::None => {
            return format!(
                "Statistical traces do not resemble those of known {generators}, which says little \
                 about unknown ones."
            )
        }
        Resemblance::Weak => "weakly",
        Resemblance::Moderate => "moderately",
        Resemblance::Strong => "strongly",
    };
    let percent = 100.0 * reading.p_value;
    let pictures = reading.authentic_pictures;
    format!(
        "Statistical traces resemble those of known {generators} {how}; about {percent:.0} % of \
         {pictures} authentic pictures reach this value."
    )
}

/// The sentence about the family of generators; nothing without one.
fn named(family: Option<&Attributed>) -> String {
    family.map_or_else(String::new, |named| {
        let (family, probability) = (named.family.replace('_', " "), named.probability);
        format!(
            " Of the known families of generators {family} is the likeliest ({probability:.2})."
        )
    })
}

/// Why there is no score.
pub(crate) fn abstention(reason: &NoCrop) -> String {
    format!("Traces of generators cannot be measured: {reason}.")
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
