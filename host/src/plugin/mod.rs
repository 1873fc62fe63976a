// SPDX-License-Identifier: MIT OR Apache-2.0
//! Loaded detectors.

mod plugin;
mod registry;
mod trial;

pub use plugin::{Instance, Plugin, PluginError};
pub use registry::{find, LoadedDetector, Registry, RegistryError};
pub use trial::{trial, TrialError};
