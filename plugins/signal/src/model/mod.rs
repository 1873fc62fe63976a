// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small trained classifiers and their file format.
//!
//! A [`Model`] is a sum of parts, one for each [`FeatureSet`]: a logistic regression on standardised,
//! clipped features and, where the file has them, gradient-boosted trees. Its logit is turned into a
//! score by the calibration of the picture's [`CompressionState`].
//!
//! # The file
//! Little endian, no padding; the training script writes it.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | [`MAGIC`] |
//! | u32 | [`VERSION`] |
//! | text | what it was trained on, for a person (u32 length, UTF-8) |
//! | u32 | parts |
//! | per part: text | name of the feature set |
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
mod part;
mod reader;
mod reference;
mod state;
mod trees;

pub use error::ModelError;
pub use reference::Reference;
pub use state::CompressionState;

use part::Part;

/// First bytes of a model file.
pub const MAGIC: [u8; 8] = *b"ASSAYMDL";
/// Version of the format that this crate reads.
pub const VERSION: u32 = 2;

/// A definition of features that a part of a model reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureSet<'a> {
    /// Name of the definition; another one for every change that changes a value.
    pub name: &'a str,
    /// Number of features.
    pub features: usize,
}

/// A classifier read from a file: features in, logit out, with what its logits mean.
#[derive(Clone, Debug)]
pub struct Model {
    trained_on: String,
    digest: [u8; 32],
    parts: Vec<Part>,
    references: [Reference; CompressionState::ALL.len()],
}

impl Model {
    /// Reads a model file and checks that its parts were trained on `sets`, in this order.
    ///
    /// # Errors
    /// The first thing in the bytes that is not as the format says.
    pub fn read(bytes: &[u8], sets: &[FeatureSet<'_>]) -> Result<Self, ModelError> {
        reader::read(bytes, sets)
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

    /// The logit of the features of each set; `None` when there are more or fewer of them than at
    /// the training, or the result is not finite.
    #[must_use]
    pub fn logit(&self, features: &[&[f32]]) -> Option<f64> {
        if features.len() != self.parts.len() {
            return None;
        }
        let logits = self.parts.iter().zip(features).map(|(part, features)| part.logit(features));
        logits.sum::<Option<f64>>().filter(|logit| logit.is_finite())
    }

    /// What a logit means for pictures of a compression state.
    #[must_use]
    pub fn reference(&self, state: CompressionState) -> &Reference {
        &self.references[state.index()]
    }
}
