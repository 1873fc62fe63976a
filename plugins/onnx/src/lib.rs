// SPDX-License-Identifier: MIT OR Apache-2.0
//! A detector whose network is a file: an operator brings an ONNX model and a manifest, and no code.
//!
//! # What it tests
//! Whatever the network was trained for. The policy's parameter `folder` names a folder with
//! [`manifest.toml`](manifest), the weights and, where there is one, a [calibration](calibrate).
//!
//! # Why it works
//! Pixels become the network's input by the manifest's [rule](picture), as Pillow and torchvision do it to
//! the bit ([`resample`]): one view, or [tiles] whose scores are pooled and drawn as a heatmap. The
//! [network] runs in pure Rust; what it answers becomes a score by the manifest's
//! [rule](manifest::Map).
//!
//! # When it does not apply
//! Without a folder, and to pictures that are smaller than the network's input where nothing resizes
//! them: the detector abstains.
//!
//! # Constants and their source
//! Bounds of what a manifest may ask for are in [`manifest`].
//!
//! # References
//! `docs/ONNX.md`; ADR 0020 for the runtime.

use assay_plugin_api::prelude::*;

pub mod calibrate;
mod lengths;
mod lines;
pub mod manifest;
pub mod model;
pub mod network;
pub mod picture;
pub mod resample;
pub mod tiles;

use model::Model;

/// Parameter: the folder of the manifest.
pub const FOLDER: &str = "folder";
/// Parameter: SHA-256 of the manifest.
pub const DIGEST: &str = "manifest_sha256";

/// The detector: a model, or none where the policy names no folder.
pub struct Onnx(Option<Model>);

impl Detector for Onnx {
    const ID: &'static str = "onnx";
    const MODEL_KEY: &'static str = "onnx";
    const RESULT_KEY: &'static str = "onnx_detection";
    const TITLE: &'static str = "ONNX model";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const LICENCE: &'static str = "MIT OR Apache-2.0";
    const KIND: Kind = Kind::Generation;
    const INPUTS: &'static [Input] = &[Input::Rgb];

    fn card() -> ModelCard {
        ModelCard::new(
            "A high score means what the network that the operator brought was trained for.",
        )
        .method(
            "An ONNX network on the picture or on tiles of it, by a manifest that says how pixels \
                 become its input and its output a score.",
        )
        .trained_on("Nothing: the network is the operator's.")
        .limits(
            "As good as the network. Without a folder the detector abstains. What the model is, \
                 its name and its digest, stands in each result.",
        )
        .reference("Open Neural Network Exchange, https://onnx.ai")
    }

    fn params() -> Vec<ParamSpec> {
        vec![
            ParamSpec::choice(FOLDER, "", &[]).doc(
                "Folder with manifest.toml and the files that it names, absolute or from the working \
                 folder; read once. Empty: the detector abstains.",
            ),
            ParamSpec::choice(DIGEST, "", &[]).doc(
                "SHA-256 that manifest.toml must have, which pins all that it names. Empty: any.",
            ),
        ]
    }

    fn new(params: &Params) -> Result<Self, String> {
        let (folder, expected) = (params.text(FOLDER), params.text(DIGEST));
        if folder.is_empty() {
            return match expected {
                "" => Ok(Self(None)),
                _ => Err(format!("`{DIGEST}` is set and `{FOLDER}` is not; set both")),
            };
        }
        let model = Model::read(folder.as_ref(), expected);
        model.map(|model| Self(Some(model))).map_err(|error| error.to_string())
    }

    fn detect(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        let model = self.0.as_ref().ok_or_else(|| {
            NoScore::not_applicable("No model is set: the policy's parameter `folder` names one.")
        })?;
        model.examine(evidence)
    }
}

export_detector!(Onnx);
