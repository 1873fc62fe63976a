// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cameras of a folder.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::file::{Fingerprint, EXTENSION, MOST_FILE_BYTES};
use super::file_error::FileError;

/// Most cameras of one folder: they are all held in memory, a byte a pixel.
pub const MOST_CAMERAS: usize = 256;

/// Why a folder's cameras cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum EnrolledError {
    /// The folder or a file of it cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no fingerprint.
    #[error("{}: {source}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: FileError,
    },
    /// Two files have one name in them.
    #[error("{}: camera \"{name}\" is enrolled by another file of the folder too", path.display())]
    Twice {
        /// The second file.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// There is none.
    #[error("{}: no file ends in .{EXTENSION}; make one with `assay camera enrol`", path.display())]
    Nothing {
        /// The folder.
        path: PathBuf,
    },
    /// There are more than are held.
    #[error("{}: {found} cameras, {MOST_CAMERAS} at most", path.display())]
    TooMany {
        /// The folder.
        path: PathBuf,
        /// How many.
        found: usize,
    },
}

/// Reads every file of a folder that ends in `.camera`, sorted by the cameras' names.
///
/// # Errors
/// The first file that cannot be read or is no fingerprint, names that are there twice, and an empty
/// folder.
pub fn read_folder(folder: &Path) -> Result<Vec<Fingerprint>, EnrolledError> {
    let unreadable = |path: &Path| {
        let path = path.to_path_buf();
        move |source| EnrolledError::Unreadable { path, source }
    };
    let entries = std::fs::read_dir(folder).map_err(unreadable(folder))?;
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(unreadable(folder))?;
    paths.retain(|path| path.extension().is_some_and(|end| end == EXTENSION));
    paths.sort();
    if paths.is_empty() {
        return Err(EnrolledError::Nothing { path: folder.into() });
    }
    if paths.len() > MOST_CAMERAS {
        return Err(EnrolledError::TooMany { path: folder.into(), found: paths.len() });
    }
    let mut cameras: Vec<Fingerprint> = Vec::with_capacity(paths.len());
    for path in paths {
        let camera = read_file(&path)?;
        if cameras.iter().any(|other| other.name() == camera.name()) {
            return Err(EnrolledError::Twice { path, name: camera.name().into() });
        }
        cameras.push(camera);
    }
    cameras.sort_by(|a, b| a.name().cmp(b.name()));
    Ok(cameras)
}

/// Reads one file.
///
/// # Errors
/// When it cannot be read or is no fingerprint.
pub fn read_file(path: &Path) -> Result<Fingerprint, EnrolledError> {
    let mut bytes = Vec::new();
    // One byte more than the longest file, so that a longer one is refused by its length.
    let most = MOST_FILE_BYTES as u64 + 1;
    File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(|source| EnrolledError::Unreadable { path: path.into(), source })?;
    Fingerprint::read(&bytes).map_err(|source| EnrolledError::Refused { path: path.into(), source })
}

/// SHA-256 over the digests of cameras in their order, hexadecimal: which cameras were asked about.
#[must_use]
pub fn digest(cameras: &[Fingerprint]) -> String {
    let mut hash = Sha256::new();
    cameras.iter().for_each(|camera| hash.update(camera.digest()));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
