// SPDX-License-Identifier: MIT OR Apache-2.0
//! The binary from outside.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers, called by tests only

mod analyze;
mod camera;
mod faults;
mod isolation;
mod plugins;
mod provenance;
mod stability;
mod support;
