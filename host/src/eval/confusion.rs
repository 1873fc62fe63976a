// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was said of what: INCONCLUSIVE and no answer are columns of their own, errors of neither
//! kind.

use std::collections::BTreeMap;

use serde::Serialize;

use super::manifest::Truth;

/// The column of pictures for which a detector gave no score.
pub const NONE: &str = "NONE";

/// Pictures by truth and by what was said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Confusion(BTreeMap<Truth, BTreeMap<&'static str, usize>>);

impl Confusion {
    /// Counts pictures.
    pub fn of(pictures: impl IntoIterator<Item = (Truth, &'static str)>) -> Self {
        let mut confusion = Self::default();
        for (truth, said) in pictures {
            *confusion.0.entry(truth).or_default().entry(said).or_default() += 1;
        }
        confusion
    }

    /// Pictures of a truth of which this was said.
    #[must_use]
    pub fn count(&self, truth: Truth, said: &str) -> usize {
        self.0.get(&truth).and_then(|row| row.get(said)).copied().unwrap_or(0)
    }

    /// Pictures of a truth.
    #[must_use]
    pub fn n(&self, truth: Truth) -> usize {
        self.0.get(&truth).map_or(0, |row| row.values().sum())
    }

    /// What was said at all, sorted.
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        let mut words: Vec<_> = self.0.values().flat_map(BTreeMap::keys).copied().collect();
        words.sort_unstable();
        words.dedup();
        words
    }

    /// The truths that occur.
    pub fn truths(&self) -> impl Iterator<Item = Truth> + '_ {
        self.0.keys().copied()
    }
}
