// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is asked about an image, as it is submitted and as it is kept for later.

use serde::{Deserialize, Serialize};

use crate::analysis::{AnalysisRequest, Models};
use crate::api::error::ApiError;
use crate::net::Target;

/// What is asked about an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) models: Vec<String>,
    pub(crate) metadata_analysis: bool,
    pub(crate) return_heatmap: bool,
    /// Whether the answer holds what detectors draw by themselves, which is small, where it holds no
    /// heatmap.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) return_drawings: bool,
    pub(crate) policy: Option<String>,
    pub(crate) claimed_at: Option<String>,
    pub(crate) reference_id: Option<String>,
}

impl Order {
    /// The part that the detectors are asked.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for a time that is none.
    pub(crate) fn request(&self) -> Result<AnalysisRequest, ApiError> {
        let claimed_at = self.claimed_at.as_deref().map(str::parse).transpose();
        let claimed_at =
            claimed_at.map_err(|e| ApiError::invalid(format!("context.claimed_at: {e}")))?;
        Ok(AnalysisRequest {
            models: Models::Named(self.models.clone()),
            metadata_analysis: self.metadata_analysis,
            claimed_at,
        })
    }
}

/// What is asked of a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClaimOrder {
    pub(crate) policy: Option<String>,
}

/// Where an image is.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// In the request.
    Bytes(Vec<u8>),
    /// Somewhere else.
    Url(Target),
}

/// A job's part that nobody but the runner reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) source: TaskSource,
    pub(crate) order: Order,
    /// Whether the day was charged with this image alone, so that it is given back where the detectors
    /// did not run.
    #[serde(default)]
    pub(crate) is_refundable: bool,
}

/// Where a job's image is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskSource {
    /// In the blobs, under the request's name.
    Blob,
    /// Somewhere else.
    Url(String),
    /// Nowhere: it was refused when it was submitted.
    Refused {
        /// The error's code.
        code: String,
        /// The error's message.
        message: String,
    },
}
