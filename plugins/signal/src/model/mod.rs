// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small trained classifiers and their file format.
//!
//! A [`Model`] adds a logistic regression on standardised, clipped features and, where the file has
//! them, gradient-boosted trees; its logit is turned into a score by the calibration of the
//! picture's [`CompressionState`].
//!
//! # The file
//! Little endian, no padding; the training script writes it.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | [`MAGIC`] |
//! | u32 | [`VERSION`] |
//! | text | name of the feature definition (u32 length, UTF-8) |
//! | text | what it was trained on, for a person |
//! | u32 | features `n` |
//! | f32 | clip of standardised features |
//! | n f32, n f32, n f32 | means, deviations, weights |
//! | f32, f32, f32 | bias; share of the linear logit; share of the trees' sum |
//! | u32 | trees |
//! | per tree | u16 splits `s`; `s` splits of u16 feature, f32 threshold, i16 child if the feature is <= the threshold, i16 child else; `s + 1` f32 leaves. A child `c >= 0` is a later split, `c < 0` the leaf `-1 - c` |
//! | 3 states | u8 kind of calibration (0: f64 slope, offset, low, high; 1: u32 knots, f64 raw and f64 score each); u32 count and f32 logits, ascending, of authentic pictures that were not trained on |
//! | 32 | SHA-256 of everything before |
//!
//! *References.* Friedman, "Greedy function approximation: a gradient boosting machine", Annals of
//! Statistics 29 (2001).

mod error;
mod linear;
mod reader;
mod reference;
mod state;
mod trees;

pub use error::ModelError;
pub use reference::Reference;
pub use state::CompressionState;

use linear::Linear;
use trees::Trees;

/// First bytes of a model file.
pub const MAGIC: [u8; 8] = *b"ASSAYMDL";
/// Version of the format that this crate reads.
pub const VERSION: u32 = 1;

/// A classifier read from a file: features in, logit out, with what its logits mean.
#[derive(Clone, Debug)]
pub struct Model {
    trained_on: String,
    digest: [u8; 32],
    linear: Linear,
    trees: Trees,
    shares: [f32; 2],
    references: [Reference; CompressionState::ALL.len()],
}

impl Model {
    /// Reads a model file and checks that it was trained on `features` values of `feature_set`.
    ///
    /// # Errors
    /// The first thing in the bytes that is not as the format says.
    pub fn read(bytes: &[u8], feature_set: &str, features: usize) -> Result<Self, ModelError> {
        reader::read(bytes, feature_set, features)
    }

    /// What the model was trained on, for a person.
    #[must_use]
    pub fn trained_on(&self) -> &str {
        &self.trained_on
    }

    /// SHA-256 of the file's content, the digest in its last 32 bytes.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The logit of one vector of features; `None` when its length is not that of the training or
    /// the result is not finite.
    #[must_use]
    pub fn logit(&self, features: &[f32]) -> Option<f64> {
        let linear = self.linear.logit(features)?;
        let [linear_share, trees_share] = self.shares.map(f64::from);
        let logit = linear_share * linear + trees_share * self.trees.sum(features);
        logit.is_finite().then_some(logit)
    }

    /// What a logit means for pictures of a compression state.
    #[must_use]
    pub fn reference(&self, state: CompressionState) -> &Reference {
        &self.references[state.index()]
    }
}
