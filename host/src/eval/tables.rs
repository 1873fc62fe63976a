// SPDX-License-Identifier: MIT OR Apache-2.0
//! A series cut into parts: by group, by source, by kind of authentic picture, by compression
//! history, and against itself in another tier.

use std::collections::BTreeMap;

use serde::Serialize;

use super::estimates::{estimate, Estimate};
use super::interval::Share;
use super::manifest::{Picture, Truth};
use super::metrics::{ascending, auc_against, counts, median, Scored};
use super::ranked::Statistic;
use super::record::{Examined, Facts};
use super::series::{by, scores, Sample, Series};
use crate::fusion::VerdictLabel;

/// Quality from which a JPEG file's traces of a generator mostly survive.
const HIGH_QUALITY: u8 = 88;

/// Pictures that belong together, as a series sees them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// The group or source.
    pub name: String,
    /// What its pictures are.
    pub truth: Truth,
    /// Pictures with a score.
    pub n: usize,
    /// For positives: AUC against all authentic pictures.
    pub auc: Option<f64>,
    /// Share that was called positive at the policy's thresholds: found, or falsely accused.
    pub called: Option<Share>,
    /// Share that was called AUTHENTIC.
    pub cleared: Option<Share>,
}

/// False alarms of one kind of authentic picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindRate {
    /// The kind, as the manifest says.
    pub kind: String,
    /// Share that was called positive.
    pub fpr: Share,
}

/// Pictures with the same compression history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HistoryRate {
    /// Of the file as collected, by its own tables.
    pub history: &'static str,
    /// AUC within.
    pub auc: Option<Estimate>,
    /// Share of the positives that was called positive.
    pub tpr: Option<Share>,
    /// Share of the authentic that was called positive.
    pub fpr: Option<Share>,
}

/// How far a tier moves the scores of the same pictures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Shift {
    /// Median of score less score at `clean`, over the positives.
    pub positive: Option<f64>,
    /// How many of them scored in both.
    pub n_positive: usize,
    /// The same over the authentic.
    pub negative: Option<f64>,
    /// How many of them scored in both.
    pub n_negative: usize,
}

/// The history that a file's own tables tell.
#[must_use]
pub fn history(facts: &Facts) -> &'static str {
    match (facts.format.as_str(), facts.jpeg_quality) {
        ("JPEG", Some(HIGH_QUALITY..)) => "JPEG, quality 88 or more",
        ("JPEG", Some(_)) => "JPEG, quality below 88",
        ("JPEG", None) => "JPEG, tables unlike IJG's",
        _ => "not a JPEG",
    }
}

/// How many of `samples` had `label` said of them.
#[must_use]
pub fn share_said(series: &Series, samples: &[Sample<'_>], label: &str) -> Option<Share> {
    let count = samples.iter().filter(|s| series.said(s.examined) == label).count();
    Share::of(count, samples.len())
}

/// The parts by `name`, positives and authentic pictures apart, worst first: the positives by AUC,
/// the authentic by false alarms.
pub fn parts<'a>(
    series: &Series,
    samples: &[Sample<'a>],
    name: impl Fn(&'a Picture) -> &'a str,
) -> Vec<Part> {
    let (positives, negatives): (Vec<_>, Vec<_>) =
        samples.iter().partition(|sample| sample.scored.is_positive);
    let against = ascending(scores(&negatives).iter().map(|scored| scored.score));
    let part = |truth: Truth, (name, part): (&str, Vec<Sample<'_>>)| {
        let auc_against = || auc_against(&scores(&part), &against);
        Part {
            name: name.to_owned(),
            truth,
            n: part.len(),
            auc: if truth == series.positive { auc_against() } else { None },
            called: share_said(series, &part, series.positive_label()),
            cleared: share_said(series, &part, "AUTHENTIC"),
        }
    };
    let of_class = |class: &[Sample<'a>], truth: Truth| -> Vec<_> {
        by(class, |s| name(s.picture)).into_iter().map(|named| part(truth, named)).collect()
    };
    let mut found = of_class(&positives, series.positive);
    found.sort_by(|a, b| a.auc.unwrap_or(1.0).total_cmp(&b.auc.unwrap_or(1.0)));
    let mut real = of_class(&negatives, Truth::Authentic);
    let alarms = |part: &Part| part.called.map_or(0.0, |share| share.value);
    real.sort_by(|a, b| alarms(b).total_cmp(&alarms(a)));
    found.extend(real);
    found
}

/// False alarms by kind.
#[must_use]
pub fn fpr_by_kind(series: &Series, samples: &[Sample<'_>]) -> Vec<KindRate> {
    let real: Vec<_> = samples.iter().filter(|s| !s.scored.is_positive).copied().collect();
    let kinds = by(&real, |sample| sample.picture.kind.as_str());
    let rate = |(kind, part): (&str, Vec<Sample<'_>>)| {
        let kind = if kind.is_empty() { "not stated" } else { kind }.to_owned();
        Some(KindRate { kind, fpr: share_said(series, &part, series.positive_label())? })
    };
    kinds.into_iter().filter_map(rate).collect()
}

/// Authentic pictures that the verdict accuses of anything, all of them and by kind.
#[must_use]
pub fn accused(rows: &[(&Picture, &Examined)]) -> Vec<KindRate> {
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut all = (0, 0);
    for (picture, examined) in rows.iter().filter(|(p, _)| p.truth == Truth::Authentic) {
        let is_accused =
            matches!(examined.verdict, VerdictLabel::AiGenerated | VerdictLabel::Manipulated);
        for (count, n) in [&mut all, kinds.entry(&picture.kind).or_default()] {
            *count += usize::from(is_accused);
            *n += 1;
        }
    }
    let rate = |(kind, (count, n)): (&str, (usize, usize))| {
        let kind = if kind.is_empty() { "not stated" } else { kind }.to_owned();
        Some(KindRate { kind, fpr: Share::of(count, n)? })
    };
    std::iter::once(("all authentic", all)).chain(kinds).filter_map(rate).collect()
}

/// The results by the history of the file as collected, which `clean` gives.
#[must_use]
pub fn by_history(
    series: &Series,
    samples: &[Sample<'_>],
    clean: &BTreeMap<&Picture, &Examined>,
) -> Vec<HistoryRate> {
    let parts = by(samples, |sample| {
        let facts = clean.get(sample.picture).map_or(&sample.examined.facts, |clean| &clean.facts);
        history(facts)
    });
    let rate = |(history, part): (&'static str, Vec<Sample<'_>>)| {
        let label = series.positive_label();
        let (positives, negatives): (Vec<_>, Vec<_>) =
            part.iter().copied().partition(|sample| sample.scored.is_positive);
        HistoryRate {
            history,
            auc: estimate(&part, Statistic::Auc),
            tpr: share_said(series, &positives, label),
            fpr: share_said(series, &negatives, label),
        }
    };
    parts.into_iter().map(rate).collect()
}

/// How far the scores lie from those at `clean`.
#[must_use]
pub fn shift(
    series: &Series,
    samples: &[Sample<'_>],
    clean: &BTreeMap<&Picture, &Examined>,
) -> Shift {
    let moved = |sample: &Sample<'_>| {
        let before = series.score(clean.get(sample.picture)?)?;
        Some(Scored { score: sample.scored.score - before, ..sample.scored })
    };
    let moved: Vec<_> = samples.iter().filter_map(moved).collect();
    let of_class = |class: bool| {
        let class = moved.iter().filter(|scored| scored.is_positive == class);
        median(&class.map(|scored| scored.score).collect::<Vec<_>>())
    };
    let (n_positive, n_negative) = counts(&moved);
    Shift { positive: of_class(true), n_positive, negative: of_class(false), n_negative }
}
