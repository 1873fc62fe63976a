// SPDX-License-Identifier: MIT OR Apache-2.0
//! The binary from outside.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers, called by tests only

mod analyze;
mod book;
mod bulk;
mod camera;
mod deploy;
mod development;
mod doctor;
mod faults;
mod isolation;
mod onnx;
mod plugins;
#[path = "../api/programs.rs"]
mod programs;
mod provenance;
mod report;
mod script;
mod stability;
mod support;
mod timings;
