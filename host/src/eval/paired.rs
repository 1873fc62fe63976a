// SPDX-License-Identifier: MIT OR Apache-2.0
//! Two scores of the same pictures: how much better the second tells the classes apart. Both are computed
//! of the same draws, so that what the pictures do to both cancels.

use std::collections::BTreeMap;

use serde::Serialize;

use super::estimates::MATCHED_MIN;
use super::interval::Interval;
use super::metrics::{counts, mean, Scored};
use super::ranked::{Ranked, Statistic};
use super::resample::{Clusters, Strata};

/// One picture with two scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair<'a> {
    /// The scores, finite.
    pub scores: [f64; 2],
    /// Whether the hypothesis holds.
    pub is_positive: bool,
    /// What the picture is not independent of.
    pub group: &'a str,
    /// Where it was collected.
    pub source: &'a str,
}

/// A statistic of both.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Of the first and of the second.
    pub values: [f64; 2],
    /// The second less the first.
    pub difference: f64,
    /// Its interval of 95 %, paired, by group; of content-matched means by source and picture. None with
    /// fewer than two of them.
    pub interval: Option<Interval>,
}

/// Content-matched means of both.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MatchedDifference {
    /// The means.
    #[serde(flatten)]
    pub means: Difference,
    /// Sources with enough of both classes.
    pub sources: usize,
    /// Pictures in them.
    pub pictures: usize,
}

/// A statistic of both over all pairs; `None` if a class is empty.
#[must_use]
pub fn difference(pairs: &[Pair<'_>], statistic: Statistic) -> Option<Difference> {
    let [first, second] = ranked(pairs);
    let of = |drawn: &[u32]| {
        Some([first.statistic(drawn, statistic)?, second.statistic(drawn, statistic)?])
    };
    let values = of(&vec![1; pairs.len()])?;
    let clusters = Clusters::of(pairs.iter().map(|pair| (pair.is_positive, pair.group)));
    let interval = clusters.interval(|drawn| of(drawn).map(|[a, b]| b - a));
    Some(Difference { values, difference: values[1] - values[0], interval })
}

/// The content-matched means of both; `None` when no source has [`MATCHED_MIN`] of both classes.
#[must_use]
pub fn matched_difference(pairs: &[Pair<'_>]) -> Option<MatchedDifference> {
    let mut by_source: BTreeMap<&str, Vec<Pair<'_>>> = BTreeMap::new();
    for pair in pairs {
        by_source.entry(pair.source).or_default().push(*pair);
    }
    by_source.retain(|_, part| {
        let (positives, negatives) = counts(&scored(part, 0));
        positives.min(negatives) >= MATCHED_MIN
    });
    let parts: Vec<_> = by_source.into_values().map(|part| (ranked(&part), part)).collect();
    let of = |source: usize, drawn: &[u32]| {
        let ([first, second], _) = parts.get(source)?;
        let (auc, other) =
            (first.statistic(drawn, Statistic::Auc)?, second.statistic(drawn, Statistic::Auc)?);
        Some([auc, other])
    };
    let whole = |(place, (_, part)): (usize, &(_, Vec<_>))| of(place, &vec![1; part.len()]);
    let each: Vec<_> = parts.iter().enumerate().filter_map(whole).collect();
    let value = |which: fn(&[f64; 2]) -> f64| mean(&each.iter().map(which).collect::<Vec<_>>());
    let values = [value(|[a, _]| *a)?, value(|[_, b]| *b)?];
    let classes = parts.iter().map(|(_, part)| part.iter().map(|pair| pair.is_positive));
    let interval =
        Strata::of(classes).interval(|source, drawn| of(source, drawn).map(|[a, b]| b - a));
    let means = Difference { values, difference: values[1] - values[0], interval };
    let pictures = parts.iter().map(|(_, part)| part.len()).sum();
    Some(MatchedDifference { means, sources: parts.len(), pictures })
}

/// The pairs by one of their scores.
#[must_use]
pub fn scored(pairs: &[Pair<'_>], which: usize) -> Vec<Scored> {
    let score = |pair: &Pair<'_>| pair.scores.get(which).copied().unwrap_or(f64::NAN);
    pairs.iter().map(|p| Scored { score: score(p), is_positive: p.is_positive }).collect()
}

fn ranked(pairs: &[Pair<'_>]) -> [Ranked; 2] {
    [0, 1].map(|which| Ranked::of(&scored(pairs, which)))
}
