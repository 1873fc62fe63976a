// SPDX-License-Identifier: MIT OR Apache-2.0
//! Logistic regression on standardised, clipped features.

/// One feature's standardisation and weight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) mean: f32,
    /// Above 0.
    pub(super) deviation: f32,
    pub(super) weight: f32,
}

#[derive(Clone, Debug)]
pub(super) struct Linear {
    pub(super) columns: Vec<Column>,
    /// Largest magnitude of a standardised feature.
    pub(super) clip: f32,
    pub(super) bias: f32,
}

impl Linear {
    /// `bias + sum weight * clip((feature - mean) / deviation)`; `None` for another number of
    /// features.
    pub(super) fn logit(&self, features: &[f32]) -> Option<f64> {
        if features.len() != self.columns.len() {
            return None;
        }
        let terms = self.columns.iter().zip(features).map(|(column, &feature)| {
            let standardised = (feature - column.mean) / column.deviation;
            f64::from(column.weight) * f64::from(standardised.clamp(-self.clip, self.clip))
        });
        Some(f64::from(self.bias) + terms.sum::<f64>())
    }
}
