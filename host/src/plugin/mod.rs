// SPDX-License-Identifier: MIT OR Apache-2.0
//! Loaded detectors.

mod registry;

pub use registry::{LoadedDetector, Registry, RegistryError};
