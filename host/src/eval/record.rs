// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is kept of one picture in one tier: enough for every table, without pixels or maps.

use assay_plugin_api::descriptor::Kind;
use assay_plugin_api::evidence::keys;
use assay_plugin_api::report::Label;
use serde::{Deserialize, Serialize};

use super::false_area::CalledArea;
use super::mask::MaskCounts;
use crate::analysis::outcome::{DetectorOutcome, Outcome};
use crate::fusion::{fuse, label_of, VerdictLabel};
use crate::image::evidence::ImageEvidence;
use crate::image::metadata::camera_name;
use crate::policy::Policy;

/// What a file is stored as: all that the leakage floor may look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Columns, px.
    pub width: u32,
    /// Rows, px.
    pub height: u32,
    /// The format, by content: `JPEG`.
    pub format: String,
    /// IJG quality of a JPEG file.
    pub jpeg_quality: Option<u8>,
    /// Chroma sampling of a JPEG file: `4:2:0`.
    pub jpeg_subsampling: Option<String>,
    /// What the file carries beside its pixels.
    pub metadata: Carried,
}

/// Lengths of what a file carries beside its pixels, bytes; 0 for what is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// The EXIF block. A TIFF, which is one itself, has none here.
    pub exif: usize,
    /// The XMP packet.
    pub xmp: usize,
    /// The ICC profile.
    pub icc: usize,
    /// Whether the EXIF block names a camera by maker and model.
    pub names_camera: bool,
}

impl Carried {
    fn of(image: &ImageEvidence) -> Self {
        let exif = image.blob(keys::EXIF).filter(|_| !image.is_exif_the_file());
        let length = |key| image.blob(key).map_or(0, <[u8]>::len);
        Self {
            exif: exif.map_or(0, <[u8]>::len),
            xmp: length(keys::XMP),
            icc: length(keys::ICC),
            names_camera: exif.and_then(camera_name).is_some(),
        }
    }
}

impl Facts {
    /// The facts of a decoded file.
    #[must_use]
    pub fn of(image: &ImageEvidence) -> Self {
        Self {
            width: image.width(),
            height: image.height(),
            format: image.format().as_str().into(),
            jpeg_quality: image.jpeg_quality(),
            jpeg_subsampling: image.jpeg_subsampling().map(Into::into),
            metadata: Carried::of(image),
        }
    }
}

/// What one detector said.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Name in requests and policies.
    pub model_key: String,
    /// The hypothesis that a high score supports.
    pub kind: Kind,
    /// The score, if there is one.
    pub score: Option<f64>,
    /// The label by the policy's thresholds, if there is a score.
    pub label: Option<Label>,
    /// Why the detector should have answered and did not.
    pub fault: Option<String>,
    /// Its heatmap against the picture's mask, where there are both.
    pub located: Option<MaskCounts>,
    /// What its heatmap calls altered of an authentic picture; only where masks are compared.
    pub false_area: Option<CalledArea>,
}

/// One picture in one tier.
#[derive(Clone, Debug, PartialEq)]
pub struct Examined {
    /// What the file is stored as.
    pub facts: Facts,
    /// What each detector said, in the configuration's order.
    pub answers: Vec<Answer>,
    /// What the policy makes of it.
    pub verdict: VerdictLabel,
    /// The policy's probability that a generator made it.
    pub p_ai_generated: f64,
    /// The policy's probability that part of it was changed.
    pub p_manipulated: f64,
    /// Whether the picture's mask could be used; none without one, or in a tier that masks do not fit.
    pub mask: Option<Result<(), String>>,
}

impl Examined {
    /// Fuses the outcomes by a policy; no heatmap is looked at.
    #[must_use]
    pub fn of(facts: Facts, outcomes: &[DetectorOutcome], policy: &Policy) -> Self {
        let verdict = fuse(outcomes, policy);
        let answer = |outcome: &DetectorOutcome| Answer {
            model_key: outcome.model_key.clone(),
            kind: outcome.kind,
            score: outcome.outcome.score(),
            label: match &outcome.outcome {
                Outcome::Scored(report) => {
                    Some(label_of(report, outcome.kind, &policy.detector(&outcome.model_key)))
                }
                _ => None,
            },
            fault: match &outcome.outcome {
                Outcome::Failed { message } => Some(message.clone()),
                Outcome::TimedOut { deadline_ms } => {
                    Some(format!("overran its deadline of {deadline_ms} ms"))
                }
                Outcome::Scored(_) | Outcome::NotApplicable { .. } => None,
            },
            located: None,
            false_area: None,
        };
        Self {
            facts,
            answers: outcomes.iter().map(answer).collect(),
            verdict: verdict.label,
            p_ai_generated: verdict.p_ai_generated,
            p_manipulated: verdict.p_manipulated,
            mask: None,
        }
    }
}
