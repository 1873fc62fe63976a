// SPDX-License-Identifier: MIT OR Apache-2.0
//! Scores sorted once, so that a statistic of any resample of them is one pass: a resample says how often
//! each picture was drawn. What is computed is what [`super::metrics`] computes of the drawn pictures,
//! to the bit, because it is counted in whole numbers.

use super::metrics::{Scored, ROUNDING};

/// What is computed of scores of two classes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// [`super::metrics::auc`].
    Auc,
    /// [`super::metrics::tpr_at_fpr`] at a rate.
    TprAtFpr(f64),
}

/// Scores, the highest first.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// Places in what was ranked.
    order: Vec<usize>,
    /// Of the place in `order`: the class, and whether the next score is another.
    marks: Vec<(bool, bool)>,
}

/// Pictures of one score, as often as they were drawn.
#[derive(Clone, Copy, Default)]
struct Tie {
    positives: u64,
    negatives: u64,
}

impl Ranked {
    /// Sorts.
    #[must_use]
    pub fn of(scored: &[Scored]) -> Self {
        let mut sorted: Vec<_> = scored.iter().enumerate().collect();
        sorted.sort_by(|a, b| b.1.score.total_cmp(&a.1.score));
        let next = sorted.iter().skip(1).map(|(_, scored)| Some(scored.score));
        let next = next.chain(std::iter::once(None));
        let marks = sorted.iter().zip(next).map(|((_, scored), next)| {
            let is_last = next.is_none_or(|next| next != scored.score);
            (scored.is_positive, is_last)
        });
        Self { marks: marks.collect(), order: sorted.iter().map(|(place, _)| *place).collect() }
    }

    /// The statistic of pictures of which each, in the order of what was ranked, was drawn so often.
    /// `None` if a class is empty.
    #[must_use]
    pub fn statistic(&self, drawn: &[u32], statistic: Statistic) -> Option<f64> {
        match statistic {
            Statistic::Auc => self.auc(drawn),
            Statistic::TprAtFpr(rate) => self.tpr_at_fpr(drawn, rate),
        }
    }

    fn auc(&self, drawn: &[u32]) -> Option<f64> {
        let (mut above, mut negatives, mut twice_wins) = (0, 0, 0);
        self.ties(drawn, |tie| {
            // Negatives that are below positives, counted from the negatives' side.
            twice_wins += tie.negatives * (2 * above + tie.positives);
            above += tie.positives;
            negatives += tie.negatives;
            true
        });
        let pairs = above * negatives;
        (pairs > 0).then(|| twice_wins as f64 / (2.0 * above as f64 * negatives as f64))
    }

    fn tpr_at_fpr(&self, drawn: &[u32], rate: f64) -> Option<f64> {
        let (mut positives, mut negatives) = (0, 0);
        self.ties(drawn, |tie| {
            positives += tie.positives;
            negatives += tie.negatives;
            true
        });
        if positives == 0 || negatives == 0 {
            return None;
        }
        let allowed = rate * negatives as f64 + ROUNDING;
        let (mut hits, mut false_alarms) = (0, 0);
        self.ties(drawn, |tie| {
            false_alarms += tie.negatives;
            let is_allowed = false_alarms as f64 <= allowed;
            hits += if is_allowed { tie.positives } else { 0 };
            is_allowed
        });
        Some(hits as f64 / positives as f64)
    }

    /// Hands over the drawn pictures score by score, until `take` has enough.
    fn ties(&self, drawn: &[u32], mut take: impl FnMut(Tie) -> bool) {
        let mut tie = Tie::default();
        for (&place, &(is_positive, is_last)) in self.order.iter().zip(&self.marks) {
            let count = u64::from(drawn.get(place).copied().unwrap_or(0));
            if is_positive {
                tie.positives += count;
            } else {
                tie.negatives += count;
            }
            if is_last && !take(std::mem::take(&mut tie)) {
                return;
            }
        }
    }
}
