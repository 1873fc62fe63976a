// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is on the page: for each truth the entries in their order, each with its numbers in every tier.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::compare::pairing::{places, PairingError};
use crate::eval::estimates::{Estimate, Matched};
use crate::eval::floors::StorageFloor;
use crate::eval::headline::Headline;
use crate::eval::interval::{of_auc, Interval, Share};
use crate::eval::manifest::Truth;
use crate::eval::metrics::{ascending, auc_against};
use crate::eval::series::{by, scores, Sample, Series};
use crate::eval::summary::{Beside, SeriesSummary, TierSummary};
use crate::eval::tiers::Tier;
use crate::results::{Results, Under, UnderError};

/// What entries are ordered by, the highest first; what is refused stands last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum OrderBy {
    /// The content-matched mean.
    Matched,
    /// AUC over all pictures.
    Auc,
    /// The highest true-positive rate at 1 % false alarms.
    Tpr,
}

/// Results that take part.
#[derive(Clone, Copy, Debug)]
pub struct Entrant<'a> {
    /// The results, as they were named.
    pub name: &'a str,
    /// The results.
    pub results: &'a Results,
}

/// The page.
#[derive(Clone, Debug, Serialize)]
pub struct Board {
    /// The collection, as the first results name it.
    pub collection: String,
    /// Pictures by truth.
    pub pictures: BTreeMap<Truth, usize>,
    /// What entries are ordered by.
    pub order: OrderBy,
    /// In which tier.
    pub at: &'static str,
    /// The tiers, as the first results have them.
    pub tiers: Vec<&'static str>,
    /// One for each truth that entries claim to see.
    pub tables: Vec<Table>,
}

/// The entries that claim one truth.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    /// The truth.
    pub positive: Truth,
    /// What a classifier on what files are stored as reaches, by tier.
    pub floors: BTreeMap<&'static str, StorageFloor>,
    /// In their order.
    pub entries: Vec<Entry>,
}

/// A detector or a verdict of one of the results.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// The series.
    pub series: String,
    /// Version and digest of the detector, or the policy's.
    pub version: String,
    /// The results.
    pub results: String,
    /// Whether its detectors had seen the pictures, in words.
    pub held_out: String,
    /// By tier.
    pub tiers: BTreeMap<&'static str, EntryTier>,
}

/// An entry in one tier.
#[derive(Clone, Debug, Serialize)]
pub struct EntryTier {
    /// The content-matched mean, if it clears the floors.
    pub headline: Headline,
    /// The content-matched mean, whether it does or not.
    pub content_matched: Option<Matched>,
    /// AUC over all pictures.
    pub auc: Option<Estimate>,
    /// Highest true-positive rate at 1 % false alarms.
    pub tpr_at_fpr_1: Option<Estimate>,
    /// Pictures of both classes without a score.
    pub unscored: usize,
    /// By generator, camera, …: the positives' groups.
    pub groups: BTreeMap<String, GroupScore>,
}

/// An entry on the positives of one group against all authentic pictures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GroupScore {
    /// Positives of the group with a score.
    pub n: usize,
    /// AUC.
    pub auc: f64,
    /// 95 %, pictures taken for independent.
    pub interval: Interval,
    /// Positives called so at the policy's threshold.
    pub found: Share,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BoardError {
    /// Other pictures.
    #[error("{first} and {second}: {source}")]
    Pairing {
        /// The first results.
        first: String,
        /// The others.
        second: String,
        /// Why.
        source: Box<PairingError>,
    },
    /// Answers that cannot be fused.
    #[error("{name}: {source}")]
    Under {
        /// The results.
        name: String,
        /// Why.
        source: UnderError,
    },
    /// Nothing to show.
    #[error("no results are given")]
    Nothing,
    /// A tier that is not there.
    #[error("there is no tier `{at}` in {name}; it has {known}")]
    Tier {
        /// What was asked for.
        at: &'static str,
        /// The first results.
        name: String,
        /// What is there.
        known: String,
    },
}

impl Board {
    /// The page of results of the same pictures, ordered in the tier `at`, else in the first one.
    ///
    /// # Errors
    /// When the results are of other pictures, or cannot be read as their own policies have them.
    pub fn of(
        entrants: &[Entrant<'_>],
        order: OrderBy,
        at: Option<Tier>,
    ) -> Result<Self, BoardError> {
        let mut unders = Vec::with_capacity(entrants.len());
        for Entrant { name, results } in entrants {
            let under = results.under(&results.policy);
            let failed = |source| BoardError::Under { name: (*name).to_owned(), source };
            unders.push(under.map_err(failed)?);
        }
        let (Some(first), Some(entrant)) = (unders.first(), entrants.first()) else {
            return Err(BoardError::Nothing);
        };
        for (other, under) in entrants.iter().zip(&unders).skip(1) {
            places(first, under).map_err(|source| BoardError::Pairing {
                first: entrant.name.to_owned(),
                second: other.name.to_owned(),
                source: Box::new(source),
            })?;
        }
        let tiers = first.tiers.iter().filter(|tier| **tier != Tier::Lowpass);
        let tiers: Vec<_> = tiers.map(|tier| tier.as_str()).collect();
        let at = match (at.map(Tier::as_str), tiers.first()) {
            (Some(at), _) if tiers.contains(&at) => at,
            (None, Some(first)) => first,
            (at, _) => {
                let (name, known) = (entrant.name.to_owned(), tiers.join(", "));
                return Err(BoardError::Tier { at: at.unwrap_or("clean"), name, known });
            }
        };
        let mut tables: BTreeMap<Truth, Table> = BTreeMap::new();
        for (entrant, under) in entrants.iter().zip(&unders) {
            add(&mut tables, *entrant, under);
        }
        for table in tables.values_mut() {
            table.entries.sort_by(|a, b| compared(a, b, order, at));
        }
        let mut pictures: BTreeMap<_, usize> = BTreeMap::new();
        first.pictures.iter().for_each(|p| *pictures.entry(p.truth).or_default() += 1);
        Ok(Self {
            collection: entrant.results.head.collection.clone(),
            pictures,
            order,
            at,
            tiers,
            tables: tables.into_values().collect(),
        })
    }
}

fn add(tables: &mut BTreeMap<Truth, Table>, entrant: Entrant<'_>, under: &Under) {
    let Entrant { name, results } = entrant;
    let beside = Beside { clean: under.rows(Tier::Clean), control: under.rows(Tier::Lowpass) };
    let mut entries: BTreeMap<(Truth, String), Entry> = BTreeMap::new();
    for tier in under.tiers.iter().copied().filter(|tier| *tier != Tier::Lowpass) {
        let rows = under.rows(tier);
        let summary = TierSummary::of(tier, &rows, &beside, &results.policy);
        let all = rows.first().map_or_else(Vec::new, |(_, one)| Series::all(one, &results.policy));
        for found in summary.series {
            let Some(series) = all.iter().find(|series| series.name == found.name) else {
                continue;
            };
            let groups = groups(series, &series.samples(&rows));
            let entry = entries.entry((found.positive, found.name.clone()));
            let entry = entry.or_insert_with(|| Entry::of(name, results, &found.name));
            entry.tiers.insert(tier.as_str(), EntryTier::of(found, groups));
        }
        for floor in summary.storage_floors {
            table(tables, floor.positive).floors.entry(tier.as_str()).or_insert(floor);
        }
    }
    for ((positive, _), entry) in entries {
        table(tables, positive).entries.push(entry);
    }
}

fn table(tables: &mut BTreeMap<Truth, Table>, positive: Truth) -> &mut Table {
    let empty = || Table { positive, floors: BTreeMap::new(), entries: Vec::new() };
    tables.entry(positive).or_insert_with(empty)
}

impl Entry {
    fn of(name: &str, results: &Results, series: &str) -> Self {
        let short = |digest: &str| digest.get(..12).unwrap_or(digest).to_owned();
        let detector = results.head.detectors.iter().find(|detector| detector.model == series);
        let policy = &results.head.policy;
        let version = detector.map_or_else(
            || format!("{} {} ({})", policy.name, policy.version, short(&policy.digest)),
            |detector| format!("{} ({})", detector.version, short(&detector.digest)),
        );
        Self {
            series: series.to_owned(),
            version,
            results: name.to_owned(),
            held_out: results.head.held_out.clone(),
            tiers: BTreeMap::new(),
        }
    }

    /// What it is ordered by: first what is not refused, then the number.
    fn rank(&self, order: OrderBy, at: &str) -> (bool, f64) {
        let Some(tier) = self.tiers.get(at) else { return (false, f64::NEG_INFINITY) };
        let value = match order {
            OrderBy::Matched => tier.content_matched.as_ref().map(|matched| matched.mean),
            OrderBy::Auc => tier.auc.map(|auc| auc.value),
            OrderBy::Tpr => tier.tpr_at_fpr_1.map(|tpr| tpr.value),
        };
        (tier.headline.value.is_some(), value.unwrap_or(f64::NEG_INFINITY))
    }
}

fn compared(a: &Entry, b: &Entry, order: OrderBy, at: &str) -> Ordering {
    let ((a_is_said, a_value), (b_is_said, b_value)) = (a.rank(order, at), b.rank(order, at));
    let by_number = b_is_said.cmp(&a_is_said).then(b_value.total_cmp(&a_value));
    by_number.then_with(|| (&a.series, &a.results).cmp(&(&b.series, &b.results)))
}

impl EntryTier {
    fn of(found: SeriesSummary, groups: BTreeMap<String, GroupScore>) -> Self {
        Self {
            headline: found.headline,
            content_matched: found.content_matched,
            auc: found.auc,
            tpr_at_fpr_1: found.tpr_at_fpr_1,
            unscored: found.n_not_applicable + found.n_failed,
            groups,
        }
    }
}

/// The positives of each group against all authentic pictures.
fn groups(series: &Series, samples: &[Sample<'_>]) -> BTreeMap<String, GroupScore> {
    let (positives, negatives): (Vec<_>, Vec<_>) =
        samples.iter().copied().partition(|sample| sample.scored.is_positive);
    let against = ascending(negatives.iter().map(|sample| sample.scored.score));
    let score = |(group, part): (&str, Vec<Sample<'_>>)| {
        let (auc, n) = (auc_against(&scores(&part), &against)?, part.len());
        let is_called = |s: &&Sample<'_>| series.said(s.examined) == series.positive_label();
        let found = Share::of(part.iter().filter(is_called).count(), part.len())?;
        let interval = of_auc(auc, n, against.len())?;
        Some((group.to_owned(), GroupScore { n, auc, interval, found }))
    };
    let parts = by(&positives, |sample| sample.picture.group.as_str());
    parts.into_iter().filter_map(score).collect()
}
