// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which kind of generator drew a picture: a multinomial regression on features of crops.
//!
//! # What it tests
//! How far the crops resemble those of each of a few families of generators, which differ in what
//! their pixels come out of: a latent decoder, a diffusion in pixels, StyleGAN's layers.
//!
//! # Why it works
//! The last layers of a generator are those of its whole family, whatever the prompt.
//!
//! # When it does not apply
//! To a picture that no generator made: it has no class for that. A generator outside the families
//! is taken for the one that it resembles. What pictures show is told with the decoder: the
//! probabilities are tempered on sources that were held out, and a family that was not right there
//! is never named.
//!
//! # Constants and their source
//! All in the file; `plugins/training/attribution.py` writes it.
//!
//! # The file
//! Little endian, no padding.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | [`MAGIC`] |
//! | u32 | [`VERSION`] |
//! | text | what it was trained on, for a person (u32 length of at most 4096, UTF-8) |
//! | text, text | names of the two feature sets whose features it reads, one after the other |
//! | u32 | features of both together, 1 to 4096 |
//! | f64 | least probability that is named, above 0 and below 1 |
//! | f32 | clip of the standardised features |
//! | f32 each | means, then deviations |
//! | u32 | families, 2 to 64 |
//! | per family | text name; u8 1 if it may be named; f32 weights; f32 bias |
//! | 32 | SHA-256 of everything before |

mod error;
mod reader;
#[cfg(test)]
mod tests;

pub use crate::input::InputError;
pub use error::AttributionError;

use crate::model::FeatureSet;

/// First bytes of an attribution file.
pub const MAGIC: [u8; 8] = *b"ASSAYATT";
/// Version of the format that this crate reads.
pub const VERSION: u32 = 1;

/// A regression over families of generators.
#[derive(Clone, Debug)]
pub struct Attribution {
    trained_on: String,
    least_probability: f64,
    clip: f32,
    /// Mean and deviation of each feature.
    columns: Vec<(f32, f32)>,
    families: Vec<Family>,
}

#[derive(Clone, Debug)]
struct Family {
    name: String,
    is_nameable: bool,
    weights: Vec<f32>,
    bias: f32,
}

/// The family that a picture is attributed to.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributed {
    /// Its name, in lower case with underscores.
    pub family: String,
    /// Its probability, `0..=1`, if the picture is of one of the families and all are as common.
    pub probability: f64,
}

impl Attribution {
    /// Reads an attribution file for features of these two sets.
    ///
    /// # Errors
    /// The first thing in the bytes that is not as the format says; other feature sets.
    pub fn read(bytes: &[u8], sets: [FeatureSet<'_>; 2]) -> Result<Self, AttributionError> {
        reader::read(bytes, sets)
    }

    /// What it was trained on, for a person.
    #[must_use]
    pub fn trained_on(&self) -> &str {
        &self.trained_on
    }

    /// The logit of each family for a crop with these features of the two sets; `None` for another
    /// number of features.
    #[must_use]
    pub fn logits(&self, sets: [&[f32]; 2]) -> Option<Vec<f64>> {
        let [first, second] = sets;
        if first.len() + second.len() != self.columns.len() {
            return None;
        }
        let features = first.iter().chain(second).zip(&self.columns);
        let standardised = features.map(|(feature, (mean, deviation))| {
            ((feature - mean) / deviation).clamp(-self.clip, self.clip)
        });
        let standardised: Vec<f32> = standardised.collect();
        let logit = |family: &Family| {
            let terms = family.weights.iter().zip(&standardised);
            let sum: f64 =
                terms.map(|(&weight, &value)| f64::from(weight) * f64::from(value)).sum();
            f64::from(family.bias) + sum
        };
        Some(self.families.iter().map(logit).collect())
    }

    /// The family of a picture whose crops have these logits on average; `None` where no family is
    /// probable enough, or the most probable is none that may be named.
    #[must_use]
    pub fn attribute(&self, logits: &[f64]) -> Option<Attributed> {
        let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logits.iter().map(|logit| (logit - largest).exp()).sum();
        let (family, _) = self.families.iter().zip(logits).find(|(_, &logit)| logit >= largest)?;
        let probability = 1.0 / sum;
        let is_named = family.is_nameable && probability >= self.least_probability;
        is_named.then(|| Attributed { family: family.name.clone(), probability })
    }
}
