// SPDX-License-Identifier: MIT OR Apache-2.0
//! Policies: what is read, what is refused and how that is told, what the digest depends on.

#![allow(clippy::unwrap_used)]

mod calibration;
mod detectors;
mod digests;
mod loading;
mod refusals;
mod support;
