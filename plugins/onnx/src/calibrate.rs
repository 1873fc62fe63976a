// SPDX-License-Identifier: MIT OR Apache-2.0
//! The correction of a score that `assay calibrate` fitted: read from the policy that it wrote.
//!
//! The formulas are those of a policy: `slope` and `offset` on the log-odds, or `knots`.

use assay_signal::calibration::{Calibration, CalibrationError};
use serde::Deserialize;

/// A correction of a score.
#[derive(Clone, Debug, PartialEq)]
pub enum Correction {
    /// Of its log-odds.
    LogOdds(Calibration),
    /// Of the score itself.
    Score(Calibration),
}

/// Why there is no correction.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CorrectionError {
    /// The text is no policy.
    #[error("{0}")]
    Unreadable(String),
    /// The policy does not calibrate this detector.
    #[error(
        "has no [detectors.{model}.calibration]; the manifest's [calibration] names `{model}`"
    )]
    Missing {
        /// What the manifest names.
        model: String,
    },
    /// The calibration falls, or is out of range.
    #[error(transparent)]
    Wrong(#[from] CalibrationError),
}

/// What a calibration looks like in a policy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, untagged)]
enum Raw {
    LogOdds { slope: f64, offset: f64 },
    Knots { knots: Vec<(f64, f64)> },
}

impl Correction {
    /// The correction of the detector `model` in a policy's text.
    ///
    /// # Errors
    /// When the text is no TOML, has none, or one that is not monotone.
    pub fn parse(policy: &str, model: &str) -> Result<Self, CorrectionError> {
        let unreadable = |error: toml::de::Error| CorrectionError::Unreadable(error.to_string());
        let policy: toml::Table = toml::from_str(policy).map_err(unreadable)?;
        let table = ["detectors", model, "calibration"]
            .iter()
            .try_fold(&toml::Value::Table(policy.clone()), |value, key| value.get(key))
            .cloned();
        let table = table.ok_or_else(|| CorrectionError::Missing { model: model.into() })?;
        Ok(match table.try_into().map_err(unreadable)? {
            Raw::LogOdds { slope, offset } => Self::LogOdds(Calibration::logistic(slope, offset)?),
            Raw::Knots { knots } => Self::Score(Calibration::isotonic(knots)?),
        })
    }

    /// The corrected score, `0..=1`; `None` for what is no number.
    #[must_use]
    pub fn of(&self, score: f64) -> Option<f64> {
        match self {
            Self::LogOdds(calibration) => calibration.score((score / (1.0 - score)).ln()),
            Self::Score(calibration) => calibration.score(score),
        }
    }
}
