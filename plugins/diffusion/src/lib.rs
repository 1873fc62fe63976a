// SPDX-License-Identifier: MIT OR Apache-2.0
//! Diffusion detection: do the pixels carry statistical traces of known diffusion generators?
//!
//! # What it tests
//! Up to eight 256x256 px crops at native resolution, each by the 572 residual, spectral and block
//! statistics of `assay_signal::traces` and by the features of a small network, of the crop itself
//! and of what the crop loses when it is low-passed; weighed by a trained classifier.
//!
//! Before that, whether the picture carries the invisible watermark that Stable Diffusion, SDXL, FLUX
//! or InvokeAI write (`assay_signal::watermark`). A watermark decides the score.
//!
//! # Why it works
//! A diffusion generator paints a small latent and has a decoder enlarge it; the decoder's
//! upsampling and the missing sensor chain change the statistics of neighbouring pixels. The network
//! was trained to tell photographs from the same photographs after a decoder had drawn them, so that
//! what a picture shows is no help; its difference features are the part of its answer that needs
//! fine detail. The mean logit over the crops is calibrated by the file's last compression, which
//! erases such traces by degrees. What resembles generated pictures is attributed to a family of
//! generators by the network's features, where one is probable enough to be named. A known message is
//! in a picture that has nothing to do with it once in a million pictures, whatever they show.
//!
//! # When it does not apply
//! Pictures below 256 px a side, and pictures that are flat everywhere: the detector abstains unless it
//! finds a watermark. It is weak on web photographs and on generators unlike those it was trained
//! on, and near chance after strong compression or resizing, which erase watermarks too; a low score
//! is no sign of authenticity. The heatmap shows the crops that were read and how far they agree. The
//! README is the model card.
//!
//! # Constants and their source
//! Weights and calibration: `plugins/training/README.md`.
//!
//! # References
//! Each feature group's file in `assay_signal::traces`.

use assay_generator::{GeneratorDetector, Subject, TrainedFiles};
use assay_plugin_api::prelude::*;

/// The trained classifier, in the format of `assay_signal::model`: `data/weights.bin`, or the file
/// that `ASSAY_DIFFUSION_WEIGHTS` named when the library was built.
static WEIGHTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/weights.bin"));
/// The network whose features the classifier reads, in the format of `assay_signal::network`.
static NETWORK: &[u8] = include_bytes!("../data/network.bin");
/// The families of generators by those features, in the format of `assay_signal::attribution`.
static ATTRIBUTION: &[u8] = include_bytes!("../data/attribution.bin");

/// The detector.
#[derive(Debug)]
pub struct Diffusion(GeneratorDetector);

/// What it looks for, in words.
const SUBJECT: Subject = Subject {
    code: "diffusion.traces.resemble",
    generators: "diffusion generators",
    model: "diffusion",
};

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
             diffusion generators, or a generator's invisible watermark.",
        )
        .method(
            "572 residual, spectral and block statistics and 1216 features of a network (of a crop, \
             and less those of its low-pass), of up to eight crops at native resolution; logistic \
             regression and boosted trees; mean logit calibrated by the file's last compression, \
             at an even prior. A known watermark of invisible-watermark (dwtDct, dwtDctSvd), at most \
             1e-6 false alarms a picture, sets the score to 0.98.",
        )
        .trained_on(TRAINED_ON)
        .limits(LIMITS)
        .reference("Tan, Le, ICML 2019 (EfficientNet, of which the network is the first part)")
        .reference("Corvi et al., CVPR Workshops 2023 (spectra and residuals of synthetic images)")
        .reference("Tan et al., CVPR 2024 (relations of neighbouring pixels)")
        .reference("Frank et al., ICML 2020 (block transform statistics)")
        .reference("Fridrich, Kodovsky, IEEE TIFS 2012 (co-occurrence of residuals)")
    }

    fn params() -> Vec<ParamSpec> {
        assay_generator::params()
    }

    fn new(params: &Params) -> Result<Self, String> {
        let (network, attribution) = (Some(NETWORK), Some(ATTRIBUTION));
        let files = TrainedFiles { model: WEIGHTS, network, attribution };
        let detector = GeneratorDetector::new(SUBJECT, files, params)?;
        Ok(Self(detector.with_watermarks()))
    }

    fn detect(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        self.0.detect(evidence)
    }
}

/// What the weights were fitted on.
const TRAINED_ON: &str =
    "1,266 generated pictures of diffusion and autoregressive models, 146 of other generators as a \
    third class and 2,056 authentic ones, each in four versions of equal size and last \
    compression; the network on photographs and their twins by an autoencoder and enlargers.";
/// Where it fails.
const LIMITS: &str =
    "Held-out AUC 0.82 against all authentic pictures, also after JPEG 90 and on files as they \
    are; 0.94 to 0.96 against camera originals; 0.69 to 0.72 within one source. Painted and drawn art \
    is often mistaken for generated. Needs 256 px a side. Anybody can write the watermark.";

export_detector!(Diffusion);
