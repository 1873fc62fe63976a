// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be had without looking for any trace: a detector that does not beat these floors has
//! learnt how the collection was made.

use std::collections::BTreeMap;

use serde::Serialize;

use super::estimates::{estimate, matched, Estimate, Matched, MATCHED_MIN};
use super::logistic::Logistic;
use super::manifest::{Picture, Truth};
use super::metrics::{auc, median, Scored};
use super::record::{Examined, Facts};
use super::series::{by, Sample};

/// Folds of the floor's classifier, whole sources in each.
const FOLDS: usize = 5;
/// Fewest pictures of a real source that is compared with the others.
const SOURCE_MIN: usize = MATCHED_MIN;

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
}

/// Size, aspect, format, quality and chroma sampling. 20 numbers at most.
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
    row
}

/// The floor for one truth: a logistic regression, for each fold of sources fitted to the others.
#[must_use]
pub fn storage(rows: &[(&Picture, &Examined)], positive: Truth) -> Option<StorageFloor> {
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
    Some(StorageFloor { positive, auc: estimate(&samples, auc)?, matched: matched(&samples) })
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
    for (&source, _) in large {
        let against: Vec<_> = real
            .iter()
            .map(|s| Scored { is_positive: s.picture.source == source, ..s.scored })
            .collect();
        found.extend(auc(&against).map(|auc| (source.to_owned(), auc)));
    }
    found.sort_by(|a, b| a.1.total_cmp(&b.1));
    let median = median(&found.iter().map(|(_, auc)| *auc).collect::<Vec<_>>())?;
    let (lowest, highest) = (found.first()?.clone(), found.last()?.clone());
    Some(RealAgainstReal { sources: found.len(), lowest, median, highest })
}
