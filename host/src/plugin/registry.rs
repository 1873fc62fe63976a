// SPDX-License-Identifier: MIT OR Apache-2.0
//! The detectors that the configuration names, opened and told apart.

use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{Builder, ScopedJoinHandle};

use assay_plugin_api::descriptor::{Descriptor, Kind};
use assay_plugin_api::load::CheckedFile;

use super::library::{Plugin, PluginError};
use super::signature::{demanded, signatures_of};
use super::trial::{self, TrialError};
use crate::config::{Code, PluginSlot, Settings};
use crate::worker::{self, WorkerSettings};

/// One opened library or program and the names that it answers to.
#[derive(Debug)]
pub struct LoadedDetector {
    /// Name in requests and policies: `splicing`.
    pub model_key: String,
    /// Name in results: `splicing_detection`.
    pub result_key: String,
    /// Name for a person.
    pub title: String,
    /// What a high score speaks for.
    pub kind: Kind,
    /// The library or the program.
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
    /// A program cannot be exchanged as a library is.
    #[error(
        "detector `{model}` is a program and not a library: change its files, which a running server \
         takes up by itself"
    )]
    NoLibrary {
        /// The slot in the configuration.
        model: String,
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
    /// Opens every detector of `settings`, each on a thread of its own: reading and checking a library is most
    /// of what starting takes.
    ///
    /// # Errors
    /// The first that cannot be had: a smaller ensemble than configured is never formed silently.
    pub fn load(settings: &Settings) -> Result<Self, RegistryError> {
        let open = |slot| Self::open(slot, &settings.plugin_search, &settings.workers);
        let opened: Vec<_> = std::thread::scope(|scope| {
            let start = |slot| (slot, Builder::new().spawn_scoped(scope, move || open(slot)));
            let started: Vec<_> = settings.plugins.iter().map(start).collect();
            let end = |(slot, thread): (_, std::io::Result<ScopedJoinHandle<'_, _>>)| match thread {
                Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
                // The system has no thread left.
                Err(_) => open(slot),
            };
            started.into_iter().map(end).collect()
        });
        let mut registry = Self::default();
        opened.into_iter().try_for_each(|detector| registry.add(detector?))?;
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
            let present = self.detectors.iter().find(|d| d.model_key == slot.model);
            let found = digest(slot, &settings.plugin_search)?;
            let same = present.filter(|detector| detector.plugin.digest() == found);
            let detector = match same {
                Some(detector) => Arc::clone(detector),
                None => {
                    try_out(slot, &settings.plugin_search, &settings.workers)?;
                    Arc::new(Self::open(slot, &settings.plugin_search, &settings.workers)?)
                }
            };
            registry.add_shared(detector)?;
        }
        Ok(registry)
    }

    /// Opens the library of one slot, or runs its program.
    ///
    /// # Errors
    /// When it is not found or refused.
    pub fn open(
        slot: &PluginSlot,
        search: &[PathBuf],
        workers: &WorkerSettings,
    ) -> Result<LoadedDetector, RegistryError> {
        let plugin = match &slot.code {
            Code::Script(script) => Plugin::run(script, slot.sha256.as_deref(), workers),
            Code::Library(_) => {
                let path = find(slot, search)?;
                demanded(&path, slot).and_then(|demanded| {
                    Plugin::open(&path, demanded.as_deref(), slot.isolation, workers)
                })
            }
        };
        let refused = |source| RegistryError::Load { model: slot.model.clone(), source };
        let plugin = plugin.map_err(refused)?;
        let own = plugin.descriptor();
        Ok(LoadedDetector {
            model_key: slot.model.clone(),
            result_key: slot.result_key.clone().unwrap_or_else(|| own.result_key.to_string()),
            title: slot.title.clone().unwrap_or_else(|| own.title.to_string()),
            kind: slot.kind.unwrap_or(own.kind),
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

/// The digest that a slot's detector would have if it were opened now.
fn digest(slot: &PluginSlot, search: &[PathBuf]) -> Result<String, RegistryError> {
    let found = match &slot.code {
        Code::Script(script) => worker::digest_of(script).map_err(PluginError::from),
        Code::Library(_) => {
            let path = find(slot, search)?;
            demanded(&path, slot).and_then(|demanded| {
                Ok(CheckedFile::read(&path, demanded.as_deref()).map(|file| file.digest)?)
            })
        }
    };
    found.map_err(|source| RegistryError::Load { model: slot.model.clone(), source })
}

/// Tries a new version of a slot's detector out.
fn try_out(
    slot: &PluginSlot,
    search: &[PathBuf],
    workers: &WorkerSettings,
) -> Result<(), RegistryError> {
    let tried = match &slot.code {
        Code::Script(script) => trial::of_script(script, slot.sha256.as_deref(), workers),
        Code::Library(_) => {
            let path = find(slot, search)?;
            let demanded = demanded(&path, slot).map_err(TrialError::from);
            demanded
                .and_then(|demanded| trial::trial(&path, demanded.as_deref(), workers).map(drop))
        }
    };
    tried.map_err(|source| RegistryError::Trial { model: slot.model.clone(), source })
}

/// The files that a slot's detector comes from, as far as they are there.
#[must_use]
pub fn files_of(slot: &PluginSlot, search: &[PathBuf]) -> Vec<PathBuf> {
    match &slot.code {
        Code::Script(script) => worker::files_of(script).unwrap_or_default(),
        Code::Library(_) => {
            let library = find(slot, search).ok();
            library.map(|library| vec![signatures_of(&library), library]).unwrap_or_default()
        }
    }
}

/// The library's file: a path as it stands, a bare name in the first folder that has it.
///
/// # Errors
/// When no folder has it, or the detector is no library.
pub fn find(slot: &PluginSlot, search: &[PathBuf]) -> Result<PathBuf, RegistryError> {
    let library = match &slot.code {
        Code::Library(library) => library,
        Code::Script(_) => return Err(RegistryError::NoLibrary { model: slot.model.clone() }),
    };
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
