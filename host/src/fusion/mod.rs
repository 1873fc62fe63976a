// SPDX-License-Identifier: MIT OR Apache-2.0
//! From the detectors' outcomes to a verdict by a policy: pure, so that a stored analysis can be
//! re-derived. `docs/FUSION.md` has the formulas.

pub mod ensemble;
pub mod labels;
pub mod quorum;
pub mod reasons;
pub mod rules;
pub mod verdict;

pub use labels::label_of;
pub use reasons::Reason;
pub use verdict::{fuse, Verdict, VerdictLabel};
