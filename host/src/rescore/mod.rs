// SPDX-License-Identifier: MIT OR Apache-2.0
//! Verdicts made again under another policy, from what was kept: no detector runs.
//!
//! [`transitions`] counts which label became which, [`diff`] compares two policies on kept results with
//! what that does to the error rates, and [`again`](mod@again) makes stored analyses again.

pub mod again;
pub mod diff;
mod text;
pub mod transitions;

pub use again::{again, refused, Again};
pub use diff::{By, PolicyDiff};
pub use transitions::Transitions;
