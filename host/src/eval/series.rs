// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is measured: each detector's score and the policy's two probabilities, each against the
//! truth that it claims to see.

use std::collections::BTreeMap;

use assay_plugin_api::descriptor::Kind;

use super::manifest::{Picture, Truth};
use super::metrics::Scored;
use super::record::{Answer, Examined};
use crate::fusion::VerdictLabel;
use crate::policy::{Hypothesis, Policy};

/// A column of numbers that claims to tell a truth from authentic pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// `gan`, or `verdict ai_generated`.
    pub name: String,
    /// The truth that a high number claims.
    pub positive: Truth,
    /// The policy's threshold.
    pub threshold: f64,
    of: Column,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Column {
    /// Place in the configuration's order.
    Detector(usize, Kind),
    Hypothesis(Hypothesis),
}

/// One picture as one series sees it.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Score and class.
    pub scored: Scored,
    /// The picture.
    pub picture: &'a Picture,
    /// What its file is stored as.
    pub examined: &'a Examined,
}

impl Series {
    /// The verdict's two probabilities, then the detectors of an examined picture.
    #[must_use]
    pub fn all(example: &Examined, policy: &Policy) -> Vec<Self> {
        let verdicts = Hypothesis::ALL.into_iter().map(|hypothesis| Self {
            name: format!("verdict {}", hypothesis.as_str()),
            positive: match hypothesis {
                Hypothesis::AiGenerated => Truth::AiGenerated,
                Hypothesis::Manipulated => Truth::Manipulated,
            },
            threshold: policy.verdict.of(hypothesis),
            of: Column::Hypothesis(hypothesis),
        });
        let detector = |(index, answer): (usize, &Answer)| Self {
            name: answer.model_key.clone(),
            positive: match answer.kind {
                Kind::Manipulation => Truth::Manipulated,
                // Generators strip or write metadata, retouchers mostly keep it.
                Kind::Generation | Kind::Provenance => Truth::AiGenerated,
            },
            threshold: policy.detector(&answer.model_key).threshold,
            of: Column::Detector(index, answer.kind),
        };
        verdicts.chain(example.answers.iter().enumerate().map(detector)).collect()
    }

    /// The number, if the detector scored. A verdict always has one.
    #[must_use]
    pub fn score(&self, examined: &Examined) -> Option<f64> {
        match self.of {
            Column::Detector(index, _) => examined.answers.get(index)?.score,
            Column::Hypothesis(Hypothesis::AiGenerated) => Some(examined.p_ai_generated),
            Column::Hypothesis(Hypothesis::Manipulated) => Some(examined.p_manipulated),
        }
    }

    /// The label by the policy's thresholds; `NONE` where the detector gave no score.
    #[must_use]
    pub fn said(&self, examined: &Examined) -> &'static str {
        match self.of {
            Column::Detector(index, _) => {
                let label = examined.answers.get(index).and_then(|answer| answer.label);
                label.map_or(super::confusion::NONE, |label| label.as_str())
            }
            Column::Hypothesis(_) => examined.verdict.as_str(),
        }
    }

    /// The label that claims the series' truth.
    #[must_use]
    pub fn positive_label(&self) -> &'static str {
        match self.of {
            Column::Detector(_, kind) => kind.positive_label().as_str(),
            Column::Hypothesis(hypothesis) => VerdictLabel::from(hypothesis).as_str(),
        }
    }

    /// Whether the detector should have scored and did not.
    #[must_use]
    pub fn is_fault(&self, examined: &Examined) -> bool {
        match self.of {
            Column::Detector(index, _) => {
                examined.answers.get(index).is_none_or(|answer| answer.fault.is_some())
            }
            Column::Hypothesis(_) => false,
        }
    }

    /// The class of a truth: positive, negative (authentic), or neither.
    #[must_use]
    pub fn class(&self, truth: Truth) -> Option<bool> {
        (truth == self.positive || truth == Truth::Authentic).then_some(truth == self.positive)
    }

    /// The pictures of both classes that have a score.
    #[must_use]
    pub fn samples<'a>(&self, rows: &[(&'a Picture, &'a Examined)]) -> Vec<Sample<'a>> {
        let sample = |&(picture, examined): &(&'a Picture, &'a Examined)| {
            let is_positive = self.class(picture.truth)?;
            let scored = Scored { score: self.score(examined)?, is_positive };
            Some(Sample { scored, picture, examined })
        };
        rows.iter().filter_map(sample).collect()
    }
}

/// The scores alone.
#[must_use]
pub fn scores(samples: &[Sample<'_>]) -> Vec<Scored> {
    samples.iter().map(|sample| sample.scored).collect()
}

/// The samples by a name, sorted by it.
pub fn by<'a, K: Ord>(
    samples: &[Sample<'a>],
    name: impl Fn(&Sample<'a>) -> K,
) -> BTreeMap<K, Vec<Sample<'a>>> {
    let mut parts: BTreeMap<K, Vec<_>> = BTreeMap::new();
    for sample in samples {
        parts.entry(name(sample)).or_default().push(*sample);
    }
    parts
}
