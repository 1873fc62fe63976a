// SPDX-License-Identifier: MIT OR Apache-2.0
//! From the detectors' outcomes to a verdict by a policy: pure, so that a stored analysis can be
//! re-derived. `docs/FUSION.md` has the formulas.

mod case;
pub mod ensemble;
pub mod labels;
pub mod quorum;
pub mod reasons;
pub mod rules;
pub mod stability;
pub mod verdict;
pub mod voice;

pub use labels::label_of;
pub use reasons::Reason;
pub use stability::{supporters, Stability};
pub use verdict::{fuse, fuse_with_copies, Verdict, VerdictLabel};
