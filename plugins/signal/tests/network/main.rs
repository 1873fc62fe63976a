// SPDX-License-Identifier: MIT OR Apache-2.0
//! The network: against PyTorch, against a naive computation, and refusals of files that are not as
//! they should be.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

mod file;
mod golden;
mod invariants;
mod naive;
mod refusals;
