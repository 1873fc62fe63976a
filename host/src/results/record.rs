// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is kept of an evaluation: the head says what was measured with what, then a record for each
//! picture. Pixels, heatmaps and texts are not kept.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::analysis::outcome::DetectorOutcome;
use crate::analysis::Analyser;
use crate::eval::folds::Folds;
use crate::eval::held_out::HeldOut;
use crate::eval::manifest::{Collection, Picture, Truth};
use crate::eval::record::{Examined, Facts};
use crate::eval::run::Examination;
use crate::eval::stored::{kind_of, Said};
use crate::eval::tiers::Tier;
use crate::policy::Policy;

/// The form that is written.
pub const FORM: u32 = 1;

/// Results of a collection.
#[derive(Clone, Debug)]
pub struct Results {
    /// What was measured with what.
    pub head: Head,
    /// The policy that they were made under.
    pub policy: Policy,
    /// In the collection's order.
    pub pictures: Vec<PictureResult>,
}

/// What was measured with what.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Head {
    /// Of the file: [`FORM`].
    pub form: u32,
    /// Version of the host.
    pub assay_version: String,
    /// The manifest or folder, as it was named.
    pub collection: String,
    /// Which pictures were examined by detectors that have not seen them, in words.
    pub held_out: String,
    /// The policy.
    pub policy: KeptPolicy,
    /// The detectors in the configuration's order.
    pub detectors: Vec<KeptDetector>,
    /// The tiers of each record, in its order.
    pub tiers: Vec<String>,
}

/// The policy, whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptPolicy {
    /// Its name.
    pub name: String,
    /// Its author's version.
    pub version: String,
    /// SHA-256 of its canonical form.
    pub digest: String,
    /// The policy with every default filled in.
    pub toml: String,
}

/// A detector of the main configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptDetector {
    /// Name in requests and policies.
    pub model: String,
    /// Stable name of the detector.
    pub id: String,
    /// The hypothesis that a high score supports, in a word.
    pub kind: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its library.
    pub digest: String,
    /// The parameters that the policy gave it.
    pub parameters: String,
}

/// One picture.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PictureResult {
    /// Where it was.
    pub path: String,
    /// SHA-256 of the file, hexadecimal; none if it could not be read.
    pub sha256: Option<String>,
    /// What it is.
    pub truth: Truth,
    /// What it is not independent of.
    pub group: String,
    /// Where it was collected.
    pub source: String,
    /// Kind of authentic picture.
    pub kind: String,
    /// The fold that its detectors were not trained on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fold: Option<String>,
    /// What became of it, in the order of the head's tiers.
    pub tiers: Vec<TierResult>,
}

/// One picture in one tier.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TierResult {
    /// It was examined.
    Examined(Box<ExaminedResult>),
    /// Why the tier has none.
    Failed(String),
}

/// What was said of one picture in one tier.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExaminedResult {
    /// What the file is stored as.
    pub facts: Facts,
    /// By model key.
    pub answers: BTreeMap<String, Said>,
    /// What the policy made of it.
    pub verdict: KeptVerdict,
}

/// A verdict in short. Numbers as text, because JSON readers may be off by the last bit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptVerdict {
    /// `AUTHENTIC`, ….
    pub label: String,
    /// The probability that a generator made it.
    pub p_ai_generated: String,
    /// The probability that part of it was changed.
    pub p_manipulated: String,
}

impl KeptPolicy {
    /// That of a policy.
    ///
    /// # Errors
    /// When it cannot be written as TOML.
    pub fn of(policy: &Policy) -> Result<Self, toml::ser::Error> {
        Ok(Self {
            name: policy.name.clone(),
            version: policy.version.clone(),
            digest: policy.digest().to_owned(),
            toml: toml::to_string_pretty(policy)?,
        })
    }
}

impl KeptVerdict {
    /// That of an examined picture.
    #[must_use]
    pub fn of(examined: &Examined) -> Self {
        Self {
            label: examined.verdict.as_str().to_owned(),
            p_ai_generated: examined.p_ai_generated.to_string(),
            p_manipulated: examined.p_manipulated.to_string(),
        }
    }
}

impl Results {
    /// Those of what was examined: `examinations` in the collection's order, each in `tiers`.
    ///
    /// # Errors
    /// When the policy cannot be written as TOML.
    pub fn of(
        name: &str,
        collection: &Collection,
        analyser: &Analyser,
        folds: &Folds,
        tiers: &[Tier],
        examinations: &[Examination],
    ) -> Result<Self, toml::ser::Error> {
        let policy = analyser.policy();
        let head = Head {
            form: FORM,
            assay_version: env!("CARGO_PKG_VERSION").to_owned(),
            collection: name.to_owned(),
            held_out: HeldOut::of(collection, folds, analyser).statement,
            policy: KeptPolicy::of(policy)?,
            detectors: analyser.identities().map(|d| KeptDetector::of(d, policy)).collect(),
            tiers: tiers.iter().map(|tier| tier.as_str().to_owned()).collect(),
        };
        let pictures = collection.pictures.iter().zip(examinations);
        let pictures = pictures.map(|(p, e)| PictureResult::of(p, e)).collect();
        Ok(Self { head, policy: policy.clone(), pictures })
    }
}

impl KeptDetector {
    fn of(identity: &DetectorOutcome, policy: &Policy) -> Self {
        Self {
            model: identity.model_key.clone(),
            id: identity.id.clone(),
            kind: identity.kind.as_str().to_owned(),
            version: identity.version.clone(),
            digest: identity.digest.clone(),
            parameters: Self::parameters_by(policy, &identity.model_key),
        }
    }

    /// The parameters that a policy gives a detector.
    pub(super) fn parameters_by(policy: &Policy, model: &str) -> String {
        format!("{:?}", policy.detector(model).attributes())
    }

    /// What it answered, as fusion takes it; `None` if that cannot be read.
    pub(super) fn answered(&self, said: &Said) -> Option<DetectorOutcome> {
        Some(DetectorOutcome {
            id: self.id.clone(),
            model_key: self.model.clone(),
            // Fusion reads neither.
            result_key: self.model.clone(),
            title: self.model.clone(),
            kind: kind_of(&self.kind)?,
            version: self.version.clone(),
            digest: self.digest.clone(),
            duration_ms: 0.0,
            outcome: said.outcome()?,
        })
    }
}

impl PictureResult {
    fn of(picture: &Picture, examination: &Examination) -> Self {
        let tier = |(index, examined): (usize, &Result<Examined, String>)| match examined {
            Err(why) => TierResult::Failed(why.clone()),
            Ok(examined) => TierResult::Examined(Box::new(ExaminedResult {
                facts: examined.facts.clone(),
                answers: examination.said.get(index).cloned().unwrap_or_default(),
                verdict: KeptVerdict::of(examined),
            })),
        };
        Self {
            path: picture.path.display().to_string(),
            sha256: examination.sha256.clone(),
            truth: picture.truth,
            group: picture.group.clone(),
            source: picture.source.clone(),
            kind: picture.kind.clone(),
            fold: picture.fold.clone(),
            tiers: examination.tiers.iter().enumerate().map(tier).collect(),
        }
    }

    /// The picture as a collection has it; a mask is not kept.
    #[must_use]
    pub fn picture(&self) -> Picture {
        Picture {
            path: Path::new(&self.path).to_owned(),
            truth: self.truth,
            group: self.group.clone(),
            source: self.source.clone(),
            kind: self.kind.clone(),
            fold: self.fold.clone(),
            mask: None,
        }
    }
}
