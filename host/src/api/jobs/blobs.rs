// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images that wait for their job: one file each in a depot, the data directory's own or one that several
//! hosts share.

use std::path::Path;
use std::time::{Duration, SystemTime};

use futures_util::stream::StreamExt as _;

use crate::depot::{Depot, DepotError, Location};
use crate::store::JobQueue as _;
use crate::store::{Store, StoreError};

/// Name of the folder in the data directory.
const FOLDER: &str = "blobs";
/// How long a file without a job is left alone while requests come: its job may just be being accepted.
pub(super) const GRACE: Duration = Duration::from_secs(60);
/// The same where other hosts put files too: a whole batch is put before its jobs are accepted, on a slow
/// way perhaps, and the depot's clock is another.
const SHARED_GRACE: Duration = Duration::from_secs(3_600);

/// The images.
#[derive(Clone, Debug)]
pub struct Blobs {
    depot: Depot,
    /// Whether other hosts may use it too.
    is_shared: bool,
    /// How long an image is kept after its job is done.
    keep: Duration,
}

impl Blobs {
    /// The folder of a data directory; it is made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn own(data: &Path, keep: Duration) -> Result<Self, DepotError> {
        let depot = Depot::open(Location::Folder(data.join(FOLDER)))?;
        Ok(Self { depot, is_shared: false, keep })
    }

    /// A depot that other hosts may use too.
    ///
    /// # Errors
    /// When a folder cannot be made, or the environment's settings of a bucket are wrong.
    pub fn shared(location: Location, keep: Duration) -> Result<Self, DepotError> {
        Ok(Self { depot: Depot::open(location)?, is_shared: true, keep })
    }

    /// Keeps a request's image; it outlasts the process when this returns.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub(crate) async fn write(&self, request_id: &str, image: Vec<u8>) -> Result<(), DepotError> {
        self.depot.put(request_id, image).await
    }

    /// Writes a file and removes it, to see whether one can be.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn try_writing(&self) -> Result<(), DepotError> {
        self.depot.try_writing().await
    }

    /// A request's image.
    ///
    /// # Errors
    /// When it is not there or cannot be got.
    pub(crate) async fn read(&self, request_id: &str) -> Result<Vec<u8>, DepotError> {
        self.depot.get(request_id).await
    }

    /// Removes a request's image, unless it is to be kept for a while: [`Self::sweep`] removes it then.
    pub(crate) async fn done(&self, request_id: &str) {
        if self.keep.is_zero() {
            self.remove(request_id).await;
        }
    }

    /// Removes what nobody needs any more: images whose jobs are done, or were never accepted. Files
    /// younger than `grace` are left alone. A depot that cannot be read is left for the next time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep(&self, store: &Store, grace: Duration) -> Result<(), StoreError> {
        let grace = if self.is_shared { grace.max(SHARED_GRACE) } else { grace };
        self.depot.clear_unfinished(grace);
        let mut files = std::pin::pin!(self.depot.list());
        while let Some(file) = files.next().await {
            let file = match file {
                Ok(file) => file,
                Err(error) => {
                    tracing::warn!(%error, "images that are not needed cannot be looked for");
                    return Ok(());
                }
            };
            let age = SystemTime::now().duration_since(file.changed).ok();
            if age.is_none_or(|age| age < self.keep.max(grace)) {
                continue;
            }
            if !store.is_to_do(&file.name).await? {
                self.remove(&file.name).await;
            }
        }
        Ok(())
    }

    async fn remove(&self, name: &str) {
        if let Err(error) = self.depot.remove(name).await {
            tracing::warn!(%error, name, "an image cannot be removed");
        }
    }
}
