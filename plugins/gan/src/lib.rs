// SPDX-License-Identifier: MIT OR Apache-2.0
//! GAN detection: do the pixels carry statistical traces of known GAN generators?
//!
//! # What it tests
//! Up to eight 256x256 px crops at native resolution, each by the 572 residual, spectral and block
//! statistics of `assay_signal::traces`, weighed by a trained classifier.
//!
//! # Why it works
//! A GAN's generator enlarges a small grid of features by repeated upsampling and convolution; the
//! last steps leave their grid in the relations of neighbouring pixels and in the spectrum, and the
//! sensor chain of a camera is missing. What all generators share holds on the next GAN better than
//! what the few GANs of the collection share, so the classifier has learnt from all; the mean logit
//! over the crops is calibrated on GANs, by the file's last compression, which erases such traces by
//! degrees.
//!
//! # When it does not apply
//! Pictures below 256 px a side, and pictures that are flat everywhere: the detector abstains. It
//! is weak on web photographs and on generators unlike those it was trained on, and near chance
//! after strong compression or resizing; a low score is no sign of authenticity. The heatmap shows
//! the crops that were read and how far they agree. The README is the model card.
//!
//! # Constants and their source
//! Weights and calibration: `plugins/training/README.md`.
//!
//! # References
//! Each feature group's file in `assay_signal::traces`.

use assay_generator::{GeneratorDetector, Subject, TrainedFiles};
use assay_plugin_api::prelude::*;

/// The trained classifier, in the format of `assay_signal::model`: `data/weights.bin`, or the file
/// that `ASSAY_GAN_WEIGHTS` named when the library was built.
static WEIGHTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/weights.bin"));

/// The detector.
#[derive(Debug)]
pub struct Gan(GeneratorDetector);

/// What it looks for, in words.
const SUBJECT: Subject =
    Subject { code: "gan.traces.resemble", generators: "GAN generators", model: "GAN" };

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
        assay_generator::params()
    }

    fn new(params: &Params) -> Result<Self, String> {
        let files = TrainedFiles { model: WEIGHTS, network: None, attribution: None };
        GeneratorDetector::new(SUBJECT, files, params).map(Self)
    }

    fn detect(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        self.0.detect(evidence)
    }
}

/// What the weights were fitted on.
const TRAINED_ON: &str =
    "146 pictures of GANs and VQGAN decoders in 5 families, 1,266 of other generators and 2,056 \
    authentic ones, each in four versions of equal size and last compression; calibrated on the \
    146 and the authentic ones.";
/// Where it fails.
const LIMITS: &str =
    "Weak: held-out AUC 0.72 against all authentic pictures, 0.70 after JPEG 90, 0.85 and 0.80 \
    against camera originals, 0.59 within one source; StyleGAN is at chance after JPEG. It is \
    rather a sign of any generator than of a GAN. Needs 256 px a side.";

export_detector!(Gan);
