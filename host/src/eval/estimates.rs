// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbers with their intervals and their n: pooled over a collection, and inside each source.

use serde::Serialize;

use super::interval::{bootstrap, Interval};
use super::metrics::{auc, counts, mean};
use super::ranked::{Ranked, Statistic};
use super::resample::{Clusters, Strata};
use super::series::{by, scores, Sample};

/// Resamples of every bootstrap interval.
pub const RESAMPLES: usize = 500;
/// Seed of every bootstrap interval.
pub(super) const SEED: u64 = 0x00a5_5a1e;
/// Pictures of each class that a source must have to be compared within.
pub const MATCHED_MIN: usize = 5;

/// A number over pictures of two classes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Bootstrap by group; none when a class has too few groups.
    pub interval: Option<Interval>,
    /// Positives.
    pub n_positive: usize,
    /// Negatives.
    pub n_negative: usize,
}

/// A mean over pictures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Average {
    /// The mean.
    pub value: f64,
    /// 95 %, bootstrap by group; none with fewer than two groups.
    pub interval: Option<Interval>,
}

/// AUC inside one source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceAuc {
    /// The source.
    pub source: String,
    /// Its AUC.
    pub auc: f64,
    /// Positives in it.
    pub n_positive: usize,
    /// Negatives in it.
    pub n_negative: usize,
}

/// The content-matched mean: AUC inside each source that has both classes, averaged. Pictures of one
/// source are alike in content and went through the same hands, so that neither tells the classes
/// apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Matched {
    /// The mean of the sources' AUC, each source counted once.
    pub mean: f64,
    /// Bootstrap over sources and over the pictures of each.
    pub interval: Option<Interval>,
    /// The sources.
    pub sources: Vec<SourceAuc>,
}

impl Average {
    /// The mean over the pictures of all groups, whose interval resamples whole groups; `None` if
    /// there are no pictures.
    #[must_use]
    pub fn of(groups: &[Vec<f64>]) -> Option<Self> {
        let value = mean(&groups.concat())?;
        Some(Self { value, interval: bootstrap(groups, RESAMPLES, SEED, mean) })
    }
}

/// A statistic of the samples with its bootstrap interval by group.
#[must_use]
pub fn estimate(samples: &[Sample<'_>], statistic: Statistic) -> Option<Estimate> {
    let all = scores(samples);
    let ranked = Ranked::of(&all);
    let value = ranked.statistic(&vec![1; all.len()], statistic)?;
    let clusters =
        Clusters::of(samples.iter().map(|s| (s.scored.is_positive, s.picture.group.as_str())));
    let interval = clusters.interval(|drawn| ranked.statistic(drawn, statistic));
    let (n_positive, n_negative) = counts(&all);
    Some(Estimate { value, interval, n_positive, n_negative })
}

/// The content-matched mean; `None` when no source has [`MATCHED_MIN`] of both classes.
#[must_use]
pub fn matched(samples: &[Sample<'_>]) -> Option<Matched> {
    let mut sources = Vec::new();
    let mut strata = Vec::new();
    for (source, part) in by(samples, |sample| sample.picture.source.clone()) {
        let all = scores(&part);
        let (n_positive, n_negative) = counts(&all);
        if n_positive.min(n_negative) < MATCHED_MIN {
            continue;
        }
        let Some(auc) = auc(&all) else { continue };
        sources.push(SourceAuc { source, auc, n_positive, n_negative });
        strata.push((Ranked::of(&all), all));
    }
    let mean = mean(&sources.iter().map(|source| source.auc).collect::<Vec<_>>())?;
    let classes = strata.iter().map(|(_, all)| all.iter().map(|s| s.is_positive));
    let interval = Strata::of(classes).interval(|source, drawn| {
        strata.get(source).and_then(|(ranked, _)| ranked.statistic(drawn, Statistic::Auc))
    });
    Some(Matched { mean, interval, sources })
}
