// SPDX-License-Identifier: MIT OR Apache-2.0
//! How well scores tell two classes apart, and how honest they are as probabilities.
//!
//! Pure functions. A rate whose class is empty is `None`, never 0 or 0.5. A picture is *called
//! positive* at a threshold when its score is at least the threshold, as in a policy.
//!
//! *References.* Mann and Whitney 1947 (AUC as a rank statistic); Brier 1950; Naeini, Cooper and
//! Hauskrecht 2015 (expected calibration error).

use serde::Serialize;

/// Slack for `max_fpr * n`, so that 0.01 of 100 pictures is one.
pub(super) const ROUNDING: f64 = 1e-9;

/// A picture with its score and its class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// The score, finite.
    pub score: f64,
    /// Whether the hypothesis holds.
    pub is_positive: bool,
}

/// One point of the ROC curve: the rates when scores from `threshold` on are called positive.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RocPoint {
    /// Lowest score that is called positive; `None` for the first point, which calls nothing so.
    pub threshold: Option<f64>,
    /// Share of the negatives called positive.
    pub fpr: f64,
    /// Share of the positives called positive.
    pub tpr: f64,
}

/// The pictures whose score falls into one interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ReliabilityBin {
    /// Lower edge, included.
    pub low: f64,
    /// Upper edge, included in the last bin only.
    pub high: f64,
    /// Pictures.
    pub n: usize,
    /// Mean of their scores.
    pub mean_score: f64,
    /// Share of them that is positive.
    pub positive_rate: f64,
}

/// How many are positive and how many negative.
#[must_use]
pub fn counts(scored: &[Scored]) -> (usize, usize) {
    let positives = scored.iter().filter(|s| s.is_positive).count();
    (positives, scored.len() - positives)
}

/// The probability that a positive has a higher score than a negative, ties counted half:
/// `U / (n_positive * n_negative)` [Mann & Whitney 1947]. `None` if a class is empty.
#[must_use]
pub fn auc(scored: &[Scored]) -> Option<f64> {
    let (positives, negatives) = counts(scored);
    let mut below = 0_usize;
    let mut twice_wins = 0_usize;
    for tie in ties(&descending(scored)).rev() {
        let (tied_positives, tied_negatives) = counts(tie);
        twice_wins += tied_positives * (2 * below + tied_negatives);
        below += tied_negatives;
    }
    ratio(twice_wins as f64, 2.0 * positives as f64 * negatives as f64)
}

/// The numbers in ascending order.
#[must_use]
pub fn ascending(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<_> = numbers.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// Of all pairs of a score and a number, twice those in which the score is higher, and once those in which
/// both are equal: the AUC of the scores against the numbers is that over twice the pairs.
#[must_use]
pub fn twice_wins(scores: impl Iterator<Item = f64>, ascending: &[f64]) -> usize {
    let wins = |score: f64| {
        ascending.partition_point(|number| *number < score)
            + ascending.partition_point(|number| *number <= score)
    };
    scores.map(wins).sum()
}

/// The AUC of scores against numbers in ascending order; `None` without either.
#[must_use]
pub fn auc_against(scores: &[Scored], ascending: &[f64]) -> Option<f64> {
    let wins = twice_wins(scores.iter().map(|scored| scored.score), ascending);
    ratio(wins as f64, 2.0 * scores.len() as f64 * ascending.len() as f64)
}

/// The ROC curve, one point for each distinct score, from (0, 0) to (1, 1). Empty if a class is.
#[must_use]
pub fn roc(scored: &[Scored]) -> Vec<RocPoint> {
    let (positives, negatives) = counts(scored);
    if positives == 0 || negatives == 0 {
        return Vec::new();
    }
    let mut points = vec![RocPoint { threshold: None, fpr: 0.0, tpr: 0.0 }];
    let (mut hits, mut false_alarms) = (0, 0);
    for tie in ties(&descending(scored)) {
        let (tied_positives, tied_negatives) = counts(tie);
        hits += tied_positives;
        false_alarms += tied_negatives;
        points.push(RocPoint {
            threshold: tie.first().map(|s| s.score),
            fpr: false_alarms as f64 / negatives as f64,
            tpr: hits as f64 / positives as f64,
        });
    }
    points
}

/// The highest true-positive rate of any threshold whose false alarms are at most
/// `floor(max_fpr * n_negative)`. Nothing is interpolated: with 50 negatives, a `max_fpr` of 1 %
/// allows no false alarm at all. `None` if a class is empty.
#[must_use]
pub fn tpr_at_fpr(scored: &[Scored], max_fpr: f64) -> Option<f64> {
    let (positives, negatives) = counts(scored);
    if negatives == 0 {
        return None;
    }
    let allowed = max_fpr * negatives as f64 + ROUNDING;
    let (mut hits, mut false_alarms) = (0, 0);
    for tie in ties(&descending(scored)) {
        let (tied_positives, tied_negatives) = counts(tie);
        false_alarms += tied_negatives;
        if false_alarms as f64 > allowed {
            break;
        }
        hits += tied_positives;
    }
    ratio(hits as f64, positives as f64)
}

/// Mean of the shares of both classes on their side of the threshold. `None` if a class is empty.
#[must_use]
pub fn balanced_accuracy(scored: &[Scored], threshold: f64) -> Option<f64> {
    let (positives, negatives) = counts(scored);
    let is_right = |s: &&Scored| (s.score >= threshold) == s.is_positive;
    let (hits, clears) = counts(&scored.iter().filter(is_right).copied().collect::<Vec<_>>());
    let (tpr, tnr) =
        (ratio(hits as f64, positives as f64)?, ratio(clears as f64, negatives as f64)?);
    Some((tpr + tnr) / 2.0)
}

/// Mean squared distance of the score from the truth, 1 or 0 [Brier 1950]. `None` for no pictures.
#[must_use]
pub fn brier(scored: &[Scored]) -> Option<f64> {
    let distance = |s: &Scored| s.score - f64::from(u8::from(s.is_positive));
    ratio(scored.iter().map(|s| distance(s).powi(2)).sum(), scored.len() as f64)
}

/// The pictures in `bins` intervals of equal width over 0..=1, empty ones left out.
#[must_use]
pub fn reliability(scored: &[Scored], bins: usize) -> Vec<ReliabilityBin> {
    let edge = |index: usize| index as f64 / bins as f64;
    let bin_of = |score: f64| ((score * bins as f64).max(0.0) as usize).min(bins - 1);
    let of_bin = |index| {
        let inside: Vec<_> = scored.iter().filter(|s| bin_of(s.score) == index).copied().collect();
        let n = inside.len();
        let mean_score = ratio(inside.iter().map(|s| s.score).sum(), n as f64)?;
        let positive_rate = ratio(counts(&inside).0 as f64, n as f64)?;
        Some(ReliabilityBin {
            low: edge(index),
            high: edge(index + 1),
            n,
            mean_score,
            positive_rate,
        })
    };
    (0..bins).filter_map(of_bin).collect()
}

/// The expected calibration error: the distance of mean score and share of positives in each bin of
/// [`reliability`], weighed by the bin's pictures [Naeini et al. 2015]. `None` for no pictures.
#[must_use]
pub fn ece(scored: &[Scored], bins: usize) -> Option<f64> {
    let distance = |bin: &ReliabilityBin| (bin.mean_score - bin.positive_rate).abs() * bin.n as f64;
    ratio(reliability(scored, bins).iter().map(distance).sum(), scored.len() as f64)
}

/// The middle value, the mean of the middle two; `None` for none.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

/// The mean; `None` for none.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    ratio(values.iter().sum(), values.len() as f64)
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

fn descending(scored: &[Scored]) -> Vec<Scored> {
    let mut sorted = scored.to_vec();
    sorted.sort_unstable_by(|a, b| b.score.total_cmp(&a.score));
    sorted
}

/// Runs of equal scores.
fn ties(sorted: &[Scored]) -> impl DoubleEndedIterator<Item = &[Scored]> {
    sorted.chunk_by(|a, b| a.score == b.score)
}
