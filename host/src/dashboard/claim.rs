// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a batch's images are together, as a part of its page.

use serde::Deserialize;

use super::words::Badge;

/// A claim as it is kept, as far as the page shows it.
#[derive(Debug, Deserialize)]
pub(super) struct ClaimPart {
    risk: f64,
    risk_level: String,
    highest_image_risk: f64,
    pub(super) reasons: Vec<Reason>,
    pub(super) duplicates: Vec<Pair>,
    pub(super) duplicates_left_out: u64,
    pub(super) cameras: Vec<Camera>,
    pub(super) times: Times,
    pub(super) places: Places,
    pub(super) images_compared: u64,
}

/// Why the risk is what it is.
#[derive(Debug, Deserialize)]
pub(super) struct Reason {
    pub(super) text: String,
    weight: f64,
    pub(super) images: Vec<String>,
}

/// Two pictures that have something in common.
#[derive(Debug, Deserialize)]
pub(super) struct Pair {
    pub(super) image: String,
    pub(super) other: String,
    pub(super) is_earlier: bool,
    kind: String,
    changes: Vec<String>,
    overlap: f64,
}

/// A camera of the claim.
#[derive(Debug, Deserialize)]
pub(super) struct Camera {
    make: Option<String>,
    model: Option<String>,
    enrolled: Option<String>,
    pub(super) software: Vec<String>,
    pub(super) images: Vec<String>,
}

/// When the pictures were taken.
#[derive(Debug, Deserialize)]
pub(super) struct Times {
    pub(super) known: u64,
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
}

/// Where they were taken.
#[derive(Debug, Deserialize)]
pub(super) struct Places {
    pub(super) known: u64,
    pub(super) farthest_km: Option<f64>,
}

impl ClaimPart {
    /// That of a kept claim; none where there is none.
    pub(super) fn of(claim: Option<&str>) -> Option<Self> {
        serde_json::from_str(claim?).ok()
    }

    pub(super) fn level(&self) -> Badge {
        Badge::of(&self.risk_level)
    }

    pub(super) fn risk(&self) -> String {
        format!("{:.2}", self.risk)
    }

    pub(super) fn highest(&self) -> String {
        format!("{:.2}", self.highest_image_risk)
    }
}

impl Reason {
    /// What it adds, or that it is a note.
    pub(super) fn weight(&self) -> String {
        if self.weight == 0.0 {
            return "note".into();
        }
        format!("{:+.1}", self.weight)
    }
}

impl Pair {
    /// `same picture, cropped, mirrored`.
    pub(super) fn what(&self) -> String {
        let kind = self.kind.replace('_', " ");
        std::iter::once(kind.as_str())
            .chain(self.changes.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// How much of the image is in the other one.
    pub(super) fn overlap(&self) -> String {
        format!("{:.0} %", 100.0 * self.overlap)
    }
}

impl Camera {
    /// Its name, as far as it is known.
    pub(super) fn name(&self) -> String {
        // Many models name their maker too.
        let word =
            |make: &String| make.split_whitespace().next().unwrap_or_default().to_lowercase();
        let repeats = |make: &&String| {
            let model = self.model.as_deref().unwrap_or_default().to_lowercase();
            model.starts_with(&word(make))
        };
        let make = self.make.iter().filter(|make| !repeats(make));
        let said: Vec<_> = make.chain(&self.model).map(String::as_str).collect();
        match (&self.enrolled, said.is_empty()) {
            (Some(enrolled), true) => enrolled.clone(),
            (Some(enrolled), false) => format!("{} (enrolled as {enrolled})", said.join(" ")),
            (None, _) => said.join(" "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim;
    use crate::policy::Policy;

    #[test]
    fn a_kept_claim_is_read_by_its_page() {
        let policy = Policy::load("default", &[]).unwrap();
        let member = claim::Member { request_id: "req_1".into(), risk: None, fingerprint: None };
        let made = claim::make(&[member], &[], &policy);
        let part = ClaimPart::of(Some(&serde_json::json!(made).to_string())).unwrap();
        assert_eq!(
            (part.level().text.as_str(), part.reasons[0].weight().as_str()),
            ("MEDIUM", "note")
        );
        assert!(ClaimPart::of(None).is_none());
    }
}
