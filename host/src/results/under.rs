// SPDX-License-Identifier: MIT OR Apache-2.0
//! Kept answers fused by a policy: pure, no detector runs.

use super::record::{
    ExaminedResult, KeptDetector, KeptPolicy, KeptVerdict, PictureResult, Results, TierResult,
};
use crate::eval::manifest::Picture;
use crate::eval::record::Examined;
use crate::eval::summary::Rows;
use crate::eval::tiers::Tier;
use crate::policy::Policy;

/// A collection as a policy has it.
#[derive(Clone, Debug)]
pub struct Under {
    /// In the collection's order.
    pub pictures: Vec<Picture>,
    /// SHA-256 of each, hexadecimal; none if it could not be read.
    pub digests: Vec<Option<String>>,
    /// The tiers.
    pub tiers: Vec<Tier>,
    /// By picture and tier; none where the tier has none.
    pub examined: Vec<Vec<Option<Examined>>>,
    /// Verdicts that differ from those that are kept, though the policy is the same.
    pub not_again: usize,
}

/// Why kept answers cannot be fused by a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnderError {
    /// Other parameters.
    #[error(
        "the policy `{policy}` gives `{model}` other parameters than the results were made with, and \
         they change its scores: evaluate the collection under this policy"
    )]
    Parameters {
        /// The policy.
        policy: String,
        /// The detector.
        model: String,
    },
    /// A tier that this version does not have.
    #[error("the results have a tier `{0}`, which this version does not know")]
    Tier(String),
    /// An answer that cannot be read.
    #[error("what `{model}` said of {path} cannot be read")]
    Answer {
        /// The detector.
        model: String,
        /// The picture.
        path: String,
    },
}

impl Under {
    /// The pictures of a tier that were examined, in the collection's order.
    #[must_use]
    pub fn rows(&self, tier: Tier) -> Rows<'_> {
        self.numbered(tier).into_iter().map(|(_, picture, examined)| (picture, examined)).collect()
    }

    /// The same with each picture's place in the collection.
    #[must_use]
    pub fn numbered(&self, tier: Tier) -> Vec<(usize, &Picture, &Examined)> {
        let Some(place) = self.tiers.iter().position(|&other| other == tier) else {
            return Vec::new();
        };
        let mut rows = Vec::with_capacity(self.pictures.len());
        for (index, (picture, tiers)) in self.pictures.iter().zip(&self.examined).enumerate() {
            if let Some(examined) = tiers.get(place).and_then(Option::as_ref) {
                rows.push((index, picture, examined));
            }
        }
        rows
    }
}

impl Results {
    /// Fuses every answer by a policy.
    ///
    /// # Errors
    /// When the policy asks detectors for something else, or an answer cannot be read.
    pub fn under(&self, policy: &Policy) -> Result<Under, UnderError> {
        let enabled = self.head.detectors.iter().filter(|d| policy.is_enabled(&d.model));
        let detectors: Vec<_> = enabled.collect();
        let other = detectors
            .iter()
            .find(|d| d.parameters != KeptDetector::parameters_by(policy, &d.model));
        if let Some(detector) = other {
            let (policy, model) = (policy.name.clone(), detector.model.clone());
            return Err(UnderError::Parameters { policy, model });
        }
        let tier =
            |word: &String| Tier::of_word(word).ok_or_else(|| UnderError::Tier(word.clone()));
        let tiers = self.head.tiers.iter().map(tier).collect::<Result<_, _>>()?;
        let is_same = policy.digest() == self.policy.digest();
        let mut not_again = 0;
        let mut examined = Vec::with_capacity(self.pictures.len());
        for picture in &self.pictures {
            let mut made = Vec::with_capacity(picture.tiers.len());
            for tier in &picture.tiers {
                let (again, kept) = match tier {
                    TierResult::Failed(_) => (None, None),
                    TierResult::Examined(result) => {
                        (Some(fused(picture, result, &detectors, policy)?), Some(&result.verdict))
                    }
                };
                let is_other =
                    again.as_ref().zip(kept).is_some_and(|(a, kept)| KeptVerdict::of(a) != *kept);
                not_again += usize::from(is_same && is_other);
                made.push(again);
            }
            examined.push(made);
        }
        Ok(Under {
            pictures: self.pictures.iter().map(PictureResult::picture).collect(),
            digests: self.pictures.iter().map(|picture| picture.sha256.clone()).collect(),
            tiers,
            examined,
            not_again,
        })
    }

    /// The same answers with the verdicts of a policy.
    ///
    /// # Errors
    /// When the answers cannot be fused by it, or it cannot be written as TOML.
    pub fn fused_by(&self, policy: &Policy) -> Result<Self, Box<dyn std::error::Error>> {
        let under = self.under(policy)?;
        let mut fused = self.clone();
        fused.policy = policy.clone();
        fused.head.policy = KeptPolicy::of(policy)?;
        for (picture, examined) in fused.pictures.iter_mut().zip(&under.examined) {
            for (tier, examined) in picture.tiers.iter_mut().zip(examined) {
                if let (TierResult::Examined(result), Some(examined)) = (tier, examined) {
                    result.verdict = KeptVerdict::of(examined);
                }
            }
        }
        Ok(fused)
    }

    /// The detectors that a policy weighs and that have no answers here.
    #[must_use]
    pub fn unheard(&self, policy: &Policy) -> Vec<String> {
        let parts = [&policy.fusion.ai_generated, &policy.fusion.manipulated];
        let weights = parts.into_iter().flat_map(|part| &part.weights);
        let is_heard = |model: &String| self.head.detectors.iter().any(|d| d.model == *model);
        let unheard = weights.filter(|(model, weight)| {
            **weight != 0.0 && policy.is_enabled(model) && !is_heard(model)
        });
        let mut unheard: Vec<_> = unheard.map(|(model, _)| model.clone()).collect();
        unheard.sort_unstable();
        unheard.dedup();
        unheard
    }
}

fn fused(
    picture: &PictureResult,
    result: &ExaminedResult,
    detectors: &[&KeptDetector],
    policy: &Policy,
) -> Result<Examined, UnderError> {
    let mut outcomes = Vec::with_capacity(detectors.len());
    for detector in detectors {
        // Detectors of the collection's policy have an answer each; one that was not asked is absent.
        let Some(said) = result.answers.get(&detector.model) else { continue };
        let unreadable =
            || UnderError::Answer { model: detector.model.clone(), path: picture.path.clone() };
        outcomes.push(detector.answered(said).ok_or_else(unreadable)?);
    }
    Ok(Examined::of(result.facts.clone(), &outcomes, policy))
}
