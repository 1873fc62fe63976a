// SPDX-License-Identifier: MIT OR Apache-2.0
//! Copies of a picture on which detectors are run again: whether the verdict survives a delivery.
//!
//! Both are made of the decoded pixels of the stored grid, so that metadata, orientation and the
//! file's own coding are gone, and saved as JPEG, 4:2:0, without moving the grid of blocks.

use super::outcome::DetectorOutcome;
use crate::image::evidence::ImageEvidence;
use crate::image::resave::{jpeg, picture, reduced, ResaveError};
use crate::image::{DecodeError, DecodeLimits};
use crate::policy::StabilityPolicy;

/// What a copy differs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CopyKind {
    /// Saved again at the policy's quality.
    Recompressed,
    /// Its sides multiplied by the policy's factor (bilinear), then saved at its quality.
    Resized,
}

/// What detectors answered on one copy.
#[derive(Clone, Debug)]
pub struct Rerun {
    /// The copy.
    pub copy: CopyKind,
    /// The answers of the detectors that were run again; or why there is no such copy.
    pub outcomes: Result<Vec<DetectorOutcome>, String>,
}

impl Rerun {
    /// The answers; none where there is no such copy.
    #[must_use]
    pub fn answers(&self) -> &[DetectorOutcome] {
        self.outcomes.as_deref().unwrap_or_default()
    }
}

/// A copy that cannot be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum CopyError {
    #[error(transparent)]
    Resave(#[from] ResaveError),
    #[error("the copy cannot be read: {0}")]
    Decode(#[from] DecodeError),
}

impl CopyKind {
    /// Every kind, in the order in which they are made.
    pub const ALL: [Self; 2] = [Self::Recompressed, Self::Resized];

    /// The word in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recompressed => "recompressed",
            Self::Resized => "resized",
        }
    }

    /// The copy in words: `the copy saved as JPEG 85`.
    #[must_use]
    pub fn described(self, policy: &StabilityPolicy) -> String {
        let StabilityPolicy { jpeg_quality, scale, .. } = policy;
        match self {
            Self::Recompressed => format!("the copy saved as JPEG {jpeg_quality}"),
            Self::Resized => {
                format!("the copy resized to {scale} and saved as JPEG {jpeg_quality}")
            }
        }
    }

    /// Makes the copy.
    pub(super) fn of(
        self,
        image: &ImageEvidence,
        policy: &StabilityPolicy,
    ) -> Result<ImageEvidence, CopyError> {
        let original = picture(image.width(), image.height(), image.rgb())?;
        let file = match self {
            Self::Recompressed => jpeg(&original, policy.jpeg_quality)?,
            Self::Resized => jpeg(&reduced(&original, policy.scale), policy.jpeg_quality)?,
        };
        // The picture was within the operator's limits, and a copy is no larger.
        let limits = DecodeLimits {
            max_file_bytes: u64::MAX,
            max_pixels: u64::MAX,
            min_side: 1,
            max_memory_bytes: u64::MAX,
        };
        Ok(ImageEvidence::from_bytes(file, &limits)?)
    }
}
