// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be had without looking for any trace: a detector that does not beat these floors has
//! learnt how the collection was made.

use std::collections::BTreeMap;

use serde::Serialize;

use super::estimates::{estimate, matched, Estimate, Matched, MATCHED_MIN};
use super::logistic::Logistic;
use super::manifest::{Picture, Truth};
use super::metrics::{ascending, mean, median, twice_wins, Scored};
use super::ranked::Statistic;
use super::record::{Carried, Examined, Facts};
use super::series::{by, Sample};

/// Folds of the floor's classifier, whole sources in each.
const FOLDS: usize = 5;
/// Fewest pictures of a real source that is compared with the others.
const SOURCE_MIN: usize = MATCHED_MIN;
/// AUC of what tells nothing.
const EVEN: f64 = 0.5;

/// The classifier on what a file is stored as.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StorageFloor {
    /// The truth that it tells from authentic pictures.
    pub positive: Truth,
    /// Its cross-fitted AUC.
    pub auc: Estimate,
    /// Its content-matched mean.
    pub matched: Option<Matched>,
}

/// One real source against all others, by one detector: apart from 0.5 is no trace of a generator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RealAgainstReal {
    /// Sources that are compared, each with at least five pictures.
    pub sources: usize,
    /// The source that looks least like the claim, and its AUC against the rest.
    pub lowest: (String, f64),
    /// The middle AUC of all sources.
    pub median: f64,
    /// The source that looks most like the claim, and its AUC against the rest.
    pub highest: (String, f64),
    /// How far the AUC of a real source typically lies from 0.5 beyond what chance does, 0..=0.5.
    pub typical: f64,
}

/// Size, aspect, format, quality, chroma sampling and what is carried beside the pixels. 25 numbers at
/// most.
fn features(facts: &Facts) -> Vec<f64> {
    let (width, height) = (f64::from(facts.width), f64::from(facts.height));
    let is = |held: bool| f64::from(u8::from(held));
    let mut row = vec![
        (width * height).ln(),
        (width / height).ln(),
        (width / height).ln().abs(),
        is(facts.width == facts.height),
        facts.jpeg_quality.map_or(0.0, f64::from),
    ];
    row.extend(["JPEG", "PNG", "WEBP", "HEIC", "BMP", "TIFF"].map(|f| is(facts.format == f)));
    let sampling = facts.jpeg_subsampling.as_deref();
    row.extend(["4:4:4", "4:2:2", "4:2:0"].map(|s| is(sampling == Some(s))));
    let Carried { exif, xmp, icc, names_camera } = facts.metadata;
    for length in [exif, xmp, icc] {
        row.extend([is(length > 0), (length as f64).ln_1p()]);
    }
    row.push(is(names_camera));
    row
}

impl StorageFloor {
    /// The floor of what [`storage`] gave; `None` without both classes.
    #[must_use]
    pub fn of(positive: Truth, samples: &[Sample<'_>]) -> Option<Self> {
        let auc = estimate(samples, Statistic::Auc)?;
        Some(Self { positive, auc, matched: matched(samples) })
    }
}

/// Every picture of a truth and every authentic one with its probability by a logistic regression, for each
/// fold of sources fitted to the others. A fold without which a class is empty has none.
#[must_use]
pub fn storage<'a>(rows: &[(&'a Picture, &'a Examined)], positive: Truth) -> Vec<Sample<'a>> {
    let of_classes = |(picture, _): &&(&Picture, &Examined)| {
        picture.truth == positive || picture.truth == Truth::Authentic
    };
    let rows: Vec<_> = rows.iter().filter(of_classes).collect();
    let folds = folds(rows.iter().map(|(picture, _)| picture.source.as_str()));
    let fold_of = |picture: &Picture| folds.get(picture.source.as_str()).copied().unwrap_or(0);
    let mut samples = Vec::new();
    for fold in 0..FOLDS {
        let training = rows.iter().filter(|(picture, _)| fold_of(picture) != fold);
        let training = training.map(|(p, e)| (features(&e.facts), p.truth == positive));
        let Some(model) = Logistic::fit(&training.collect::<Vec<_>>()) else { continue };
        for &&(picture, examined) in rows.iter().filter(|(picture, _)| fold_of(picture) == fold) {
            let score = model.probability(&features(&examined.facts));
            let scored = Scored { score, is_positive: picture.truth == positive };
            samples.push(Sample { scored, picture, examined });
        }
    }
    samples
}

/// Gives each source to the fold that has the fewest pictures so far, largest source first.
fn folds<'a>(sources: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for source in sources {
        *sizes.entry(source).or_default() += 1;
    }
    let mut largest_first: Vec<_> = sizes.into_iter().collect();
    largest_first.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let mut filled = [0; FOLDS];
    let mut folds = BTreeMap::new();
    for (source, size) in largest_first {
        let emptiest = (0..FOLDS).min_by_key(|&fold| filled.get(fold).copied().unwrap_or(0));
        let fold = emptiest.unwrap_or(0);
        if let Some(total) = filled.get_mut(fold) {
            *total += size;
        }
        folds.insert(source, fold);
    }
    folds
}

/// How far a detector tells real sources from each other; `None` with fewer than two.
#[must_use]
pub fn real_against_real(samples: &[Sample<'_>]) -> Option<RealAgainstReal> {
    let real: Vec<_> = samples.iter().filter(|s| !s.scored.is_positive).copied().collect();
    let sources = by(&real, |sample| sample.picture.source.as_str());
    let large = sources.iter().filter(|(_, part)| part.len() >= SOURCE_MIN);
    let mut found: Vec<(String, f64)> = Vec::new();
    let mut beyond = Vec::new();
    let all = ascending(real.iter().map(|sample| sample.scored.score));
    for (&source, part) in large {
        let (n, others) = (part.len(), real.len() - part.len());
        if others == 0 {
            continue;
        }
        // Against all, less against itself: there every pair is there both ways.
        let wins = twice_wins(part.iter().map(|sample| sample.scored.score), &all) - n * n;
        let auc = wins as f64 / (2.0 * n as f64 * others as f64);
        found.push((source.to_owned(), auc));
        beyond.push((auc - EVEN).powi(2) - variance(n, others));
    }
    let typical = mean(&beyond)?.max(0.0).sqrt();
    found.sort_by(|a, b| a.1.total_cmp(&b.1));
    let median = median(&found.iter().map(|(_, auc)| *auc).collect::<Vec<_>>())?;
    let (lowest, highest) = (found.first()?.clone(), found.last()?.clone());
    Some(RealAgainstReal { sources: found.len(), lowest, median, highest, typical })
}

/// Variance of the AUC of scores that say nothing [Mann & Whitney 1947], of `m` against `n`, both above 0.
/// With ties it is smaller, so that less than there is is taken for a difference of sources.
fn variance(m: usize, n: usize) -> f64 {
    let (m, n) = (m as f64, n as f64);
    (m + n + 1.0) / (12.0 * m * n)
}
