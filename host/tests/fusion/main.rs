// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fusion: hand-computed probabilities, verdicts with their reasons, and what must hold for any
//! policy and any outcomes.

#![allow(clippy::unwrap_used)]

mod calibration;
mod properties;
mod rules;
mod shipped;
mod stability;
mod stability_properties;
mod support;
mod verdicts;
