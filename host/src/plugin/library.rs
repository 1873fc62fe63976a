// SPDX-License-Identifier: MIT OR Apache-2.0
//! One opened library or running program and the detectors made from it, in this process or in others.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use assay_plugin_api::abi::DetectorBox;
use assay_plugin_api::descriptor::Descriptor;
use assay_plugin_api::detector::NoScore;
use assay_plugin_api::load::{LoadError, LoadedPlugin};
use assay_plugin_api::report::{Attribute, Report};

use super::signature::SignatureError;
use crate::cancel::Cancel;
use crate::config::{Isolation, Script};
use crate::image::evidence::{CallEvidence, ImageEvidence};
use crate::worker::confinement::Confinement;
use crate::worker::{
    ApartDetector, ApartError, ApartPlugin, ScriptDetector, ScriptPlugin, WorkerSettings,
};

/// An opened library, or a program that was asked what it is.
#[derive(Debug)]
pub enum Plugin {
    /// Its code runs in this process.
    Here(LoadedPlugin),
    /// Its code runs in worker processes.
    Apart(ApartPlugin),
    /// It is a program that worker processes become.
    Script(ScriptPlugin),
}

/// A detector with its parameters.
pub enum Instance {
    /// It runs in this process.
    Here(DetectorBox),
    /// It runs in worker processes.
    Apart(ApartDetector),
    /// It is a program.
    Script(ScriptDetector),
}

/// Why a library or a detector was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PluginError {
    /// In this process.
    #[error(transparent)]
    Here(#[from] LoadError),
    /// In a worker.
    #[error(transparent)]
    Apart(#[from] ApartError),
    /// Nobody vouches for it.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl Plugin {
    /// Opens a library whose SHA-256 must be `expected` (hexadecimal) where one is given.
    ///
    /// # Errors
    /// Names the file, what was expected and what was found.
    pub fn open(
        path: &Path,
        expected: Option<&str>,
        isolation: Isolation,
        workers: &WorkerSettings,
    ) -> Result<Self, PluginError> {
        Ok(match isolation {
            Isolation::None => Self::Here(LoadedPlugin::open_pinned(path, expected)?),
            Isolation::Process => Self::Apart(ApartPlugin::open(path, expected, workers)?),
        })
    }

    /// Runs a program whose files must have the SHA-256 `expected` (hexadecimal) where one is given.
    ///
    /// # Errors
    /// Names the file, what was expected and what was found.
    pub fn run(
        script: &Script,
        expected: Option<&str>,
        workers: &WorkerSettings,
    ) -> Result<Self, PluginError> {
        Ok(Self::Script(ScriptPlugin::open(script, expected, workers)?))
    }

    /// Makes a detector from parameter values; those left out take their defaults.
    ///
    /// # Errors
    /// The detector's own message, or that it has no process.
    pub fn create(&self, parameters: &[Attribute]) -> Result<Instance, PluginError> {
        Ok(match self {
            Self::Here(plugin) => Instance::Here(plugin.create(parameters)?),
            Self::Apart(plugin) => Instance::Apart(plugin.create(parameters)?),
            Self::Script(plugin) => Instance::Script(plugin.create(parameters)?),
        })
    }

    /// The file as it was named.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Here(plugin) => plugin.path(),
            Self::Apart(plugin) => plugin.path(),
            Self::Script(plugin) => plugin.path(),
        }
    }

    /// SHA-256 of the file, or of a program's files, hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        match self {
            Self::Here(plugin) => plugin.digest(),
            Self::Apart(plugin) => plugin.digest(),
            Self::Script(plugin) => plugin.digest(),
        }
    }

    /// Version of the contract that the plugin was built against, or the protocol that it speaks.
    #[must_use]
    pub fn contract_version(&self) -> &str {
        match self {
            Self::Here(plugin) => plugin.contract_version(),
            Self::Apart(plugin) => plugin.contract_version(),
            Self::Script(plugin) => plugin.contract_version(),
        }
    }

    /// What the detector says about itself.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        match self {
            Self::Here(plugin) => plugin.descriptor(),
            Self::Apart(plugin) => plugin.descriptor(),
            Self::Script(plugin) => plugin.descriptor(),
        }
    }

    /// How far its workers are closed in; `None` where it has none.
    #[must_use]
    pub fn confinement(&self) -> Option<Confinement> {
        match self {
            Self::Here(_) => None,
            Self::Apart(plugin) => Some(plugin.confinement()),
            Self::Script(plugin) => Some(plugin.confinement()),
        }
    }
}

impl Instance {
    /// The number of its workers as readers of lent memory; `None` where it has none that are lent any.
    #[must_use]
    pub fn reader(&self) -> Option<u64> {
        match self {
            Self::Apart(detector) => Some(detector.reader()),
            Self::Here(_) | Self::Script(_) => None,
        }
    }

    /// Examines a picture until `deadline`; `cancel` is set when nobody waits any more.
    ///
    /// # Errors
    /// As the detector says.
    pub fn detect(
        &self,
        image: Arc<ImageEvidence>,
        claimed_at: Option<String>,
        deadline: Instant,
        cancel: Cancel,
    ) -> Result<Report, NoScore> {
        match self {
            Self::Here(detector) => {
                let evidence = CallEvidence::new(image, cancel, deadline, claimed_at);
                detector.detect(evidence.as_source()).into_result()
            }
            Self::Apart(detector) => detector.detect(&image, claimed_at.as_deref(), deadline),
            Self::Script(detector) => detector.detect(&image, claimed_at.as_deref(), deadline),
        }
    }
}
