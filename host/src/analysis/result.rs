// SPDX-License-Identifier: MIT OR Apache-2.0
//! Everything that any view of an analysis needs; no JSON.

use super::copies::Rerun;
use super::localisation::Localisation;
use super::outcome::DetectorOutcome;
use crate::fusion::Verdict;
use crate::image::evidence::{ImageEvidence, ImageInfo};
use crate::stage::Stage;

/// What came of one image.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The picture.
    pub image: ImageInfo,
    /// What each detector answered, in the configuration's order.
    pub outcomes: Vec<DetectorOutcome>,
    /// What the verdict's supporters answered on copies, if the policy asks for it.
    pub reruns: Vec<Rerun>,
    /// What the policy makes of it.
    pub verdict: Verdict,
    /// Where in the picture, when a detector of manipulation drew a map.
    pub localisation: Option<Localisation>,
    /// What took how long: the detectors in the order of outcomes, what was prepared for them, the rest.
    pub stages: Vec<Stage>,
}

impl Analysis {
    pub(super) fn new(
        image: &ImageEvidence,
        outcomes: Vec<DetectorOutcome>,
        reruns: Vec<Rerun>,
        verdict: Verdict,
        mut stages: Vec<Stage>,
    ) -> Self {
        let (localisation, map) =
            Stage::time("map", || Localisation::of(&outcomes, image.width(), image.height()));
        stages.extend(image.prepared().cloned());
        stages.push(map);
        Self { image: image.info(), outcomes, reruns, verdict, localisation, stages }
    }
}
