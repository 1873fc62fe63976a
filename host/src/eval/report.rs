// SPDX-License-Identifier: MIT OR Apache-2.0
//! The whole report: what was measured with what, what failed, the controls, the tiers.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::estimates::{Estimate, Matched};
use super::folds::Folds;
use super::held_out::HeldOut;
use super::manifest::{Collection, Picture, Truth};
use super::run::Examination;
use super::summary::{Beside, Rows, SeriesSummary, TierSummary};
use super::tiers::Tier;
use crate::analysis::outcome::DetectorOutcome;
use crate::analysis::Analyser;
use crate::policy::Policy;

/// What was measured with what, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Version of the host.
    pub assay_version: &'static str,
    /// The manifest or folder.
    pub collection: String,
    /// The policy.
    pub policy: PolicyName,
    /// The detectors in the configuration's order.
    pub detectors: Vec<DetectorName>,
    /// Which pictures were examined by detectors that have not seen them.
    pub held_out: HeldOut,
    /// Pictures by truth.
    pub pictures: BTreeMap<Truth, usize>,
    /// Groups, by truth.
    pub groups: BTreeMap<Truth, usize>,
    /// Sources, by truth.
    pub sources: BTreeMap<Truth, usize>,
    /// Pictures of neither class, by label.
    pub left_out: BTreeMap<String, usize>,
    /// Pictures that a tier has not, masks that cannot be used, and detectors that should have answered.
    pub failures: Vec<Failure>,
    /// The detectors on content alone, where that was asked for.
    pub controls: Vec<Control>,
    /// The tiers, as they were asked for.
    pub tiers: Vec<TierSummary>,
}

/// A policy's name.
#[derive(Clone, Debug, Serialize)]
pub struct PolicyName {
    /// Its name.
    pub name: String,
    /// Its author's version.
    pub version: String,
    /// SHA-256 of its canonical form.
    pub digest: String,
}

impl PolicyName {
    /// That of a policy.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self {
            name: policy.name.clone(),
            version: policy.version.clone(),
            digest: policy.digest().to_owned(),
        }
    }
}

/// A detector's name.
#[derive(Clone, Debug, Serialize)]
pub struct DetectorName {
    /// Name in requests and policies.
    pub model: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its library.
    pub digest: String,
}

impl DetectorName {
    pub(crate) fn of(identity: &DetectorOutcome) -> Self {
        Self {
            model: identity.model_key.clone(),
            version: identity.version.clone(),
            digest: identity.digest.clone(),
        }
    }
}

/// Something that could not be examined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The picture.
    pub path: String,
    /// The tier.
    pub tier: &'static str,
    /// The detector, or nothing if the picture itself failed.
    pub detector: Option<String>,
    /// Why.
    pub message: String,
}

/// A series on pictures that were low-passed, so that content alone is left.
#[derive(Clone, Debug, Serialize)]
pub struct Control {
    /// The series.
    pub name: String,
    /// AUC over all pictures.
    pub auc: Option<Estimate>,
    /// The content-matched mean.
    pub content_matched: Option<Matched>,
}

impl Report {
    /// Measures what was examined: `examinations` in the collection's order, each in `tiers`.
    #[must_use]
    pub fn of(
        name: String,
        collection: &Collection,
        analyser: &Analyser,
        folds: &Folds,
        tiers: &[Tier],
        examinations: &[Examination],
    ) -> Self {
        let policy = analyser.policy();
        let examined = || collection.pictures.iter().zip(examinations);
        let rows = |tier: Tier| -> Rows<'_> {
            let Some(place) = tiers.iter().position(|&other| other == tier) else {
                return Vec::new();
            };
            let row = |(picture, examination)| {
                let examination: &Examination = examination;
                Some((picture, examination.tiers.get(place)?.as_ref().ok()?))
            };
            examined().filter_map(row).collect()
        };
        let beside = Beside { clean: rows(Tier::Clean), control: rows(Tier::Lowpass) };
        let summary = |tier| TierSummary::of(tier, &rows(tier), &beside, policy);
        let controls = tiers.contains(&Tier::Lowpass).then(|| summary(Tier::Lowpass).series);
        let measured = tiers.iter().filter(|&&tier| tier != Tier::Lowpass);
        Self {
            assay_version: env!("CARGO_PKG_VERSION"),
            collection: name,
            policy: PolicyName::of(policy),
            detectors: analyser.identities().map(DetectorName::of).collect(),
            held_out: HeldOut::of(collection, folds, analyser),
            pictures: counted(collection, |picture| &picture.path),
            groups: counted(collection, |picture| &picture.group),
            sources: counted(collection, |picture| &picture.source),
            left_out: collection.left_out.clone(),
            failures: examined().flat_map(|(p, e)| failures(p, e, tiers)).collect(),
            controls: controls.into_iter().flatten().map(Control::of).collect(),
            tiers: measured.map(|&tier| summary(tier)).collect(),
        }
    }
}

impl Control {
    fn of(series: SeriesSummary) -> Self {
        let SeriesSummary { name, auc, content_matched, .. } = series;
        Self { name, auc, content_matched }
    }
}

/// How many different names the pictures of each truth have.
fn counted<'a, K: Ord + 'a>(
    collection: &'a Collection,
    name: impl Fn(&'a Picture) -> &'a K,
) -> BTreeMap<Truth, usize> {
    let mut names: BTreeMap<_, BTreeSet<&K>> = BTreeMap::new();
    for picture in &collection.pictures {
        names.entry(picture.truth).or_default().insert(name(picture));
    }
    names.into_iter().map(|(truth, names)| (truth, names.len())).collect()
}

/// What failed of one picture, in its tiers.
pub(crate) fn failures(
    picture: &Picture,
    examination: &Examination,
    tiers: &[Tier],
) -> Vec<Failure> {
    let failure = |tier: Tier, detector: Option<&str>, message: &str| Failure {
        path: picture.path.display().to_string(),
        tier: tier.as_str(),
        detector: detector.map(Into::into),
        message: message.to_owned(),
    };
    let mut found = Vec::new();
    for (&tier, examined) in tiers.iter().zip(&examination.tiers) {
        match examined {
            Err(message) => found.push(failure(tier, None, message)),
            Ok(examined) => {
                let mask = examined.mask.as_ref().and_then(|mask| mask.as_ref().err());
                found.extend(mask.map(|message| failure(tier, None, message)));
                found.extend(examined.answers.iter().filter_map(|answer| {
                    Some(failure(tier, Some(&answer.model_key), answer.fault.as_ref()?))
                }));
            }
        }
    }
    found
}
