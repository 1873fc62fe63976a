// SPDX-License-Identifier: MIT OR Apache-2.0
//! Inference of gradient-boosted regression trees.

/// A question of a tree, checked by the reader: its feature exists, its children are later splits
/// of the same tree or leaves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Split {
    pub(super) feature: u16,
    pub(super) threshold: f32,
    /// Child if the feature is at most the threshold, child otherwise.
    pub(super) children: [i16; 2],
}

#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub(super) splits: Vec<Split>,
    pub(super) leaves: Vec<f32>,
}

impl Tree {
    fn value(&self, features: &[f32]) -> Option<f64> {
        let mut at: i16 = if self.splits.is_empty() { -1 } else { 0 };
        // Children are later splits, so this ends.
        while let Ok(index) = usize::try_from(at) {
            let split = self.splits.get(index)?;
            let above = *features.get(usize::from(split.feature))? > split.threshold;
            at = split.children[usize::from(above)];
        }
        self.leaves.get(usize::try_from(-1 - at).ok()?).map(|&leaf| f64::from(leaf))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Trees(pub(super) Vec<Tree>);

impl Trees {
    /// The sum of the trees' leaves.
    pub(super) fn sum(&self, features: &[f32]) -> f64 {
        self.0.iter().map(|tree| tree.value(features).unwrap_or_default()).sum()
    }
}
