// SPDX-License-Identifier: MIT OR Apache-2.0
//! Everything that a report tells, in the order in which it tells it.

use serde::Serialize;

use super::detectors::DetectorPart;
use super::glossary::Term;
use super::heat::Heat;
use super::operating::OperatingPoint;
use super::provenance::Provenance;
use super::shape::{
    PicturePart, PolicyPart, RegionPart, RequestPart, Software, StabilityPart, Untested,
};
use super::verdict::VerdictPart;

/// The number of the shape. Within one number keys are added, never changed or removed.
pub(super) const FORM: u32 = 1;

/// What a verdict is not.
pub(super) const LIMITS: [&str; 6] = [
    "The report is made by a program. It can be wrong in both directions, as often as the error rates tell \
     where they were measured, and more often on pictures unlike those that it was measured on.",
    "A verdict must not be the sole ground of a decision about a person. Somebody who can look at the \
     evidence has to, and whoever is concerned must be able to object.",
    "What is tested is the file, not what it shows. A staged scene, an old picture, a false caption or a \
     photograph of a screen can pass every test.",
    "That nothing was found is no proof that nothing is there. Traces are lost when a picture is saved \
     again, resized or sent through services, and can be removed on purpose.",
    "What a file says of itself is said and not proved. Content Credentials are verified without asking \
     anybody: what lies elsewhere, and whether a certificate was revoked since, is not looked up.",
    "Regions and heatmap show where traces were seen. They are neither outlines of what was changed nor \
     complete.",
];

/// Everything that a report tells.
#[derive(Clone, Debug, Serialize)]
pub struct Dossier {
    /// The number of this shape.
    pub form: u32,
    /// When the report was made, RFC 3339.
    pub made_at: String,
    /// Who asked for what, and when it was answered.
    pub request: RequestPart,
    /// The picture's file.
    pub picture: PicturePart,
    /// The verdict.
    pub verdict: VerdictPart,
    /// What each detector answered.
    pub detectors: Vec<DetectorPart>,
    /// The places that findings name.
    pub regions: Vec<RegionPart>,
    /// Places that are not told because there are too many.
    pub regions_left_out: usize,
    /// Where in the picture something was seen; null where nothing was localised.
    pub heat: Option<Heat>,
    /// What the file says of itself; null where the metadata were not examined.
    pub provenance: Option<Provenance>,
    /// What was not tested.
    pub untested: Vec<Untested>,
    /// What came of copies of the picture; null where none was examined.
    pub stability: Option<StabilityPart>,
    /// How often the policy errs.
    pub operating_point: OperatingPoint,
    /// The policy.
    pub policy: PolicyPart,
    /// What made the answer and this report.
    pub software: Software,
    /// What a verdict is not.
    pub limits: Vec<&'static str>,
    /// The words.
    pub glossary: Vec<Term>,
}

impl Dossier {
    /// The longest time that a detector took, ms.
    #[must_use]
    pub fn longest_ms(&self) -> f64 {
        self.detectors.iter().filter_map(|detector| detector.duration_ms).fold(0.0, f64::max)
    }

    /// The title of a detector, by its model.
    #[must_use]
    pub fn title_of<'a>(&'a self, model: &'a str) -> &'a str {
        let found = self.detectors.iter().find(|detector| detector.model == model);
        found.map_or(model, |detector| detector.title.as_str())
    }
}
