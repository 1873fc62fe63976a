// SPDX-License-Identifier: MIT OR Apache-2.0
//! Splicing detection: does a part of the picture come from elsewhere?
//!
//! # What it tests
//! Nine independent traces: regions on another [JPEG grid](jpeg_grid) than the rest; regions that lack
//! an [earlier compression](double_jpeg), or do not share one [off the grid](off_grid); regions that
//! are [copies](copy_move) of others; regions with another [grain](residual_texture); regions that were
//! [scaled or turned](resampling), or lack the pattern of the [colour filter](cfa), while the rest does
//! not; regions that went through a [curve](contrast) of their own; regions with [less noise](noise_level) at equal brightness.
//!
//! # Why it works
//! What is pasted or painted brings a compression history, a grain and a noise of its own, and a copy
//! brings a second time what cannot be there twice. A small logistic [model] weighs the traces; the
//! score is calibrated, so it stays near 0.5 unless one speaks. The [map](heat) adds up what they say
//! of each cell.
//!
//! # When it does not apply
//! Below 64 px on a side. Each trace says for itself what it cannot be looked for in, and has no say
//! then: without JPEG coefficients there is no double compression. A strong last save erases most
//! traces; adaptive denoising varies the noise of honest pictures. Silence is no sign of
//! authenticity. The README is the model card.
//!
//! # References
//! Each trace's file.

use assay_plugin_api::prelude::*;
use assay_signal::calibration::Calibration;

pub mod cfa;
pub mod contrast;
pub mod copy_move;
pub mod copy_side;
pub mod double_jpeg;
pub mod heat;
pub mod jpeg_grid;
pub mod model;
pub mod noise_level;
pub mod off_grid;
pub mod resampling;
pub mod residual_texture;
pub mod site_map;
mod threads;
pub mod trace;
pub mod traces;
pub mod verbal;
mod votes;
mod zero_counts;

use traces::Traces;

/// The detector.
#[derive(Debug)]
pub struct Splicing {
    calibration: Calibration,
}

impl Detector for Splicing {
    const ID: &'static str = "splicing";
    const MODEL_KEY: &'static str = "splicing";
    const RESULT_KEY: &'static str = "splicing_detection";
    const TITLE: &'static str = "Splicing detection";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const LICENCE: &'static str = "MIT OR Apache-2.0";
    const KIND: Kind = Kind::Manipulation;
    const INPUTS: &'static [Input] =
        &[Input::Rgb, Input::Luma, Input::JpegTables, Input::JpegCoefficients];

    fn card() -> ModelCard {
        ModelCard::new(
            "A high score means that a region differs from the rest of the picture in JPEG grid, \
             earlier compression, grain, interpolation, colour filter, contrast or noise, or is \
             a copy of another one.",
        )
        .method(
            "JPEG grid origins by zero coefficients (ZERO); likelihood of one against two \
             compressions of the file's own coefficients; periods of coefficients on the other \
             grids; keypoints matched within the picture; \
             co-occurrences of the residual; periods of interpolation; phases of the colour \
             filter; gaps and peaks of histograms; noise level of the flattest blocks of each \
             brightness; each with a bound on false alarms, weighed by a logistic model and \
             calibrated at an even prior.",
        )
        .trained_on(model::TRAINED_ON)
        .limits(
            "Finds few forgeries, and raises few false alarms: see the README for the measured \
             rates. Forgeries that were compressed again as strongly as their parts leave no grid; \
             copy-move within one picture often leaves neither trace. Portrait modes and strong \
             denoising imitate less noise; a region with more noise is not seen. Needs 64 px.",
        )
        .reference("Nikoukhah et al., IPOL 2021 (ZERO: JPEG grids by DCT zeros)")
        .reference("Gardella et al., IWBF 2021 (Noisesniffer)")
        .reference("Stamm, Liu, IEEE TIFS 2010 (gaps and peaks of histograms)")
        .reference("Desolneux, Moisan, Morel, From Gestalt Theory to Image Analysis, 2008 (NFA)")
    }

    fn new(_: &Params) -> Result<Self, String> {
        let calibration = model::calibration().map_err(|error| error.to_string())?;
        Ok(Self { calibration })
    }

    fn detect(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        let traces = Traces::measure(evidence)?;
        let score = self.calibration.score(model::logit_of(&traces)).and_then(Score::new);
        let score = score.ok_or_else(|| {
            NoScore::failed("The splicing model gave no number; report this picture.")
        })?;
        let map = heat::map(evidence, &traces)?;
        let report = Report::new(score).detail(verbal::detail(&traces)).heatmap(map);
        let luma = evidence.luma()?;
        Ok(verbal::describe(report, &traces, luma.width(), luma.height()))
    }
}

export_detector!(Splicing);
