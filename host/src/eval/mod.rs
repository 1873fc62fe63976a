// SPDX-License-Identifier: MIT OR Apache-2.0
//! The judge: how good the detectors and a policy are on a labelled collection.

pub mod interval;
pub mod manifest;
pub mod metrics;
pub mod random;
pub mod tiers;
