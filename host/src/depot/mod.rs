// SPDX-License-Identifier: MIT OR Apache-2.0
//! Depots: where files lie that several hosts may have to reach, a folder or a bucket.
//!
//! A folder keeps what a bucket promises: what was put is whole or not there, and on the disk when
//! [`Depot::put`] returns. The clients of buckets are those of the `object_store` crate; their credentials
//! come from the environment, by the names that the services' own tools read.

mod error;
mod location;
mod open;
mod unfinished;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::stream::{Stream, StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutOptions};

pub use error::{DepotError, DepotTrouble};
pub use location::{Location, LocationError};

/// Name of a file that is written to see whether one can be.
const TRIAL: &str = "trial";
/// Its length, bytes: a disk's block, so that a full disk is noticed.
const TRIAL_BYTES: usize = 4_096;

/// A folder or a part of a bucket, open to put files in and get them out.
#[derive(Clone, Debug)]
pub struct Depot {
    location: Arc<Location>,
    store: Arc<dyn ObjectStore>,
    /// What the names of all files start with; empty in folders.
    prefix: Path,
}

/// A file of a depot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its name below the depot, parts separated by `/`.
    pub name: String,
    /// Its length, bytes.
    pub bytes: u64,
    /// When it was put there, by the clock of the depot.
    pub changed: SystemTime,
}

impl Depot {
    /// Opens a depot; a folder is made if it is not there. A bucket is not asked yet.
    ///
    /// # Errors
    /// When the folder cannot be made, or the environment's settings of the bucket are wrong.
    pub fn open(location: Location) -> Result<Self, DepotError> {
        let opened = open::store(&location);
        let (store, prefix) = opened.map_err(|source| DepotError::new(&location, source))?;
        Ok(Self { location: Arc::new(location), store, prefix })
    }

    /// Where it is.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Puts a file there, in the place of an older one of this name; it is kept when this returns.
    ///
    /// # Errors
    /// When it cannot be kept; an older one is as it was then.
    pub async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), DepotError> {
        let put = async { self.store.put(&self.path(name)?, bytes.into()).await };
        put.await.map(drop).map_err(|source| self.error(source))
    }

    /// Puts a file there if there is none of this name; tells whether it did. Not every server that speaks
    /// S3 knows the condition (`If-None-Match`); those that do not put it in the other's place.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub async fn create(&self, name: &str, bytes: Vec<u8>) -> Result<bool, DepotError> {
        let options = PutOptions::from(PutMode::Create);
        let put = async { self.store.put_opts(&self.path(name)?, bytes.into(), options).await };
        match put.await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(source) => Err(self.error(source)),
        }
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    pub async fn get(&self, name: &str) -> Result<Vec<u8>, DepotError> {
        let got = async { self.store.get(&self.path(name)?).await?.bytes().await };
        got.await.map(Vec::from).map_err(|source| self.error(source))
    }

    /// The bytes of a file; one more than `limit` at most, so that the caller sees the excess.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    pub async fn get_within(&self, name: &str, limit: u64) -> Result<Vec<u8>, DepotError> {
        let got = async {
            let mut parts = self.store.get(&self.path(name)?).await?.into_stream();
            let most = usize::try_from(limit.saturating_add(1)).unwrap_or(usize::MAX);
            let mut bytes = Vec::new();
            while let Some(part) = parts.try_next().await? {
                bytes.extend_from_slice(&part);
                if bytes.len() >= most {
                    bytes.truncate(most);
                    break;
                }
            }
            Ok(bytes)
        };
        got.await.map_err(|source| self.error(source))
    }

    /// Removes a file; none of this name is no error.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub async fn remove(&self, name: &str) -> Result<(), DepotError> {
        let removed = async { self.store.delete(&self.path(name)?).await };
        match removed.await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(self.error(source)),
        }
    }

    /// The files, in no order; those below folders too.
    pub fn list(&self) -> impl Stream<Item = Result<Stored, DepotError>> + Send + '_ {
        let listed = self.store.list((!self.prefix.is_root()).then_some(&self.prefix));
        listed.map(|file| {
            let file = file.map_err(|source| self.error(source))?;
            let name = file.location.as_ref();
            let name = name.strip_prefix(self.prefix.as_ref()).unwrap_or(name);
            let name = name.trim_start_matches('/').to_owned();
            Ok(Stored { name, bytes: file.size, changed: file.last_modified.into() })
        })
    }

    /// Writes a file and removes it, to see whether one can be.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn try_writing(&self) -> Result<(), DepotError> {
        self.put(TRIAL, vec![0; TRIAL_BYTES]).await?;
        self.remove(TRIAL).await
    }

    /// Removes what processes left behind that died while they wrote, if it is `age` old. Buckets keep no
    /// halves.
    pub fn clear_unfinished(&self, age: Duration) {
        if let Location::Folder(folder) = &*self.location {
            unfinished::clear(folder, age);
        }
    }

    fn path(&self, name: &str) -> Result<Path, object_store::Error> {
        Ok(Path::parse(format!("{}/{name}", self.prefix))?)
    }

    fn error(&self, source: object_store::Error) -> DepotError {
        DepotError::new(&self.location, source)
    }
}
