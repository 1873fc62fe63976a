// SPDX-License-Identifier: MIT OR Apache-2.0
//! The conformance kit: cases for plugin files and for deployments, and the makers of synthetic pictures
//! that they and the project's own tests use. Nothing is read from outside.

pub mod api;
pub mod badge;
pub mod capacity;
pub mod case;
pub mod command;
pub mod evidence;
pub mod fixtures;
pub mod kit;
pub mod output;
pub mod plugin;
pub mod runner;
pub mod subject;
pub mod synth;
