// SPDX-License-Identifier: MIT OR Apache-2.0
//! The whole comparison: each tier that both have, each series or the two that were asked for.

use serde::Serialize;

use super::delong::DeLong;
use super::mcnemar::McNemar;
use super::pairing::{places, PairingError};
use crate::eval::manifest::{Picture, Truth};
use crate::eval::paired::{difference, matched_difference, Difference, MatchedDifference, Pair};
use crate::eval::ranked::Statistic;
use crate::eval::record::Examined;
use crate::eval::report::PolicyName;
use crate::eval::series::Series;
use crate::eval::tiers::Tier;
use crate::policy::Policy;
use crate::results::Under;

/// Results under a policy.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The results, as they were named.
    pub name: &'a str,
    /// The policy.
    pub policy: &'a Policy,
    /// The collection as it has it.
    pub under: &'a Under,
    /// The series; none for all that both have.
    pub series: Option<&'a str>,
}

/// What was compared, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The first and the second.
    pub sides: [SideName; 2],
    /// Pictures that both have.
    pub pictures: usize,
    /// In the first's order.
    pub tiers: Vec<TierComparison>,
}

/// One side's name.
#[derive(Clone, Debug, Serialize)]
pub struct SideName {
    /// The results.
    pub results: String,
    /// The policy.
    pub policy: PolicyName,
}

/// One tier.
#[derive(Clone, Debug, Serialize)]
pub struct TierComparison {
    /// `clean`, `q90`, …
    pub tier: &'static str,
    /// The series.
    pub series: Vec<SeriesComparison>,
}

/// Two series on the same pictures of one tier.
#[derive(Clone, Debug, Serialize)]
pub struct SeriesComparison {
    /// Their names.
    pub names: [String; 2],
    /// The truth that both claim to tell from authentic pictures.
    pub positive: Truth,
    /// Positives that both scored.
    pub n_positive: usize,
    /// Authentic pictures that both scored.
    pub n_negative: usize,
    /// Pictures of both classes that one of them or both did not score.
    pub left_out: usize,
    /// AUC.
    pub auc: Option<Difference>,
    /// The test of both AUC.
    pub delong: Option<DeLong>,
    /// Its probability, corrected for all tests of the comparison by Holm's method.
    pub p_holm: Option<f64>,
    /// Highest true-positive rate at 1 % false alarms.
    pub tpr_at_fpr_1: Option<Difference>,
    /// Content-matched means.
    pub content_matched: Option<MatchedDifference>,
    /// The policies' thresholds.
    pub thresholds: [f64; 2],
    /// Positives called so.
    pub found: McNemar,
    /// Authentic pictures called so.
    pub false_alarms: McNemar,
}

/// A picture as both sides have it.
type Row<'a> = (&'a Picture, [&'a Examined; 2]);

impl Comparison {
    /// Compares.
    ///
    /// # Errors
    /// When the pictures are not the same, or there is no such series, or the two claim different things.
    pub fn of(first: Side<'_>, second: Side<'_>) -> Result<Self, PairingError> {
        let places = places(first.under, second.under)?;
        let tiers = first.under.tiers.clone();
        let common = tiers.iter().copied().filter(|tier| second.under.tiers.contains(tier));
        let common: Vec<_> = common.filter(|tier| *tier != Tier::Lowpass).collect();
        if common.is_empty() {
            let named = |tiers: &[Tier]| {
                tiers.iter().map(|tier| tier.as_str()).collect::<Vec<_>>().join(", ")
            };
            let (first, second) = (named(&tiers), named(&second.under.tiers));
            return Err(PairingError::Tiers { first, second });
        }
        let one = |tier: Tier| {
            let rows = rows(first.under, second.under, &places, tier);
            let pairs = series(&rows, first, second)?;
            let series =
                pairs.iter().filter_map(|pair| SeriesComparison::of(pair, &rows)).collect();
            Ok(TierComparison { tier: tier.as_str(), series })
        };
        let mut tiers = common.into_iter().map(one).collect::<Result<Vec<_>, PairingError>>()?;
        holm(&mut tiers);
        let side = |side: Side<'_>| SideName {
            results: side.name.to_owned(),
            policy: PolicyName::of(side.policy),
        };
        let pictures = places.iter().flatten().count();
        Ok(Self { sides: [side(first), side(second)], pictures, tiers })
    }
}

fn rows<'a>(
    first: &'a Under,
    second: &'a Under,
    places: &[Option<usize>],
    tier: Tier,
) -> Vec<Row<'a>> {
    let by_place: std::collections::BTreeMap<_, _> =
        second.numbered(tier).into_iter().map(|(place, _, examined)| (place, examined)).collect();
    let row = |(place, picture, examined): (usize, &'a Picture, &'a Examined)| {
        let other = places.get(place).copied().flatten()?;
        Some((picture, [examined, *by_place.get(&other)?]))
    };
    first.numbered(tier).into_iter().filter_map(row).collect()
}

/// The series to compare with each other.
fn series(
    rows: &[Row<'_>],
    first: Side<'_>,
    second: Side<'_>,
) -> Result<Vec<[Series; 2]>, PairingError> {
    let Some((_, [one, other])) = rows.first() else { return Ok(Vec::new()) };
    let (of_first, of_second) = (Series::all(one, first.policy), Series::all(other, second.policy));
    let named = |all: &[Series], name: &str, which: &'static str| {
        let known = || all.iter().map(|series| series.name.clone()).collect::<Vec<_>>().join(", ");
        let found = all.iter().find(|series| series.name == name).cloned();
        found.ok_or_else(|| PairingError::NoSeries { name: name.to_owned(), which, known: known() })
    };
    if let Some((a, b)) = first.series.zip(second.series) {
        let pair = [named(&of_first, a, "first")?, named(&of_second, b, "second")?];
        let [one, other] = &pair;
        if one.positive != other.positive {
            return Err(PairingError::Claims {
                first: one.name.clone(),
                first_claim: one.positive.as_str(),
                second: other.name.clone(),
                second_claim: other.positive.as_str(),
            });
        }
        return Ok(vec![pair]);
    }
    let common = of_first.into_iter().filter_map(|one| {
        let mut others = of_second.iter();
        let other = others.find(|o| o.name == one.name && o.positive == one.positive)?;
        Some([one, other.clone()])
    });
    Ok(common.collect())
}

impl SeriesComparison {
    /// `None` where a class has no picture.
    fn of(series: &[Series; 2], rows: &[Row<'_>]) -> Option<Self> {
        let [first, second] = series;
        let classed = rows.iter().filter_map(|row| Some((row, first.class(row.0.truth)?)));
        let classed: Vec<_> = classed.collect();
        let mut pairs = Vec::with_capacity(classed.len());
        for ((picture, [one, other]), is_positive) in &classed {
            if let Some((a, b)) = first.score(one).zip(second.score(other)) {
                let (group, source) = (picture.group.as_str(), picture.source.as_str());
                pairs.push(Pair { scores: [a, b], is_positive: *is_positive, group, source });
            }
        }
        let is_called =
            |series: &Series, examined| series.said(examined) == series.positive_label();
        let called = |class: bool| {
            let of_class = classed.iter().filter(|(_, is_positive)| *is_positive == class);
            let both = of_class
                .map(|((_, [one, other]), _)| [is_called(first, one), is_called(second, other)]);
            McNemar::of(both)
        };
        let (found, false_alarms) = (called(true), called(false));
        if found.n() == 0 || false_alarms.n() == 0 {
            return None;
        }
        let n_positive = pairs.iter().filter(|pair| pair.is_positive).count();
        Some(Self {
            names: [first.name.clone(), second.name.clone()],
            positive: first.positive,
            n_positive,
            n_negative: pairs.len() - n_positive,
            left_out: classed.len() - pairs.len(),
            auc: difference(&pairs, Statistic::Auc),
            delong: DeLong::of(&pairs),
            p_holm: None,
            tpr_at_fpr_1: difference(&pairs, Statistic::TprAtFpr(0.01)),
            content_matched: matched_difference(&pairs),
            thresholds: [first.threshold, second.threshold],
            found,
            false_alarms,
        })
    }
}

/// Corrects the tests of both AUC for their number [Holm 1979].
fn holm(tiers: &mut [TierComparison]) {
    let all = tiers.iter_mut().flat_map(|tier| &mut tier.series);
    let mut tests: Vec<_> = all.filter_map(|s| Some((s.delong?.p, &mut s.p_holm))).collect();
    tests.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut left, mut least) = (tests.len(), 0.0_f64);
    for (p, corrected) in tests {
        least = least.max((p * left as f64).min(1.0));
        *corrected = Some(least);
        left -= 1;
    }
}
