// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images that wait for their job: one file each in a folder of the data directory.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::store::JobQueue as _;
use crate::store::{Store, StoreError};

/// Name of the folder in the data directory.
const FOLDER: &str = "blobs";
/// Name of a file that is written to see whether one can be.
const TRIAL: &str = "trial";
/// How long a file without a job is left alone while requests come: its job may just be being accepted.
pub(super) const GRACE: Duration = Duration::from_secs(60);

/// The folder.
#[derive(Clone, Debug)]
pub struct Blobs {
    folder: PathBuf,
    /// How long an image is kept after its job is done.
    keep: Duration,
}

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot be used: {source}", path.display())]
pub struct BlobsError {
    path: PathBuf,
    source: std::io::Error,
}

impl Blobs {
    /// The folder of a data directory; it is made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(data: &Path, keep: Duration) -> Result<Self, BlobsError> {
        let folder = data.join(FOLDER);
        fs::create_dir_all(&folder)
            .map_err(|source| BlobsError { path: folder.clone(), source })?;
        Ok(Self { folder, keep })
    }

    /// Keeps a request's image; it is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write(&self, request_id: &str, image: &[u8]) -> std::io::Result<()> {
        let mut file = File::create(self.path(request_id))?;
        file.write_all(image)?;
        file.sync_all()
    }

    /// Writes a file and removes it, to see whether one can be.
    ///
    /// # Errors
    /// When it cannot.
    pub(crate) fn try_writing(&self) -> std::io::Result<()> {
        let path = self.path(TRIAL);
        fs::write(&path, [0; 4_096])?;
        fs::remove_file(&path)
    }

    /// A request's image.
    ///
    /// # Errors
    /// When it is not there.
    pub(crate) fn read(&self, request_id: &str) -> std::io::Result<Vec<u8>> {
        fs::read(self.path(request_id))
    }

    /// Removes a request's image, unless it is to be kept for a while: [`Self::sweep`] removes it then.
    pub(crate) fn done(&self, request_id: &str) {
        if self.keep.is_zero() {
            remove(&self.path(request_id));
        }
    }

    /// Removes what nobody needs any more: images whose jobs are done, or were never accepted. Files
    /// younger than `grace` are left alone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep(&self, store: &Store, grace: Duration) -> Result<(), StoreError> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Ok(()) };
        for entry in entries.flatten() {
            let changed = entry.metadata().and_then(|metadata| metadata.modified());
            let age = changed.ok().and_then(|at| SystemTime::now().duration_since(at).ok());
            if age.is_none_or(|age| age < self.keep.max(grace)) {
                continue;
            }
            let name = entry.file_name();
            let is_needed = match name.to_str() {
                Some(request_id) => store.is_to_do(request_id).await?,
                None => true,
            };
            if !is_needed {
                remove(&entry.path());
            }
        }
        Ok(())
    }

    /// Names are the server's own, `req_` and hexadecimal digits.
    fn path(&self, request_id: &str) -> PathBuf {
        self.folder.join(request_id)
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        if error.kind() != std::io::ErrorKind::NotFound {
            tracing::warn!(%error, path = %path.display(), "an image cannot be removed");
        }
    }
}
