// SPDX-License-Identifier: MIT OR Apache-2.0
//! Loaded detectors.

mod library;
mod registry;
mod trial;

pub use library::{Instance, Plugin, PluginError};
pub use registry::{find, LoadedDetector, Registry, RegistryError};
pub use trial::{trial, TrialError};
