// SPDX-License-Identifier: MIT OR Apache-2.0
//! The binary from outside.

mod analyze;
mod faults;
mod plugins;
mod provenance;
mod support;
