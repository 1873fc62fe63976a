// SPDX-License-Identifier: MIT OR Apache-2.0
//! Conformance cases for plugin files, and the makers of synthetic pictures that they and the
//! project's own tests use. Nothing is read from outside.

pub mod api;
pub mod case;
pub mod evidence;
pub mod fixtures;
pub mod output;
pub mod plugin;
pub mod runner;
pub mod synth;
