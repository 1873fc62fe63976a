// SPDX-License-Identifier: MIT OR Apache-2.0
//! The collection as the fit sees it: a row for each picture and tier, with what each detector said.
//!
//! A detector of provenance is silent in every row, whatever it said: it counts as having scored, and
//! adds nothing. Whether files have metadata follows how a collection was made, and a fit that saw it
//! would learn that.

use std::collections::BTreeMap;

use assay_plugin_api::descriptor::Kind;

use super::folds::Folds;
use crate::analysis::outcome::DetectorOutcome;
use crate::eval::manifest::{Picture, Truth};
use crate::eval::record::{Answer, Examined};
use crate::eval::run::Examination;
use crate::eval::tiers::Tier;
use crate::fusion::ensemble::{Standing, State};
use crate::policy::{Hypothesis, Policy};

/// A score that says nothing.
const SILENT: f64 = 0.5;

/// One picture in one tier.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// The picture.
    pub picture: &'a Picture,
    /// The tier.
    pub tier: Tier,
    /// The picture's fold.
    pub fold: usize,
    /// How much the row counts among those of its class, above 0: `1 / sqrt(pictures of the group)`,
    /// divided among the picture's tiers.
    pub share: f64,
    /// What the detectors said, in the order of fusion.
    pub standings: Vec<Standing<'a>>,
}

impl Row<'_> {
    /// The class under a hypothesis: positive, negative (authentic), or neither.
    #[must_use]
    pub fn class(&self, hypothesis: Hypothesis) -> Option<bool> {
        let is_positive = self.picture.truth == truth_of(hypothesis);
        (is_positive || self.picture.truth == Truth::Authentic).then_some(is_positive)
    }

    /// The score of a detector, if it gave one.
    #[must_use]
    pub fn score(&self, model_key: &str) -> Option<f64> {
        let standing = self.standings.iter().find(|s| s.detector.model_key == model_key)?;
        match standing.state {
            State::Scored(score) => Some(score),
            State::Absent | State::Faulted => None,
        }
    }
}

/// The truth that a hypothesis claims.
#[must_use]
pub fn truth_of(hypothesis: Hypothesis) -> Truth {
    match hypothesis {
        Hypothesis::AiGenerated => Truth::AiGenerated,
        Hypothesis::Manipulated => Truth::Manipulated,
    }
}

/// The hypothesis that a detector's score supports; none for provenance, which is not fitted.
#[must_use]
pub fn hypothesis_of(kind: Kind) -> Option<Hypothesis> {
    match kind {
        Kind::Generation => Some(Hypothesis::AiGenerated),
        Kind::Manipulation => Some(Hypothesis::Manipulated),
        Kind::Provenance => None,
    }
}

/// The policy with which the silent rows are fused: a calibration must not make silence speak.
#[must_use]
pub fn silenced(policy: &Policy, detectors: &[DetectorOutcome]) -> Policy {
    let mut policy = policy.clone();
    for detector in detectors.iter().filter(|d| hypothesis_of(d.kind).is_none()) {
        if let Some(of) = policy.detectors.get_mut(&detector.model_key) {
            of.calibration = None;
        }
    }
    policy
}

/// The rows of everything that was examined: `examinations` in the order of `pictures`, each in the
/// order of `tiers`.
#[must_use]
pub fn rows<'a>(
    pictures: &'a [Picture],
    tiers: &[Tier],
    examinations: &[Examination],
    folds: &Folds,
    detectors: &'a [DetectorOutcome],
) -> Vec<Row<'a>> {
    let mut groups: BTreeMap<(Truth, &str), usize> = BTreeMap::new();
    for picture in pictures {
        *groups.entry((picture.truth, &picture.group)).or_default() += 1;
    }
    let mut sorted: Vec<_> = detectors.iter().collect();
    sorted.sort_by(|a, b| (&a.model_key, &a.id).cmp(&(&b.model_key, &b.id)));
    let mut rows = Vec::new();
    for ((picture, examination), fold) in pictures.iter().zip(examinations).zip(&folds.of_picture) {
        let examined = tiers.iter().zip(&examination.tiers);
        let examined =
            examined.filter_map(|(tier, examined)| Some((*tier, examined.as_ref().ok()?)));
        let examined: Vec<(Tier, &Examined)> = examined.collect();
        let group = groups.get(&(picture.truth, picture.group.as_str())).copied().unwrap_or(1);
        let share = 1.0 / (group as f64).sqrt() / examined.len() as f64;
        rows.extend(examined.into_iter().map(|(tier, examined)| {
            let standing = |detector: &&'a DetectorOutcome| Standing {
                detector,
                state: state(detector, &examined.answers),
            };
            let standings = sorted.iter().map(standing).collect();
            Row { picture, tier, fold: *fold, share, standings }
        }));
    }
    rows
}

fn state(detector: &DetectorOutcome, answers: &[Answer]) -> State {
    if hypothesis_of(detector.kind).is_none() {
        return State::Scored(SILENT);
    }
    let answer = answers.iter().find(|answer| answer.model_key == detector.model_key);
    match answer {
        Some(Answer { fault: None, score: None, .. }) => State::Absent,
        Some(Answer { fault: None, score: Some(score), .. }) if (0.0..=1.0).contains(score) => {
            State::Scored(*score)
        }
        _ => State::Faulted,
    }
}
