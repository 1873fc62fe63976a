// SPDX-License-Identifier: MIT OR Apache-2.0
//! From numbers to words: the `detail` sentence, the findings, the attributes.

use assay_plugin_api::prelude::*;

use crate::curve::Fit;
use crate::model::Cues;
use crate::regions::{QuietRegion, Regions};

/// Share of flat blocks without noise from which its absence is reported.
const MOSTLY_NOISELESS: f32 = 0.5;
/// t statistic from which the sign of the slope over brightness is reported.
const SURE_SLOPE: f64 = 4.0;
/// Interquartile range of `ln sigma` reported as uneven: a factor of 3.3, beyond 90 % of the real
/// pictures that the model was fitted on.
const UNEVEN: f32 = 1.2;
/// Scores up to here and from here on have a sentence of their own: what the default policy calls
/// authentic and synthetic, so that the sentence never says more than the label.
const SENTENCES: (f64, f64) = (0.35, 0.65);
/// Code of the finding on parts with less noise.
pub const QUIET_REGION: &str = "noise.region.quiet";
/// Most boxes in a finding; the contract allows 256.
const MOST_REGIONS: usize = 64;

/// The sentence for a person.
#[must_use]
pub fn detail(cues: &Cues, regions: &Regions, score: f64) -> String {
    let whole = if cues.demosaicing.present() {
        "Demosaicing traces of a camera sensor detected"
    } else if score >= SENTENCES.1 {
        "No camera sensor noise pattern detected"
    } else if cues.denoised() {
        "Noise is that of a camera sensor after denoising"
    } else if score > SENTENCES.0 {
        "The noise speaks neither for nor against a camera sensor"
    } else if cues.intensity.t_statistic >= SURE_SLOPE {
        "Noise grows with brightness as a sensor's does"
    } else {
        "Noise is as even as a camera sensor's"
    };
    let part = match regions.quiet.len() {
        0 => "",
        1 => "; one part of the picture has less noise than the rest",
        _ => "; parts of the picture have less noise than the rest",
    };
    format!("{whole}{part}")
}

/// Adds findings and attributes to a report.
#[must_use]
pub fn describe(mut report: Report, cues: &Cues, regions: &Regions, flat_blocks: usize) -> Report {
    let real = f64::from;
    let Cues { level, intensity, spread, correlation, demosaicing, coarse, .. } = cues;
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
    if cues.denoised() {
        let text = "Flat areas are smooth and their noise is blotchy, of one law all over the \
                    picture, as phones and cameras leave it that take noise away; its absence \
                    at single pixels says little.";
        report = report.finding(
            Finding::new("noise.denoised", Severity::Info, text)
                .value("ln_blotches", real(coarse.blotches))
                .value("curve_share", cues.fit.on_curve),
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
    report = with_law(report, cues);
    report = with_regions(report, &regions.quiet);
    let colour = correlation.colour;
    report
        .attribute("noise_sigma", real(level.sigma))
        .attribute("noiseless_share", real(level.noiseless))
        .attribute("noise_curve_share", cues.fit.on_curve)
        .attribute("ln_sigma_slope", intensity.slope)
        .attribute("level_spread", real(*spread))
        .attribute("neighbour_correlation", real(correlation.axis))
        .attribute("red_green_correlation", colour.map(|c| real(c.red_green)))
        .attribute("green_blue_correlation", colour.map(|c| real(c.green_blue)))
        .attribute("ln_blotches", real(coarse.blotches))
        .attribute("denoised", cues.denoised())
        .attribute("demosaicing_z", demosaicing.green_z.max(demosaicing.red_blue_z))
        .attribute("compared_share", regions.compared)
        .attribute("flat_blocks", i64::try_from(flat_blocks).unwrap_or(i64::MAX))
}

/// Gain and floor of the whole and of each channel, where they can be told apart.
fn with_law(report: Report, cues: &Cues) -> Report {
    let law = cues.fit.law();
    let report = report
        .attribute("noise_gain", law.map(|law| law.gain))
        .attribute("noise_floor", law.map(|law| law.floor.sqrt()))
        .attribute("tone_exponent", law.map(|law| law.exponent));
    let Some(law) = law else { return report };
    let text = "Gain and floor of the noise of flat areas behind a tone curve: variance = gain * \
                brightness + floor squared, full scale 1.";
    let finding = Finding::new("noise.curve", Severity::Info, text)
        .value("tone_exponent", law.exponent)
        .value("curve_share", cues.fit.on_curve)
        .value("curve_distance", cues.fit.distance);
    let names =
        [("gain_red", "floor_red"), ("gain_green", "floor_green"), ("gain_blue", "floor_blue")];
    let channels = names.into_iter().zip(&cues.channels);
    report.finding(channels.fold(finding, |finding, ((gain, floor), fit)| {
        match fit.as_ref().and_then(Fit::law) {
            Some(law) => finding.value(gain, law.gain).value(floor, law.floor.sqrt()),
            None => finding,
        }
    }))
}

fn with_regions(report: Report, quiet: &[QuietRegion]) -> Report {
    let Some(best) = quiet.iter().min_by(|a, b| a.log10_nfa.total_cmp(&b.log10_nfa)) else {
        return report;
    };
    let text = "A part of the picture has less noise than the rest at equal brightness and \
                structure: it may come from elsewhere, or was smoothed or painted.";
    let finding = Finding::new(QUIET_REGION, Severity::Notice, text)
        .value("log10_nfa", best.log10_nfa)
        .value("sigma_ratio", best.ratio);
    report.finding(quiet.iter().take(MOST_REGIONS).fold(finding, |f, part| f.region(part.region)))
}
