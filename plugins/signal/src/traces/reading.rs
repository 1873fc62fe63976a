// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a picture to a calibrated score: crops, features, logits, their mean.

use super::{crops, Picture, TraceExtractor, FEATURES, FEATURE_SET};
use crate::model::{CompressionState, Model, ModelError};

/// A trained model over the trace features.
#[derive(Clone, Debug)]
pub struct TraceClassifier {
    extractor: TraceExtractor,
    model: Model,
}

/// What the classifier read off one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Mean logit over the crops.
    pub logit: f64,
    /// Standard deviation of the logit over the crops; 0 for one crop.
    pub logit_deviation: f64,
    /// Crops read.
    pub crops: usize,
    /// Calibrated score, `0..=1`; 0.5 says nothing either way.
    pub score: f64,
    /// Share of authentic pictures of the calibration that reach this logit, conformal.
    pub p_value: f64,
    /// Authentic pictures of the calibration.
    pub authentic_pictures: usize,
}

impl TraceClassifier {
    /// Reads a model file that was trained on the trace features.
    ///
    /// # Errors
    /// The first thing in the bytes that is not as the format says.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        let model = Model::read(bytes, FEATURE_SET, FEATURES)?;
        Ok(Self { extractor: TraceExtractor::new(), model })
    }

    /// The model behind it.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Reads the crops at `places` (from [`crops::choose`]) one after the other; `go_on` is asked
    /// before each and its error ends the reading. `None` when no crop gave a logit.
    ///
    /// # Errors
    /// The error of `go_on`.
    pub fn read_picture<E>(
        &self,
        picture: &Picture<'_>,
        places: &[(usize, usize)],
        state: CompressionState,
        mut go_on: impl FnMut() -> Result<(), E>,
    ) -> Result<Option<Reading>, E> {
        let mut logits = Vec::with_capacity(crops::MOST_CROPS);
        for &(x, y) in places {
            go_on()?;
            let features = self.extractor.features(picture, x, y);
            logits.extend(features.and_then(|features| self.model.logit(&features)));
        }
        if logits.is_empty() {
            return Ok(None);
        }
        let count = logits.len() as f64;
        let logit = logits.iter().sum::<f64>() / count;
        let variance = logits.iter().map(|x| (x - logit).powi(2)).sum::<f64>() / count;
        let reference = self.model.reference(state);
        Ok(Some(Reading {
            logit,
            logit_deviation: variance.sqrt(),
            crops: logits.len(),
            score: reference.score(logit),
            p_value: reference.p_value(logit),
            authentic_pictures: reference.authentic_pictures(),
        }))
    }
}
