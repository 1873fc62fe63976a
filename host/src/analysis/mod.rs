// SPDX-License-Identifier: MIT OR Apache-2.0
//! One image through all detectors.

mod beside;
mod call;
mod claimed_at;
pub mod copies;
mod derivation;
mod localisation;
pub mod outcome;
mod pool;
mod request;
mod result;
mod run;
mod stored_localisation;

pub use beside::Beside;
pub use claimed_at::{ClaimedAt, ClaimedAtError};
pub use derivation::{Asked, Derivation, Unreadable};
pub(crate) use localisation::cell_at;
pub use localisation::{FoundRegion, Localisation};
pub use pool::{Pool, MAX_ABANDONED_CALLS};
pub use request::{AnalysisRequest, Models, RequestError};
pub use result::Analysis;
pub use run::{Analyser, AnalyserError};
pub(crate) use stored_localisation::StoredLocalisation;
