// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which of some enrolled cameras took a picture.

use super::search::{Fit, Search};
use super::Fingerprint;
use crate::Samples;

/// Expected false alarms a picture that are allowed unless told otherwise: one picture in ten
/// thousand may be said to be of an enrolled camera and is of none.
pub const USUAL_FALSE_ALARMS: f64 = 1e-4;

/// What may be asked of [`identify`].
#[derive(Clone, Debug)]
pub struct Question {
    /// Expected false alarms a picture, above 0.
    pub false_alarms: f64,
    /// Factors by which the picture may have been resized, beside those that its size suggests.
    pub scales: Vec<f64>,
}

impl Default for Question {
    fn default() -> Self {
        Self { false_alarms: USUAL_FALSE_ALARMS, scales: Vec::new() }
    }
}

/// One camera's fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// Its place among the cameras that were asked about.
    pub camera: usize,
    /// How well the picture fits.
    pub fit: Fit,
    /// Whether the fit is better than the allowed false alarms.
    pub is_match: bool,
}

/// Compares a picture, by its weighted and cleaned residual, with every camera; the best fit first,
/// equal ones in the cameras' order.
///
/// # Errors
/// That of `before`, which is called before each camera.
pub fn identify<E>(
    picture: &Samples,
    cameras: &[Fingerprint],
    question: &Question,
    mut before: impl FnMut() -> Result<(), E>,
) -> Result<Vec<Likeness>, E> {
    let log10_enough = question.false_alarms.log10();
    let search = Search { cameras: cameras.len(), scales: question.scales.clone(), log10_enough };
    let mut found = Vec::with_capacity(cameras.len());
    for (camera, fingerprint) in cameras.iter().enumerate() {
        before()?;
        if let Some(fit) = search.best_fit(picture, || fingerprint.pattern()) {
            let is_match = fit.log10_false_alarms <= log10_enough;
            found.push(Likeness { camera, fit, is_match });
        }
    }
    let rank = |likeness: &Likeness| (likeness.fit.log10_false_alarms, -likeness.fit.pce);
    found.sort_by(|a, b| {
        let ((a, a_pce), (b, b_pce)) = (rank(a), rank(b));
        a.total_cmp(&b).then(a_pce.total_cmp(&b_pce))
    });
    Ok(found)
}
