// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a classifier read off a picture.

use crate::attribution::Attributed;
use crate::model::Reference;

/// One crop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CropReading {
    /// Left column, px.
    pub x: usize,
    /// Top row, px.
    pub y: usize,
    /// Columns and rows, px.
    pub side: usize,
    /// The model's logit.
    pub logit: f64,
    /// The score that a picture of this logit would have, `0..=1`.
    pub score: f64,
}

/// What is said of the family of generators that a picture is of, if a generator made it.
#[derive(Clone, Debug, PartialEq)]
pub enum Family {
    /// Nothing: the classifier has no attribution.
    NotAsked,
    /// No family can be named.
    Unknown,
    /// This one.
    Named(Attributed),
}

/// A picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The crops that were read, at least one.
    pub crops: Vec<CropReading>,
    /// Mean logit over the crops.
    pub logit: f64,
    /// Standard deviation of the logit over the crops; 0 for one crop.
    pub logit_deviation: f64,
    /// Calibrated score, `0..=1`; 0.5 says nothing either way.
    pub score: f64,
    /// Share of authentic pictures of the calibration that reach this logit, conformal.
    pub p_value: f64,
    /// Authentic pictures of the calibration.
    pub authentic_pictures: usize,
    /// The family of generators that it would be of.
    pub family: Family,
}

impl Reading {
    /// The mean of the crops, and what the calibration says of it; `None` without a crop.
    pub(super) fn of(
        crops: Vec<CropReading>,
        reference: &Reference,
        family: Family,
    ) -> Option<Self> {
        if crops.is_empty() {
            return None;
        }
        let count = crops.len() as f64;
        let logit = crops.iter().map(|crop| crop.logit).sum::<f64>() / count;
        let squares = crops.iter().map(|crop| (crop.logit - logit).powi(2));
        let variance = squares.sum::<f64>() / count;
        Some(Self {
            logit,
            logit_deviation: variance.sqrt(),
            score: reference.score(logit),
            p_value: reference.p_value(logit),
            authentic_pictures: reference.authentic_pictures(),
            crops,
            family,
        })
    }
}
