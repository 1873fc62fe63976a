// SPDX-License-Identifier: MIT OR Apache-2.0
//! Camera fingerprints: the residual against the reference in Python, the correlation against sums
//! written out, files that are broken, and what stays the same when a picture is moved.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

mod correlation;
mod file;
mod golden;
mod invariants;
mod local;
mod made;
mod search;
