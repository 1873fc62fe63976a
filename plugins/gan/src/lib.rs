// SPDX-License-Identifier: MIT OR Apache-2.0
//! GAN detection: do the pixels carry statistical traces of known GAN generators?
//!
//! # What it tests
//! Up to eight 256x256 px crops at native resolution, each by the 572 residual, spectral and block
//! statistics of [`assay_signal::traces`], weighed by a trained classifier.
//!
//! # Why it works
//! A GAN's generator enlarges a small grid of features by repeated upsampling and convolution; the
//! last steps leave their grid in the relations of neighbouring pixels and in the spectrum, and the
//! sensor chain of a camera is missing. The mean logit over the crops is calibrated by the file's
//! last compression, which erases such traces by degrees.
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
/// that `ASSAY_GAN_WEIGHTS` named when the library was built.
static WEIGHTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/weights.bin"));

/// The detector.
#[derive(Debug)]
pub struct Gan {
    classifier: TraceClassifier,
    most_crops: usize,
}

impl Detector for Gan {
    const ID: &'static str = "gan";
    const MODEL_KEY: &'static str = "gan";
    const RESULT_KEY: &'static str = "gan_detection";
    const TITLE: &'static str = "GAN detection";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const LICENCE: &'static str = "MIT OR Apache-2.0";
    const KIND: Kind = Kind::Generation;
    const INPUTS: &'static [Input] = &[Input::Rgb, Input::JpegTables];

    fn card() -> ModelCard {
        ModelCard::new(
            "A high score means that the pixels carry statistical traces like those of known \
             GAN generators.",
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
        let reading = reading
            .ok_or_else(|| NoScore::failed("The GAN model gave no number; report this picture."))?;
        Ok(verbal::report(&reading, state, self.classifier.model().digest()))
    }
}

/// What the weights were fitted on.
const TRAINED_ON: &str =
    "82 generated pictures of GANs and VQGAN decoders in 5 families and 589 authentic ones of \
    54 sources, each in four versions of equal size and last compression.";
/// Where it fails.
const LIMITS: &str =
    "Very weak: held-out AUC 0.65 against all authentic pictures, 0.72 against camera \
    originals, no better than chance within one source; the calibrated score therefore \
    hardly leaves 0.5. Needs 256 px a side.";

export_detector!(Gan);
