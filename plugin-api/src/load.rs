// SPDX-License-Identifier: MIT OR Apache-2.0
//! Opening a plugin library, for the host and the conformance runner.
//!
//! A file is trusted step by step, and each step has its own error: it is read once and its digest
//! taken; its structure and its contract mark are checked without running any of its code
//! (`load/mark.rs`); the very bytes that were checked are opened; the memory layout of everything
//! that crosses is compared; the descriptor is asked for and checked.
//!
//! A library stays loaded for the life of the process, because vtables and statics of it may live
//! that long. Two builds of one plugin can be open at once: on Linux each is opened from a memory
//! file of its own, so the dynamic linker never takes one for the other. Elsewhere the linker tells
//! libraries apart by path, and a second build needs a second path.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use abi_stable::std_types::RVec;
use sha2::{Digest, Sha256};

use crate::abi::{DetectorBox, PluginModuleRef, CONTRACT_VERSION};
use crate::check;
use crate::descriptor::Descriptor;
use crate::report::Attribute;

mod error;
mod mark;
mod open;

pub use error::LoadError;

/// Largest library file that is read, bytes.
pub const MAX_LIBRARY_BYTES: u64 = 512 * 1024 * 1024;

/// An opened plugin: its module, its descriptor, and what it takes to name it again.
pub struct LoadedPlugin {
    path: PathBuf,
    digest: String,
    contract_version: String,
    module: PluginModuleRef,
    descriptor: Descriptor,
}

impl LoadedPlugin {
    /// Opens a library and checks it against the contract.
    ///
    /// # Errors
    /// A [`LoadError`] that names the file, what was expected and what was found.
    pub fn open(path: &Path) -> Result<Self, LoadError> {
        Self::open_pinned(path, None)
    }

    /// Opens a library whose SHA-256 must be `expected` (hexadecimal) where one is given; a file
    /// with another digest is refused before any of its code runs.
    ///
    /// # Errors
    /// A [`LoadError`] that names the file, what was expected and what was found.
    pub fn open_pinned(path: &Path, expected: Option<&str>) -> Result<Self, LoadError> {
        let CheckedFile { bytes, digest, contract_version } = CheckedFile::read(path, expected)?;
        let module = open::module(path, &bytes)?;
        let descriptor = module.descriptor()().into_result().map_err(|message| {
            LoadError::Descriptor { path: path.into(), message: message.into() }
        })?;
        check::descriptor(&descriptor).map_err(|breach| LoadError::Descriptor {
            path: path.into(),
            message: breach.to_string(),
        })?;
        Ok(Self { path: path.into(), digest, contract_version, module, descriptor })
    }

    /// The file as it was named.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// SHA-256 of the file, hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Version of the contract that the plugin was built against.
    #[must_use]
    pub fn contract_version(&self) -> &str {
        &self.contract_version
    }

    /// What the detector says about itself.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// Makes a detector from parameter values; those left out take their defaults.
    ///
    /// # Errors
    /// [`LoadError::Create`] with the detector's own message.
    pub fn create(&self, parameters: &[Attribute]) -> Result<DetectorBox, LoadError> {
        self.create_or_message(parameters).map_err(|message| LoadError::Create {
            path: self.path.clone(),
            id: self.descriptor.id.to_string(),
            message,
        })
    }

    /// [`Self::create`] with nothing but the detector's message as the error.
    ///
    /// # Errors
    /// The detector's own message.
    pub fn create_or_message(&self, parameters: &[Attribute]) -> Result<DetectorBox, String> {
        let parameters: RVec<Attribute> = parameters.to_vec().into();
        self.module.create()(parameters).into_result().map_err(Into::into)
    }
}

/// A library's file that was checked as far as that goes without running any of its code.
pub struct CheckedFile {
    /// The file.
    pub bytes: Vec<u8>,
    /// SHA-256 of the file, hexadecimal.
    pub digest: String,
    /// Version of the contract that the plugin was built against.
    pub contract_version: String,
}

impl CheckedFile {
    /// Reads a library's file, whose SHA-256 must be `expected` (hexadecimal) where one is given.
    ///
    /// # Errors
    /// A [`LoadError`] that names the file, what was expected and what was found.
    pub fn read(path: &Path, expected: Option<&str>) -> Result<Self, LoadError> {
        let bytes = read(path)?;
        let contract_version = mark::contract_version(path, &bytes)?;
        let digest = hexadecimal(&Sha256::digest(&bytes));
        if let Some(expected) = expected.filter(|e| !e.eq_ignore_ascii_case(&digest)) {
            let expected = expected.to_owned();
            return Err(LoadError::WrongDigest { path: path.into(), expected, found: digest });
        }
        Ok(Self { bytes, digest, contract_version })
    }
}

impl std::fmt::Debug for LoadedPlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoadedPlugin")
            .field("path", &self.path)
            .field("digest", &self.digest)
            .field("id", &self.descriptor.id)
            .finish_non_exhaustive()
    }
}

fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    let unreadable = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => LoadError::Missing { path: path.into() },
        _ => LoadError::Unreadable { path: path.into(), source },
    };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(LoadError::NotALibrary {
            path: path.into(),
            found: "a folder or a special file".into(),
        });
    }
    if metadata.len() > MAX_LIBRARY_BYTES {
        return Err(LoadError::TooLarge { path: path.into(), bytes: metadata.len() });
    }
    std::fs::read(path).map_err(unreadable)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether a plugin of this contract version can be opened here: same major version.
fn is_compatible(version: &str) -> bool {
    let major = |version: &str| version.split('.').next().and_then(|m| m.parse::<u32>().ok());
    major(version).is_some() && major(version) == major(CONTRACT_VERSION)
}
