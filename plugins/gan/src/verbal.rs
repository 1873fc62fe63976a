// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a reading to words: the level of resemblance, the sentence, the finding.

use std::fmt::Write as _;

use assay_plugin_api::prelude::*;
use assay_signal::model::CompressionState;
use assay_signal::traces::crops::NoCrop;
use assay_signal::traces::Reading;

/// Code of the finding.
pub const RESEMBLE: &str = "gan.traces.resemble";

/// How much a picture resembles the output of known generators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resemblance {
    /// No more than authentic pictures do.
    None,
    /// The score favours the hypothesis a little.
    Weak,
    /// The score favours it clearly.
    Moderate,
    /// The score favours it clearly and hardly any authentic picture gets as far.
    Strong,
}

/// Least score of a weak resemblance: odds of 3 to 2.
const WEAK_SCORE: f64 = 0.6;
/// Least score of a moderate resemblance: odds of 3 to 1.
const MODERATE_SCORE: f64 = 0.75;
/// Largest share of authentic pictures that may reach a strong resemblance.
const STRONG_P_VALUE: f64 = 0.02;

impl Resemblance {
    /// The level of a reading.
    #[must_use]
    pub fn of(reading: &Reading) -> Self {
        match reading.score {
            score if score < WEAK_SCORE => Self::None,
            score if score < MODERATE_SCORE => Self::Weak,
            _ if reading.p_value > STRONG_P_VALUE => Self::Moderate,
            _ => Self::Strong,
        }
    }

    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Weak => "weak",
            Self::Moderate => "moderate",
            Self::Strong => "strong",
        }
    }
}

/// The report of a reading.
#[must_use]
pub fn report(reading: &Reading, state: CompressionState, digest: [u8; 32]) -> Report {
    let resemblance = Resemblance::of(reading);
    let report = Report::new(Score::clamped(reading.score))
        .detail(detail(reading, resemblance))
        .attribute("resemblance", resemblance.as_str())
        .attribute("logit", reading.logit)
        .attribute("logit_deviation", reading.logit_deviation)
        .attribute("p_value", reading.p_value)
        .attribute("crops", reading.crops as i64)
        .attribute("compression_state", state.as_str())
        .attribute("model_digest", hexadecimal(&digest));
    let severity = match resemblance {
        Resemblance::None => return report,
        Resemblance::Weak => Severity::Info,
        Resemblance::Moderate => Severity::Notice,
        Resemblance::Strong => Severity::Warning,
    };
    let finding = Finding::new(RESEMBLE, severity, detail(reading, resemblance))
        .value("score", reading.score)
        .value("logit", reading.logit)
        .value("p_value", reading.p_value)
        .value("authentic_pictures", reading.authentic_pictures as i64);
    report.finding(finding)
}

fn detail(reading: &Reading, resemblance: Resemblance) -> String {
    let percent = 100.0 * reading.p_value;
    let pictures = reading.authentic_pictures;
    let share = format!("about {percent:.0} % of {pictures} authentic pictures reach this value");
    match resemblance {
        Resemblance::None => {
            "Statistical traces do not resemble those of known GAN generators, which says \
             little about unknown ones."
                .into()
        }
        Resemblance::Weak => {
            format!("Statistical traces resemble those of known GAN generators weakly; {share}.")
        }
        Resemblance::Moderate => format!(
            "Statistical traces resemble those of known GAN generators moderately; {share}."
        ),
        Resemblance::Strong => {
            format!("Statistical traces resemble those of known GAN generators strongly; {share}.")
        }
    }
}

/// Why there is no score.
#[must_use]
pub fn abstention(reason: &NoCrop) -> String {
    format!("Traces of generators cannot be measured: {reason}.")
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
