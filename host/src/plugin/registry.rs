// SPDX-License-Identifier: MIT OR Apache-2.0
//! The detectors that the configuration names, opened and told apart.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use assay_plugin_api::descriptor::Descriptor;
use assay_plugin_api::load::CheckedFile;

use super::library::{Plugin, PluginError};
use super::signature::demanded;
use super::trial::{self, TrialError};
use crate::config::{PluginSlot, Settings};
use crate::worker::WorkerSettings;

/// One opened library and the names that it answers to.
#[derive(Debug)]
pub struct LoadedDetector {
    /// Name in requests and policies: `splicing`.
    pub model_key: String,
    /// Name in results: `splicing_detection`.
    pub result_key: String,
    /// The library.
    pub plugin: Plugin,
}

impl LoadedDetector {
    /// What the detector says about itself.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        self.plugin.descriptor()
    }

    /// Makes a detector with its usual parameters, to see that it can be made.
    ///
    /// # Errors
    /// When it cannot.
    pub fn try_out(&self) -> Result<(), RegistryError> {
        let refused = |source| RegistryError::Load { model: self.model_key.clone(), source };
        self.plugin.create(&[]).map(drop).map_err(refused)
    }
}

/// All detectors of a configuration, in its order, which is the order of results.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    detectors: Vec<Arc<LoadedDetector>>,
}

/// Why a configured detector cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The library was refused.
    #[error("detector `{model}`: {source}")]
    Load {
        /// The slot in the configuration.
        model: String,
        /// Why.
        source: PluginError,
    },
    /// A new version does not answer as a detector must.
    #[error("detector `{model}`: {source}")]
    Trial {
        /// The slot in the configuration.
        model: String,
        /// What it did.
        source: TrialError,
    },
    /// No folder of the search path has the library.
    #[error(
        "detector `{model}`: library {library} is in none of: {}; build it \
         (cargo build --workspace) or set [plugins] search", searched.join(", ")
    )]
    NotFound {
        /// The slot in the configuration.
        model: String,
        /// The file name that was looked for.
        library: String,
        /// The folders in which it was looked for.
        searched: Vec<String>,
    },
    /// Two libraries answer to one name.
    #[error("{}: {what} `{key}` is taken by {}; set another in the configuration", second.display(), first.display())]
    Duplicate {
        /// `model key` or `result key`.
        what: &'static str,
        /// The name.
        key: String,
        /// The library that has it.
        first: PathBuf,
        /// The library that wants it too.
        second: PathBuf,
    },
}

impl Registry {
    /// Opens every detector of `settings`.
    ///
    /// # Errors
    /// The first that cannot be had: a smaller ensemble than configured is never formed silently.
    pub fn load(settings: &Settings) -> Result<Self, RegistryError> {
        let mut registry = Self::default();
        for slot in &settings.plugins {
            registry.add(Self::open(slot, &settings.plugin_search, &settings.workers)?)?;
        }
        Ok(registry)
    }

    /// Opens every detector of `settings` anew whose library is another file than before, after trying
    /// it out in a process of its own; the others stay as they are.
    ///
    /// # Errors
    /// The first that cannot be had or does not answer as a detector must.
    pub fn renewed(&self, settings: &Settings) -> Result<Self, RegistryError> {
        let mut registry = Self::default();
        for slot in &settings.plugins {
            let path = find(slot, &settings.plugin_search)?;
            let present = self.detectors.iter().find(|d| d.model_key == slot.model);
            let refused = |source| RegistryError::Load { model: slot.model.clone(), source };
            let demanded = demanded(&path, slot).map_err(refused)?;
            let found = CheckedFile::read(&path, demanded.as_deref())
                .map_err(|error| refused(error.into()))?;
            let same = present.filter(|detector| detector.plugin.digest() == found.digest);
            let detector = match same {
                Some(detector) => Arc::clone(detector),
                None => {
                    trial::trial(&path, demanded.as_deref(), &settings.workers).map_err(
                        |source| RegistryError::Trial { model: slot.model.clone(), source },
                    )?;
                    Arc::new(Self::open(slot, &settings.plugin_search, &settings.workers)?)
                }
            };
            registry.add_shared(detector)?;
        }
        Ok(registry)
    }

    /// Opens the library of one slot.
    ///
    /// # Errors
    /// When it is not found or refused.
    pub fn open(
        slot: &PluginSlot,
        search: &[PathBuf],
        workers: &WorkerSettings,
    ) -> Result<LoadedDetector, RegistryError> {
        let path = find(slot, search)?;
        let open = || {
            let demanded = demanded(&path, slot)?;
            Plugin::open(&path, demanded.as_deref(), slot.isolation, workers)
        };
        let refused = |source| RegistryError::Load { model: slot.model.clone(), source };
        let plugin = open().map_err(refused)?;
        let own_key = || plugin.descriptor().result_key.to_string();
        Ok(LoadedDetector {
            model_key: slot.model.clone(),
            result_key: slot.result_key.clone().unwrap_or_else(own_key),
            plugin,
        })
    }

    /// The detectors in the configuration's order.
    #[must_use]
    pub fn detectors(&self) -> &[Arc<LoadedDetector>] {
        &self.detectors
    }

    /// Takes one more detector.
    ///
    /// # Errors
    /// When its model key or its result key is taken.
    pub fn add(&mut self, detector: LoadedDetector) -> Result<(), RegistryError> {
        self.add_shared(Arc::new(detector))
    }

    fn add_shared(&mut self, detector: Arc<LoadedDetector>) -> Result<(), RegistryError> {
        let keys = |d: &LoadedDetector| {
            [("model key", d.model_key.clone()), ("result key", d.result_key.clone())]
        };
        for present in &self.detectors {
            for ((what, key), (_, taken)) in keys(&detector).into_iter().zip(keys(present)) {
                if key == taken {
                    let (first, second) = (present.plugin.path(), detector.plugin.path());
                    let (first, second) = (first.into(), second.into());
                    return Err(RegistryError::Duplicate { what, key, first, second });
                }
            }
        }
        self.detectors.push(detector);
        Ok(())
    }
}

/// The library's file: a path as it stands, a bare name in the first folder that has it.
///
/// # Errors
/// When no folder has it.
pub fn find(slot: &PluginSlot, search: &[PathBuf]) -> Result<PathBuf, RegistryError> {
    let library = &slot.library;
    let is_path = library.contains(std::path::is_separator) || Path::new(library).exists();
    if is_path {
        return Ok(library.into());
    }
    let file = file_name(library);
    search.iter().map(|folder| folder.join(&file)).find(|path| path.is_file()).ok_or_else(|| {
        RegistryError::NotFound {
            model: slot.model.clone(),
            library: file,
            searched: search.iter().map(|folder| folder.display().to_string()).collect(),
        }
    })
}

/// The file name of a library on this system: `assay_gan` is `libassay_gan.so` on Linux.
fn file_name(library: &str) -> String {
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    if library.ends_with(DLL_SUFFIX) {
        return library.to_owned();
    }
    format!("{DLL_PREFIX}{library}{DLL_SUFFIX}")
}
