// SPDX-License-Identifier: MIT OR Apache-2.0
//! The whole calibration: folds, cross-fits, the final fit, thresholds, and what there is to say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::asked::{Both, Kinds};
use super::crossfit::CrossFit;
use super::fit::Signs;
use super::folds::Folds;
use super::measure::rates;
use super::monotone::Shape;
use super::notes::notes;
use super::operating::Promise;
use super::outcome::Outcome;
use super::rows::{rows, Row};
use crate::analysis::outcome::DetectorOutcome;
use crate::eval::manifest::{Collection, Picture, Truth};
use crate::eval::report::{failures, DetectorName, PolicyName};
use crate::eval::run::Examination;
use crate::eval::tiers::Tier;
use crate::policy::{Hypothesis, Policy};

/// What is calibrated, and to what.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// The manifest or folder, for people.
    pub name: &'a str,
    /// The pictures.
    pub collection: &'a Collection,
    /// In the collection's order.
    pub examinations: &'a [Examination],
    /// The tiers of each examination.
    pub tiers: &'a [Tier],
    /// What the detectors are, in the configuration's order.
    pub detectors: &'a [DetectorOutcome],
    /// Where everything that is not fitted comes from.
    pub base: &'a Policy,
    /// Which maps.
    pub shape: Shape,
    /// Which weights.
    pub signs: Signs,
    /// Of which pictures the rates below are promised.
    pub promise: Promise,
    /// Largest rate of false positives among camera originals, above 0 and below 1.
    pub target_fpr: f64,
    /// Largest rate of false positives in each tier of other authentic pictures, above 0 and below 1.
    pub target_fpr_others: f64,
    /// And in each tier of single kinds of authentic pictures, which then are in no other set.
    pub target_fpr_of: &'a Kinds,
    /// What is asked of each hypothesis.
    pub asked: Both,
}

/// Why nothing was calibrated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrateError {
    /// Nothing to set thresholds on.
    #[error(
        "no authentic picture could be examined, and thresholds are set on them: add some with the \
         label `authentic`"
    )]
    NoAuthentic,
    /// A rate is asked of pictures that are not there.
    #[error(
        "a rate of false positives is asked of the kind `{kind}`, and no authentic picture that could \
         be examined is of it; the kinds are: {kinds}"
    )]
    NoSuchKind {
        /// The kind that was named.
        kind: String,
        /// The kinds of authentic pictures that there are.
        kinds: String,
    },
    /// Neither hypothesis.
    #[error("nothing can be fitted: {reasons}")]
    Nothing {
        /// One for each hypothesis.
        reasons: String,
    },
}

/// Fits and measures. The policy has the base's name and no record yet.
///
/// # Errors
/// When neither hypothesis can be fitted, or a rate is asked of a kind that there is not, and why.
pub fn calibrate(order: &Order<'_>) -> Result<(Outcome, Policy), CalibrateError> {
    let (base, pictures) = (order.base, &order.collection.pictures);
    let folds = Folds::of(pictures);
    let rows = rows(pictures, order.tiers, order.examinations, &folds, order.detectors);
    if !rows.iter().any(|row| row.picture.truth == Truth::Authentic) {
        return Err(CalibrateError::NoAuthentic);
    }
    known(order.target_fpr_of, &rows)?;
    let crossed = CrossFit::of(order, &rows);
    let kept = Hypothesis::ALL.map(|hypothesis| crossed.kept(hypothesis));
    if kept.iter().all(Option::is_some) {
        let reasons = Hypothesis::ALL.into_iter().zip(kept.iter().flatten());
        let reasons: Vec<_> = reasons.map(|(h, why)| format!("{}: {why}", h.as_str())).collect();
        return Err(CalibrateError::Nothing { reasons: reasons.join("; ") });
    }
    let policy = crossed.policy(&kept);
    let notes = notes(&crossed, &kept, &policy);
    let [before, after] = crossed.risks(&kept, &policy);
    let cleared = [
        rates(&before, |risk| risk < base.verdict.authentic_below),
        rates(&after, |risk| risk < policy.verdict.authentic_below),
    ];
    let maps = order.detectors.iter().filter_map(|of| crossed.mapped(of, &kept)).collect();
    let hypotheses = Hypothesis::ALL.into_iter().zip(kept);
    let hypotheses = hypotheses.map(|(h, kept)| crossed.outcome(h, kept, &policy)).collect();
    let examined = || pictures.iter().zip(order.examinations);
    let outcome = Outcome {
        assay_version: env!("CARGO_PKG_VERSION"),
        collection: order.name.to_owned(),
        digest: digest(examined()),
        pictures: counts(&rows),
        tiers: order.tiers.iter().map(|tier| tier.as_str()).collect(),
        folds: folds.basis,
        base: PolicyName::of(base),
        detectors: order.detectors.iter().map(DetectorName::of).collect(),
        failures: examined().flat_map(|(p, e)| failures(p, e, order.tiers)).collect(),
        maps,
        hypotheses,
        authentic_below: [base.verdict.authentic_below, policy.verdict.authentic_below],
        cleared,
        risk: [policy.risk.medium, policy.risk.high],
        notes,
    };
    Ok((outcome, policy))
}

/// Whether there are authentic pictures of each kind.
fn known(kinds: &Kinds, rows: &[Row<'_>]) -> Result<(), CalibrateError> {
    let authentic = rows.iter().filter(|row| row.picture.truth == Truth::Authentic);
    let there: BTreeSet<&str> = authentic.map(|row| row.picture.kind.as_str()).collect();
    match kinds.keys().find(|kind| !there.contains(kind.as_str())) {
        None => Ok(()),
        Some(kind) => {
            let kinds: Vec<_> = there.into_iter().filter(|kind| !kind.is_empty()).collect();
            Err(CalibrateError::NoSuchKind { kind: kind.clone(), kinds: kinds.join(", ") })
        }
    }
}

/// SHA-256 over the sorted lines `<SHA-256 of a file> <label>`, hexadecimal; files that could not be
/// read are not in it.
fn digest<'a>(examined: impl Iterator<Item = (&'a Picture, &'a Examination)>) -> String {
    let line = |(picture, examination): (&Picture, &'a Examination)| {
        let sha256 = examination.sha256.as_ref()?;
        Some(format!("{sha256} {}\n", picture.truth.as_str()))
    };
    let mut lines: Vec<_> = examined.filter_map(line).collect();
    lines.sort_unstable();
    let digest = Sha256::digest(lines.concat());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Pictures that were examined in any tier, by label, authentic ones by label and kind.
fn counts(rows: &[Row<'_>]) -> BTreeMap<String, u64> {
    let mut paths: BTreeMap<String, BTreeSet<&Path>> = BTreeMap::new();
    for picture in rows.iter().map(|row| row.picture) {
        let label = picture.truth.as_str();
        let name = match (picture.truth, picture.kind.as_str()) {
            (Truth::Authentic, kind) if !kind.is_empty() => format!("{label}.{kind}"),
            _ => label.to_owned(),
        };
        paths.entry(name).or_default().insert(&picture.path);
    }
    paths.into_iter().map(|(name, paths)| (name, paths.len() as u64)).collect()
}
