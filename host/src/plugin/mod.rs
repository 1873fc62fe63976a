// SPDX-License-Identifier: MIT OR Apache-2.0
//! Loaded detectors.

mod plugin;
mod registry;

pub use plugin::{Instance, Plugin, PluginError};
pub use registry::{LoadedDetector, Registry, RegistryError};
