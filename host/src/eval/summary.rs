// SPDX-License-Identifier: MIT OR Apache-2.0
//! Everything that is reported of a collection, computed once; printed as text, JSON and HTML.

use std::collections::BTreeMap;

use serde::Serialize;

use super::confusion::Confusion;
use super::estimates::{estimate, matched, Estimate, Matched};
use super::false_area::{false_areas, FalseAreas};
use super::floors::{real_against_real, storage, RealAgainstReal, StorageFloor};
use super::headline::{FloorScores, Floors, Headline};
use super::interval::Share;
use super::localised::{localised, Localised};
use super::manifest::{Picture, Truth};
use super::metrics::{self, ReliabilityBin, RocPoint};
use super::ranked::Statistic;
use super::record::Examined;
use super::series::{scores, Sample, Series};
use super::tables::{self, HistoryRate, KindRate, Part, Shift};
use super::tiers::Tier;
use crate::policy::Policy;

/// Bins of the reliability table and of the calibration error.
pub const BINS: usize = 10;
/// Most points of a ROC curve that are reported.
const CURVE_POINTS: usize = 250;
/// Pictures in the lists of worst errors, for each class.
const WORST: usize = 6;

/// One tier.
#[derive(Clone, Debug, Serialize)]
pub struct TierSummary {
    /// `clean`, `q90`, ...
    pub tier: &'static str,
    /// Pictures that were examined, by truth.
    pub n: BTreeMap<Truth, usize>,
    /// What a classifier on size, format, quality, chroma sampling and metadata alone reaches.
    pub storage_floors: Vec<StorageFloor>,
    /// Authentic pictures that the verdict accuses of either, all of them and by kind.
    pub accused: Vec<KindRate>,
    /// The verdict's probabilities, then the detectors.
    pub series: Vec<SeriesSummary>,
    /// The detectors' heatmaps against the masks, where there are both; at `clean` only.
    pub localisation: Vec<Localised>,
    /// What the detectors' heatmaps call altered of authentic pictures; at `clean` only.
    pub false_areas: Vec<FalseAreas>,
}

/// One series in one tier.
#[derive(Clone, Debug, Serialize)]
pub struct SeriesSummary {
    /// `gan`, or `verdict ai_generated`.
    pub name: String,
    /// The truth that it claims to tell from authentic pictures.
    pub positive: Truth,
    /// The content-matched mean, if it clears the floors.
    pub headline: Headline,
    /// The content-matched mean, whether it clears them or not.
    pub content_matched: Option<Matched>,
    /// AUC over all pictures.
    pub auc: Option<Estimate>,
    /// Highest true-positive rate at 5 % false alarms.
    pub tpr_at_fpr_5: Option<Estimate>,
    /// Highest true-positive rate at 1 % false alarms.
    pub tpr_at_fpr_1: Option<Estimate>,
    /// What the policy's thresholds make of it.
    pub at_policy: AtPolicy,
    /// Brier score.
    pub brier: Option<f64>,
    /// Expected calibration error over [`BINS`] bins.
    pub ece: Option<f64>,
    /// Pictures of both classes with a score.
    pub n_scored: usize,
    /// Pictures of both classes to which the detector does not apply.
    pub n_not_applicable: usize,
    /// Pictures of both classes on which the detector failed.
    pub n_failed: usize,
    /// The bins.
    pub reliability: Vec<ReliabilityBin>,
    /// The curve.
    pub roc: Vec<RocPoint>,
    /// Real sources against each other.
    pub real_against_real: Option<RealAgainstReal>,
    /// By generator, camera, ...
    pub by_group: Vec<Part>,
    /// By where it was collected.
    pub by_source: Vec<Part>,
    /// False alarms by kind of authentic picture.
    pub fpr_by_kind: Vec<KindRate>,
    /// By compression history of the file as collected.
    pub by_history: Vec<HistoryRate>,
    /// How far the tier moves scores; none at `clean` or without it.
    pub shift: Option<Shift>,
    /// The positives with the lowest scores and the authentic pictures with the highest.
    pub worst: Vec<Worst>,
}

/// What the policy's thresholds make of a series. Pictures without a score count: they are not
/// called positive.
#[derive(Clone, Debug, Serialize)]
pub struct AtPolicy {
    /// The threshold.
    pub threshold: f64,
    /// Share of the positives that was called so.
    pub tpr: Option<Share>,
    /// Share of the authentic that was called positive.
    pub fpr: Option<Share>,
    /// Share of the positives that was called AUTHENTIC.
    pub missed: Option<Share>,
    /// Share of the authentic that was called AUTHENTIC.
    pub cleared: Option<Share>,
    /// Mean of `tpr` and `1 - fpr`.
    pub balanced_accuracy: Option<f64>,
    /// What was said of what.
    pub confusion: Confusion,
}

/// A picture that was scored badly.
#[derive(Clone, Debug, Serialize)]
pub struct Worst {
    /// Where it is.
    pub path: String,
    /// What it is.
    pub truth: Truth,
    /// Its group.
    pub group: String,
    /// Its score.
    pub score: f64,
}

/// Pictures with what came of them, in the order of the collection.
pub type Rows<'a> = Vec<(&'a Picture, &'a Examined)>;

/// The same pictures otherwise.
#[derive(Clone, Debug, Default)]
pub struct Beside<'a> {
    /// As they are, if that tier was asked for.
    pub clean: Rows<'a>,
    /// Their content alone, if the control was asked for.
    pub control: Rows<'a>,
}

impl TierSummary {
    /// Measures one tier.
    #[must_use]
    pub fn of(tier: Tier, rows: &Rows<'_>, beside: &Beside<'_>, policy: &Policy) -> Self {
        let mut n: BTreeMap<_, usize> = BTreeMap::new();
        rows.iter().for_each(|(picture, _)| *n.entry(picture.truth).or_default() += 1);
        let all = rows.first().map_or_else(Vec::new, |(_, one)| Series::all(one, policy));
        let measurable =
            |s: &&Series| n.contains_key(&s.positive) && n.contains_key(&Truth::Authentic);
        let clean: BTreeMap<_, _> = beside.clean.iter().copied().collect();
        let control: BTreeMap<_, _> = beside.control.iter().copied().collect();
        let positives = [Truth::AiGenerated, Truth::Manipulated];
        let storage = positives.map(|positive| (positive, storage(rows, positive)));
        let series = |series: &Series| {
            let own = storage.iter().filter(|(positive, _)| *positive == series.positive);
            let own = own.flat_map(|(_, samples)| samples);
            let storage: FloorScores<'_> = own.map(|s| (s.picture, s.scored.score)).collect();
            SeriesSummary::of(
                series,
                tier,
                rows,
                &SeriesBeside { clean: &clean, control: &control, storage: &storage },
            )
        };
        let series = all.iter().filter(measurable).map(series).collect();
        let storage_floors =
            storage.iter().filter_map(|(positive, found)| StorageFloor::of(*positive, found));
        let storage_floors = storage_floors.collect();
        let accused = tables::accused(rows);
        let (localisation, false_areas) = (localised(rows), false_areas(rows));
        Self { tier: tier.as_str(), n, storage_floors, accused, series, localisation, false_areas }
    }
}

/// The same pictures otherwise, by picture.
#[derive(Clone, Copy)]
struct SeriesBeside<'a> {
    clean: &'a BTreeMap<&'a Picture, &'a Examined>,
    control: &'a BTreeMap<&'a Picture, &'a Examined>,
    storage: &'a FloorScores<'a>,
}

impl SeriesSummary {
    fn of(series: &Series, tier: Tier, rows: &Rows<'_>, beside: &SeriesBeside<'_>) -> Self {
        let clean = beside.clean;
        let samples = series.samples(rows);
        let scored = scores(&samples);
        let of_both = || rows.iter().filter(|(p, _)| series.class(p.truth).is_some());
        let n_failed = of_both().filter(|(_, examined)| series.is_fault(examined)).count();
        let has_clean = tier != Tier::Clean && !clean.is_empty();
        let content_matched = matched(&samples);
        let real_against_real = real_against_real(&samples);
        let control = beside.control.iter();
        let control = control.filter_map(|(picture, e)| Some((*picture, series.score(e)?)));
        let (storage, content) = (beside.storage, &control.collect());
        let floors = Floors { storage, content, real: real_against_real.as_ref() };
        Self {
            name: series.name.clone(),
            positive: series.positive,
            headline: Headline::of(content_matched.as_ref(), &samples, floors),
            content_matched,
            auc: estimate(&samples, Statistic::Auc),
            tpr_at_fpr_5: estimate(&samples, Statistic::TprAtFpr(0.05)),
            tpr_at_fpr_1: estimate(&samples, Statistic::TprAtFpr(0.01)),
            at_policy: AtPolicy::of(series, rows),
            brier: metrics::brier(&scored),
            ece: metrics::ece(&scored, BINS),
            n_scored: scored.len(),
            n_not_applicable: of_both().count() - scored.len() - n_failed,
            n_failed,
            reliability: metrics::reliability(&scored, BINS),
            roc: thinned(metrics::roc(&scored)),
            real_against_real,
            by_group: tables::parts(series, &samples, |picture| &picture.group),
            by_source: tables::parts(series, &samples, |picture| &picture.source),
            fpr_by_kind: tables::fpr_by_kind(series, &samples),
            by_history: tables::by_history(series, &samples, clean),
            shift: has_clean.then(|| tables::shift(series, &samples, clean)),
            worst: worst(&samples),
        }
    }
}

impl AtPolicy {
    fn of(series: &Series, rows: &Rows<'_>) -> Self {
        let confusion =
            Confusion::of(rows.iter().map(|(picture, e)| (picture.truth, series.said(e))));
        let share = |truth, label| Share::of(confusion.count(truth, label), confusion.n(truth));
        let called = series.positive_label();
        let tpr = share(series.positive, called);
        let fpr = share(Truth::Authentic, called);
        let mean = |(tpr, fpr): (Share, Share)| f64::midpoint(tpr.value, 1.0 - fpr.value);
        Self {
            threshold: series.threshold,
            tpr,
            fpr,
            missed: share(series.positive, "AUTHENTIC"),
            cleared: share(Truth::Authentic, "AUTHENTIC"),
            balanced_accuracy: tpr.zip(fpr).map(mean),
            confusion,
        }
    }
}

/// Every so many points, the first and the last among them.
fn thinned(points: Vec<RocPoint>) -> Vec<RocPoint> {
    let stride = points.len().div_ceil(CURVE_POINTS).max(1);
    let last = points.len().saturating_sub(1);
    let kept = points.into_iter().enumerate().filter(|(i, _)| i % stride == 0 || *i == last);
    kept.map(|(_, point)| point).collect()
}

fn worst(samples: &[Sample<'_>]) -> Vec<Worst> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(|a, b| a.scored.score.total_cmp(&b.scored.score));
    let missed = sorted.iter().filter(|s| s.scored.is_positive).take(WORST);
    let accused = sorted.iter().rev().filter(|s| !s.scored.is_positive).take(WORST);
    let worst = |sample: &Sample<'_>| Worst {
        path: sample.picture.path.display().to_string(),
        truth: sample.picture.truth,
        group: sample.picture.group.clone(),
        score: sample.scored.score,
    };
    missed.chain(accused).map(worst).collect()
}
