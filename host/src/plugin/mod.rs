// SPDX-License-Identifier: MIT OR Apache-2.0
//! Loaded detectors.

mod golden;
mod library;
mod registry;
mod signature;
mod trial;

pub use golden::{golden_of, GoldenError};
pub use library::{Instance, Plugin, PluginError};
pub use registry::{files_of, find, LoadedDetector, Registry, RegistryError};
pub use signature::{demanded, signatures_of, SignatureError, Signer};
pub use trial::{trial, write_golden, TrialError, Tried};
