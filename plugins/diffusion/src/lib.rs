// SPDX-License-Identifier: MIT OR Apache-2.0
//! Diffusion detection: do the pixels carry statistical traces of known diffusion generators?
//!
//! # What it tests
//! Up to eight 256x256 px crops at native resolution, each by the 572 residual, spectral and block
//! statistics of [`assay_signal::traces`], weighed by a trained classifier.
//!
//! # Why it works
//! A diffusion generator paints a small latent and has a decoder enlarge it; the decoder's
//! upsampling and the missing sensor chain change the statistics of neighbouring pixels. The mean
//! logit over the crops is calibrated by the file's last compression, which erases such traces by
//! degrees.
//!
//! # When it does not apply
//! Pictures below 256 px a side, and pictures that are flat everywhere: the detector abstains. It
//! is weak on web photographs and on generators unlike those it was trained on, and near chance
//! after strong compression or resizing; a low score is no sign of authenticity. It gives no
//! heatmap: a map of single crops would be noise at this accuracy. The README is the model card.
//!
//! # Constants and their source
//! Weights and calibration: `plugins/diffusion/training/TRAINING.md`.
//!
//! # References
//! Each feature group's file in `assay_signal::traces`.

use assay_plugin_api::evidence::keys;
use assay_plugin_api::prelude::*;
use assay_signal::model::CompressionState;
use assay_signal::traces::{crops, Picture, TraceClassifier};

pub mod verbal;

/// The trained classifier, in the format of [`assay_signal::model`]: `data/weights.bin`, or the file
/// that `ASSAY_DIFFUSION_WEIGHTS` named when the library was built.
static WEIGHTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/weights.bin"));

/// The detector.
#[derive(Debug)]
pub struct Diffusion {
    classifier: TraceClassifier,
    most_crops: usize,
}

impl Detector for Diffusion {
    const ID: &'static str = "diffusion";
    const MODEL_KEY: &'static str = "diffusion";
    const RESULT_KEY: &'static str = "diffusion_detection";
    const TITLE: &'static str = "Diffusion detection";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const LICENCE: &'static str = "MIT OR Apache-2.0";
    const KIND: Kind = Kind::Generation;
    const INPUTS: &'static [Input] = &[Input::Rgb, Input::JpegTables];

    fn card() -> ModelCard {
        ModelCard::new(
            "A high score means that the pixels carry statistical traces like those of known \
             diffusion generators.",
        )
        .method(
            "572 residual, spectral and block statistics of up to eight crops at native \
             resolution; logistic regression and boosted trees; mean logit calibrated by the \
             file's last compression, at an even prior.",
        )
        .trained_on(TRAINED_ON)
        .limits(LIMITS)
        .reference("Corvi et al., CVPR Workshops 2023 (spectra and residuals of synthetic images)")
        .reference("Tan et al., CVPR 2024 (relations of neighbouring pixels)")
        .reference("Frank et al., ICML 2020 (block transform statistics)")
        .reference("Fridrich, Kodovsky, IEEE TIFS 2012 (co-occurrence of residuals)")
    }

    fn params() -> Vec<ParamSpec> {
        let most = crops::MOST_CROPS as i64;
        vec![ParamSpec::int("crops", crops::USUAL_CROPS as i64, 1, most)
            .doc("Most 256x256 px crops read; fewer are faster and less certain.")]
    }

    fn new(params: &Params) -> Result<Self, String> {
        let classifier = TraceClassifier::read(WEIGHTS).map_err(|error| error.to_string())?;
        let most_crops = usize::try_from(params.int("crops")).map_err(|error| error.to_string())?;
        Ok(Self { classifier, most_crops })
    }

    fn detect(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        let rgb = evidence.rgb()?;
        let picture = Picture::new(rgb.samples(), rgb.width(), rgb.height(), rgb.row_stride())
            .map_err(|error| NoScore::failed(error.to_string()))?;
        let places = crops::choose(&picture, self.most_crops)
            .map_err(|error| NoScore::not_applicable(verbal::abstention(&error)))?;
        let format = evidence.text_fact(keys::FORMAT);
        let quality = evidence.int_fact(keys::JPEG_QUALITY);
        let state = CompressionState::of_file(format.as_deref(), quality);
        let go_on = || evidence.check_cancelled();
        let reading = self.classifier.read_picture(&picture, &places, state, go_on)?;
        let reading = reading.ok_or_else(|| {
            NoScore::failed("The diffusion model gave no number; report this picture.")
        })?;
        Ok(verbal::report(&reading, state, self.classifier.model().digest()))
    }
}

/// What the weights were fitted on.
const TRAINED_ON: &str =
    "409 generated pictures of diffusion and autoregressive models in 10 families and 589 \
    authentic ones of 54 sources, each in four versions of equal size and last compression.";
/// Where it fails.
const LIMITS: &str =
    "Held-out AUC 0.81 against all authentic pictures, 0.93 against camera originals, 0.77 \
    after JPEG 90 and 0.65 on files as they are; 0.72 to 0.79 within one source. Old and web \
    photographs are mistaken for generated ones. Needs 256 px a side.";

export_detector!(Diffusion);
