// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbers of a calibration: the same measures for the base policy and for cross-fitted
//! probabilities.

use std::collections::BTreeMap;

use super::asked::Kinds;
use super::operating::Limited;
use super::outcome::{Honesty, Performance, Rate};
use super::rows::Row;
use super::run::Order;
use crate::eval::interval::Share;
use crate::eval::metrics::{auc, balanced_accuracy, Scored};
use crate::eval::ranked::{Ranked, Statistic};
use crate::eval::resample::Clusters;
use crate::eval::tiers::Tier;

/// Bins of the calibration error, as in `assay evaluate`.
const BINS: usize = 10;
/// The kind of pictures that come straight from a camera.
pub(super) const CAMERA_ORIGINAL: &str = "camera_original";
/// Kinds that begin so are of pictures that were collected beside positives of the same subject.
const MATCHED: &str = "matched";
/// Tiers in which authentic pictures that were published are met.
const PUBLISHED: [Tier; 3] = [Tier::Clean, Tier::Web, Tier::Hard];

/// One row with a probability.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The row.
    pub row: &'a Row<'a>,
    /// Its class.
    pub is_positive: bool,
    /// Its share, at the odds of the prior.
    pub share: f64,
    /// The probability, 0..=1.
    pub p: f64,
}

/// Where an authentic picture comes from, as far as a threshold is concerned.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Origin<'k> {
    /// Of a kind that a rate of its own is asked of.
    Named(&'k str, f64),
    Camera,
    /// Collected beside positives of the same subject: measured, but no rate is asked of them.
    Matched,
    Other,
}

impl<'k> Origin<'k> {
    fn of(kind: &str, kinds: &'k Kinds) -> Self {
        if let Some((name, rate)) = kinds.get_key_value(kind) {
            return Self::Named(name, *rate);
        }
        match kind {
            CAMERA_ORIGINAL => Self::Camera,
            kind if kind.starts_with(MATCHED) => Self::Matched,
            _ => Self::Other,
        }
    }

    /// Camera originals count as they are, all others also as the web delivers them.
    fn set(self, tier: Tier) -> Option<String> {
        let name = match self {
            Self::Named(kind, _) => kind,
            Self::Camera if tier != Tier::Clean => return None,
            Self::Camera => "camera originals",
            Self::Matched => "matched authentic",
            Self::Other => "other authentic",
        };
        PUBLISHED.contains(&tier).then(|| format!("{name}, {}", tier.as_str()))
    }

    fn rate(self, order: &Order<'_>) -> Option<f64> {
        match self {
            Self::Named(_, rate) => Some(rate),
            Self::Camera => Some(order.target_fpr),
            Self::Matched => None,
            Self::Other => Some(order.target_fpr_others),
        }
    }
}

/// The set of authentic pictures in which a row is counted at a threshold; none in the other tiers.
#[must_use]
pub fn set_of(row: &Row<'_>, kinds: &Kinds) -> Option<String> {
    Origin::of(&row.picture.kind, kinds).set(row.tier)
}

/// Probabilities of pictures, by set.
pub type Sets = BTreeMap<String, Vec<f64>>;

/// The authentic pictures of each set with their probabilities.
#[must_use]
pub fn sets(told: &[Told<'_>], kinds: &Kinds) -> Sets {
    let mut sets = Sets::new();
    for one in told.iter().filter(|one| !one.is_positive) {
        if let Some(set) = set_of(one.row, kinds) {
            sets.entry(set).or_default().push(one.p);
        }
    }
    sets
}

/// The positives of each tier with their probabilities.
#[must_use]
pub fn positives(told: &[Told<'_>]) -> Sets {
    let mut positives = Sets::new();
    for one in told.iter().filter(|one| one.is_positive) {
        positives.entry(one.row.tier.as_str().to_owned()).or_default().push(one.p);
    }
    positives
}

/// Those of [`sets`] of which a rate is asked, by name.
#[must_use]
pub fn limited(told: &[Told<'_>], order: &Order<'_>) -> BTreeMap<String, Limited> {
    let mut sets: BTreeMap<String, Limited> = BTreeMap::new();
    for one in told.iter().filter(|one| !one.is_positive) {
        let origin = Origin::of(&one.row.picture.kind, order.target_fpr_of);
        if let (Some(rate), Some(set)) = (origin.rate(order), origin.set(one.row.tier)) {
            sets.entry(set).or_insert_with(|| Limited { set: Vec::new(), rate }).set.push(one.p);
        }
    }
    sets
}

/// Brier score and calibration error of numbers with shares; `None` for none.
#[must_use]
pub fn honesty(told: &[(f64, bool, f64)]) -> Option<Honesty> {
    let total: f64 = told.iter().map(|(.., share)| share).sum();
    if total <= 0.0 {
        return None;
    }
    let truth = |is_positive: bool| f64::from(u8::from(is_positive));
    let squares = told.iter().map(|(p, class, share)| share * (p - truth(*class)).powi(2));
    // The signed distance of probability and truth in each bin.
    let mut bins = [0.0; BINS];
    for (p, is_positive, share) in told {
        let bin = ((p * BINS as f64).max(0.0) as usize).min(BINS - 1);
        if let Some(distance) = bins.get_mut(bin) {
            *distance += share * (p - truth(*is_positive));
        }
    }
    let ece = bins.iter().map(|distance: &f64| distance.abs()).sum::<f64>() / total;
    Some(Honesty { brier: squares.sum::<f64>() / total, ece })
}

/// Everything that is measured of one hypothesis; `None` without both classes.
#[must_use]
pub fn performance(
    told: &[Told<'_>],
    threshold: f64,
    below: f64,
    kinds: &Kinds,
) -> Option<Performance> {
    let scored = |one: &Told<'_>| Scored { score: one.p, is_positive: one.is_positive };
    let all: Vec<_> = told.iter().map(scored).collect();
    let ranked = Ranked::of(&all);
    let groups = told.iter().map(|one| (one.is_positive, one.row.picture.group.as_str()));
    let shares: Vec<_> = told.iter().map(|one| (one.p, one.is_positive, one.share)).collect();
    let positives = positives(told);
    let negatives = sets(told, kinds);
    Some(Performance {
        threshold,
        auc: auc(&all)?,
        auc_interval: Clusters::of(groups)
            .interval(|drawn| ranked.statistic(drawn, Statistic::Auc)),
        honesty: honesty(&shares)?,
        balanced_accuracy: balanced_accuracy(&all, threshold)?,
        found: rates(&positives, |p| p >= threshold),
        missed: rates(&positives, |p| p < below),
        undecided: rates(&positives, |p| p >= below && p < threshold),
        false_positives: rates(&negatives, |p| p >= threshold),
    })
}

/// The share of each set that is counted.
#[must_use]
pub fn rates(sets: &Sets, is_counted: impl Fn(f64) -> bool) -> Vec<Rate> {
    let rate = |(of, set): (&String, &Vec<f64>)| {
        let count = set.iter().filter(|p| is_counted(**p)).count();
        Some(Rate { of: of.clone(), share: Share::of(count, set.len())? })
    };
    sets.iter().filter_map(rate).collect()
}
