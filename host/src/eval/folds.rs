// SPDX-License-Identifier: MIT OR Apache-2.0
//! Detectors that have not seen the pictures which they examine: a configuration for each fold of a
//! collection.
//!
//! A picture of fold `k` is examined by the libraries that `k.toml` names; policy, limits, pool and
//! tiers are those of the main configuration. The libraries are opened side by side in one process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::manifest::Collection;
use crate::analysis::Analyser;
use crate::config::settings::SettingsError;
use crate::config::Settings;
use crate::plugin::Registry;

/// The detectors of one fold.
pub struct Fold {
    /// The file that names them.
    pub config: PathBuf,
    /// SHA-256 of that file, hexadecimal.
    pub digest: String,
    /// The detectors under the main configuration's policy.
    pub analyser: Analyser,
}

/// The detectors of every fold, by the fold's name; none if nothing is held out.
#[derive(Default)]
pub struct Folds(BTreeMap<String, Fold>);

/// Why a fold has no detectors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FoldError {
    /// No picture has a fold.
    #[error(
        "--fold-configs {}: no picture of the collection has a fold; give its manifest a column \
         `fold` that names for each picture the file of this folder, without .toml", folder.display()
    )]
    NoFold {
        /// The folder of the configurations.
        folder: PathBuf,
    },
    /// A fold without a configuration.
    #[error(
        "fold `{fold}`: {} is not there; write the configuration whose libraries have not seen this \
         fold, or leave the column fold of its pictures empty", path.display()
    )]
    NoFile {
        /// The fold.
        fold: String,
        /// The file that was looked for.
        path: PathBuf,
    },
    /// A configuration that cannot be read.
    #[error("fold `{fold}`: {source}")]
    Settings {
        /// The fold.
        fold: String,
        /// Why.
        source: Box<SettingsError>,
    },
    /// A configuration with another list of models.
    #[error(
        "fold `{fold}`: {} has the models {}, the main configuration has {}; give each fold a \
         [[plugin]] table for the same models", path.display(), found.join(", "), expected.join(", ")
    )]
    Models {
        /// The fold.
        fold: String,
        /// Its configuration.
        path: PathBuf,
        /// Its models, sorted.
        found: Vec<String>,
        /// Those of the main configuration, sorted.
        expected: Vec<String>,
    },
    /// Libraries that cannot be had, or that the policy cannot run.
    #[error("fold `{fold}`, {}: {source}", path.display())]
    Detectors {
        /// The fold.
        fold: String,
        /// Its configuration.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A library of another detector.
    #[error(
        "fold `{fold}`, {}: model `{model}` is the detector {found}, in the main configuration it is \
         {expected}; name another build of {expected}", path.display()
    )]
    Detector {
        /// The fold.
        fold: String,
        /// Its configuration.
        path: PathBuf,
        /// The slot.
        model: String,
        /// The id of the fold's detector.
        found: String,
        /// The id of the main configuration's.
        expected: String,
    },
}

impl Folds {
    /// Opens `folder/k.toml` and its libraries for every fold `k` of the collection. `main` and
    /// `analyser` are the main configuration and its detectors, whose order and policy are kept.
    ///
    /// # Errors
    /// When no picture has a fold, or the detectors of one cannot be had or are others than those of
    /// the main configuration.
    pub fn load(
        folder: &Path,
        collection: &Collection,
        main: &Settings,
        analyser: &Analyser,
    ) -> Result<Self, FoldError> {
        let names = collection.folds();
        if names.is_empty() {
            return Err(FoldError::NoFold { folder: folder.into() });
        }
        let load = |name: &str| Ok((name.to_owned(), Fold::load(folder, name, main, analyser)?));
        Ok(Self(names.into_keys().map(load).collect::<Result<_, _>>()?))
    }

    /// The folds by name, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Fold)> {
        self.0.iter().map(|(name, fold)| (name.as_str(), fold))
    }
}

impl Fold {
    fn load(
        folder: &Path,
        name: &str,
        main: &Settings,
        analyser: &Analyser,
    ) -> Result<Self, FoldError> {
        let fold = || name.to_owned();
        let path = folder.join(format!("{name}.toml"));
        if !path.is_file() {
            return Err(FoldError::NoFile { fold: fold(), path });
        }
        let unreadable = |source| FoldError::Settings { fold: fold(), source: Box::new(source) };
        let bytes = std::fs::read(&path).map_err(|source| {
            unreadable(SettingsError::Unreadable { path: path.clone(), source })
        })?;
        let mut settings = Settings::load(Some(&path)).map_err(unreadable)?;
        let (found, expected) = (models(&settings), models(main));
        if found != expected {
            return Err(FoldError::Models { fold: fold(), path, found, expected });
        }
        settings
            .plugins
            .sort_by_key(|slot| main.plugins.iter().position(|other| other.model == slot.model));
        let unusable = |source| FoldError::Detectors { fold: fold(), path: path.clone(), source };
        let registry = Registry::load(&settings).map_err(|error| unusable(error.into()))?;
        let own = analyser.with_detectors(&registry).map_err(|error| unusable(error.into()))?;
        for (found, expected) in own.identities().zip(analyser.identities()) {
            if found.id != expected.id {
                let (found, expected, model) =
                    (found.id.clone(), expected.id.clone(), found.model_key.clone());
                return Err(FoldError::Detector { fold: fold(), path, model, found, expected });
            }
        }
        let digest = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { config: path, digest, analyser: own })
    }
}

/// The models of a configuration, sorted.
fn models(settings: &Settings) -> Vec<String> {
    let mut models: Vec<_> = settings.plugins.iter().map(|slot| slot.model.clone()).collect();
    models.sort();
    models
}
