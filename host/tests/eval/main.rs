// SPDX-License-Identifier: MIT OR Apache-2.0
//! The judge: its numbers against hand computations and scikit-learn's.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers, called by tests only

mod cache;
mod command;
mod compare;
mod false_area;
mod folds;
mod headline;
mod intervals;
mod kept;
mod manifest;
mod mask;
mod metrics;
mod random;
mod support;
mod tables;
mod tiers;
