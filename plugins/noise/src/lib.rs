// SPDX-License-Identifier: MIT OR Apache-2.0
//! Noise analysis: is there the sensor noise of a camera?
//!
//! # What it tests
//! Eight cues on blocks of 16x16 px from tiles that are spread over the picture at native resolution:
//! the [noise level](level) of flat areas, its [dependence on brightness](intensity), the
//! [noise curve](curve) of a sensor, its [uniformity], the [noise floor](floor) under texture,
//! [coarse] noise of brightness and colour, [correlation] between neighbours and channels, and
//! [demosaicing] traces. Apart from the score, [regions] with less noise than the rest are drawn.
//!
//! # Why it works
//! A sensor adds noise to every pixel by one law; a generator's decoder paints it, or leaves it out.
//! A small logistic [model] weighs the cues; the score is calibrated, so it stays near 0.5 unless
//! the cues agree, and at most there where the noise is that of a denoised sensor. With enrolled [cameras], it is also told which of them took the picture; then the
//! score is the lowest that the model gives.
//!
//! # When it does not apply
//! Below 100 px, or where hardly any unsaturated flat area exists: the detector abstains. Weak on
//! web photographs, scans and pictures that were rescaled or denoised; blind to generators that
//! imitate grain. The README is the model card.
//!
//! # References
//! Each cue's file.

use assay_plugin_api::prelude::*;
use assay_signal::calibration::Calibration;

pub mod blocks;
pub mod cameras;
pub mod coarse;
pub mod correlation;
pub mod curve;
pub mod demosaicing;
pub mod flat;
pub mod floor;
pub mod intensity;
pub mod level;
pub mod model;
pub mod regions;
pub mod uniformity;
pub mod verbal;

use blocks::Blocks;
use cameras::{Cameras, Trace};
use model::Cues;

/// Shortest side, px.
pub const SHORTEST_SIDE_PX: usize = 100;

/// The detector.
#[derive(Debug)]
pub struct Noise {
    calibration: Calibration,
    cameras: Option<Cameras>,
}

impl Detector for Noise {
    const ID: &'static str = "noise";
    const MODEL_KEY: &'static str = "noise";
    const RESULT_KEY: &'static str = "noise_analysis";
    const TITLE: &'static str = "Noise analysis";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const LICENCE: &'static str = "MIT OR Apache-2.0";
    const KIND: Kind = Kind::Generation;
    const INPUTS: &'static [Input] = &[Input::Rgb, Input::Luma];

    fn card() -> ModelCard {
        ModelCard::new(
            "A high score means that the picture lacks the noise that a camera's sensor leaves.",
        )
        .method(
            "Noise level of flat areas, its dependence on brightness and how well one \
             Poisson-Gaussian curve explains it, its uniformity, the noise floor under texture, \
             coarse noise of brightness and colour, neighbour correlation and demosaicing traces, \
             weighed by a logistic model and calibrated. The heatmap shows regions with less noise \
             than the rest at equal brightness and structure.",
        )
        .trained_on(
            "About 470 generated and 550 real pictures, each re-encoded to the same five states of \
             size and JPEG compression.",
        )
        .limits(
            "Weak evidence: held-out AUC 0.63 against all real pictures, 0.76 against camera \
             originals (JPEG quality 90); 0.55 against small web pictures. GAN faces score low. \
             Rescaling and added grain mislead it. Regions with more noise are not looked for. \
             Needs 100 px and some unsaturated flat area.",
        )
        .reference("Foi et al., IEEE TIP 2008 (Poissonian-Gaussian noise)")
        .reference("Liu et al., CVPR 2006 (noise estimation from a single image)")
        .reference("Liu et al., IEEE TPAMI 2008 (noise behind a tone curve)")
        .reference("Gardella et al., IWBF 2021 (Noisesniffer)")
        .reference("Popescu, Farid, IEEE TSP 2005 (colour filter array interpolation)")
        .reference("Gallagher, Chen, CVPR Workshops 2008 (traces of demosaicing)")
    }

    fn params() -> Vec<ParamSpec> {
        cameras::params()
    }

    fn new(params: &Params) -> Result<Self, String> {
        let calibration = model::calibration().map_err(|error| error.to_string())?;
        Ok(Self { calibration, cameras: Cameras::read(params)? })
    }

    fn detect(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        let trace = self.cameras.as_ref().map(|cameras| cameras.trace(evidence)).transpose()?;
        let examined = self.examine(evidence);
        let Some(trace) = trace else { return examined.map(localising) };
        let answer = match (examined, trace.detail()) {
            (Ok(report), Some(detail)) => Ok(Self::of_camera(report, detail, &trace)),
            (Ok(report), None) => Ok(trace.describe(report)),
            // A sensor's pattern is an answer even where the cues have none.
            (Err(NoScore::NotApplicable { .. }), Some(detail)) => {
                Ok(Self::of_camera(Report::new(Score::clamped(model::SCORES.0)), detail, &trace))
            }
            (Err(none), _) => Err(none),
        };
        answer.map(localising)
    }
}

/// Says that the map shows where the picture was changed, if it shows anything.
fn localising(report: Report) -> Report {
    const LOCALISES: &str = "heatmap_localises";
    let said = report.attributes.iter().any(|attribute| attribute.name == LOCALISES);
    let shown = report.findings.iter().any(|finding| finding.code == verbal::QUIET_REGION);
    if shown && !said {
        report.attribute(LOCALISES, true)
    } else {
        report
    }
}

impl Noise {
    /// The answer of the cues.
    fn examine(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        let blocks = Blocks::measure(evidence)?;
        let flat = flat::select(&blocks).ok_or_else(|| {
            NoScore::not_applicable("Hardly any unsaturated flat area: noise cannot be measured.")
        })?;
        let cues = Cues::measure(&blocks, &flat).ok_or_else(|| {
            NoScore::failed("The flat areas gave no noise curve; report this picture.")
        })?;
        let regions = regions::measure(evidence)?;
        let score = self.calibration.score(cues.logit()).and_then(Score::new).ok_or_else(|| {
            NoScore::failed("The noise model gave no number; report this picture.")
        })?;
        // What denoising took away cannot be held against a camera.
        let most = if cues.denoised() { model::UNDECIDED } else { model::SCORES.1 };
        let score = Score::clamped(score.get().min(most));
        let detail = verbal::detail(&cues, &regions, score.get());
        let report = Report::new(score).detail(detail).heatmap(regions.map.clone());
        Ok(verbal::describe(report, &cues, &regions, flat.len()))
    }

    /// The report on a picture that an enrolled camera took: the least score that the model gives.
    fn of_camera(mut report: Report, detail: String, trace: &Trace<'_>) -> Report {
        report.score = report.score.min(model::SCORES.0);
        trace.describe(report.detail(detail))
    }
}

export_detector!(Noise);
