// SPDX-License-Identifier: MIT OR Apache-2.0
//! From numbers to words: the `detail` sentence, the findings, the attributes.

use assay_plugin_api::prelude::*;

use crate::model::Cues;

/// Share of flat blocks without noise from which its absence is reported.
const MOSTLY_NOISELESS: f32 = 0.5;
/// t statistic from which the sign of the slope over brightness is reported.
const SURE_SLOPE: f64 = 4.0;
/// Interquartile range of `ln sigma` reported as uneven: a factor of 3.3, beyond 90 % of the real
/// pictures that the model was fitted on.
const UNEVEN: f32 = 1.2;
/// Scores up to here and from here on have a sentence of their own.
const SENTENCES: (f64, f64) = (0.42, 0.58);

/// The sentence for a person.
#[must_use]
pub fn detail(cues: &Cues, score: f64) -> &'static str {
    if cues.demosaicing.present() {
        "Demosaicing traces of a camera sensor detected"
    } else if score >= SENTENCES.1 {
        "No camera sensor noise pattern detected"
    } else if score > SENTENCES.0 {
        "The noise speaks neither for nor against a camera sensor"
    } else if cues.intensity.t_statistic >= SURE_SLOPE {
        "Noise grows with brightness as a sensor's does"
    } else {
        "Noise is as even as a camera sensor's"
    }
}

/// Adds findings and attributes to a report.
#[must_use]
pub fn describe(mut report: Report, cues: &Cues, flat_blocks: usize) -> Report {
    let real = f64::from;
    let Cues { level, intensity, spread, correlation, demosaicing, .. } = cues;
    if level.noiseless >= MOSTLY_NOISELESS {
        let text = "Most flat areas carry no more noise than rounding to 8 bits leaves.";
        report = report.finding(
            Finding::new("noise.level.absent", Severity::Notice, text)
                .value("noiseless_share", real(level.noiseless))
                .value("sigma", real(level.sigma)),
        );
    }
    if intensity.t_statistic.abs() >= SURE_SLOPE {
        let text = if intensity.slope > 0.0 {
            "The noise of flat areas grows with their brightness."
        } else {
            "The noise of flat areas falls with their brightness, as after a camera's tone curve."
        };
        report = report.finding(
            Finding::new("noise.intensity.dependent", Severity::Info, text)
                .value("ln_sigma_slope", intensity.slope)
                .value("t_statistic", intensity.t_statistic),
        );
    }
    if *spread >= UNEVEN {
        let text =
            "The noise level differs between flat areas more than their brightness explains.";
        report = report.finding(
            Finding::new("noise.level.uneven", Severity::Notice, text)
                .value("interquartile_range", real(*spread)),
        );
    }
    if demosaicing.present() {
        let text = "The residual repeats the 2x2 mosaic of a sensor's colour filter all over the \
                    picture; this speaks for a camera.";
        report = report.finding(
            Finding::new("noise.demosaicing.present", Severity::Warning, text)
                .value("green_z", demosaicing.green_z)
                .value("red_blue_z", demosaicing.red_blue_z)
                .value("green_contrast", demosaicing.green_contrast),
        );
    }
    let colour = correlation.colour;
    report
        .attribute("noise_sigma", real(level.sigma))
        .attribute("noiseless_share", real(level.noiseless))
        .attribute("ln_sigma_slope", intensity.slope)
        .attribute("level_spread", real(*spread))
        .attribute("neighbour_correlation", real(correlation.axis))
        .attribute("red_green_correlation", colour.map(|c| real(c.red_green)))
        .attribute("green_blue_correlation", colour.map(|c| real(c.green_blue)))
        .attribute("demosaicing_z", demosaicing.green_z.max(demosaicing.red_blue_z))
        .attribute("flat_blocks", i64::try_from(flat_blocks).unwrap_or(i64::MAX))
}
