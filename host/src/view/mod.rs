// SPDX-License-Identifier: MIT OR Apache-2.0
//! Results as the JSON of the API guide, field for field, and our additions beside them.

mod analysis;
mod body;
mod error;
mod heatmap;
mod pictures;
mod request_id;
mod stability;

pub use analysis::AnalysisView;
pub(crate) use analysis::{label_word, verdict_json};
pub use body::{
    AnalysisBody, CopyBody, ErrorBody, FailureBody, FindingBody, FoundRegionBody, HeatmapBody,
    ImageInfoBody, ModelResultBody, PolicyBody, ProblemBody, ReasonBody, RegionBody, StabilityBody,
    VerdictBody,
};
pub use error::ErrorView;
pub use heatmap::Heatmap;
pub use pictures::{bytes_of, name_of, Pictures};
pub use request_id::RequestId;
