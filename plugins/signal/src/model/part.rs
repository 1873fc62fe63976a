// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a model makes of one set of features.

use super::linear::Linear;
use super::trees::Trees;

#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) linear: Linear,
    pub(super) trees: Trees,
    /// Of the linear logit and of the trees' sum.
    pub(super) shares: [f32; 2],
}

impl Part {
    /// The part's share of the logit; `None` for another number of features.
    pub(super) fn logit(&self, features: &[f32]) -> Option<f64> {
        let linear = self.linear.logit(features)?;
        let [linear_share, trees_share] = self.shares.map(f64::from);
        Some(linear_share * linear + trees_share * self.trees.sum(features))
    }
}
