// SPDX-License-Identifier: MIT OR Apache-2.0
//! Getting an entry's bytes. That a file is not there is told in its row; that its bucket does not answer
//! ends the run, for nothing is wrong with the file.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use futures_util::stream::StreamExt as _;
use tokio::sync::Mutex;

use super::entries::{Base, Input};
use crate::depot::{Depot, DepotError, DepotTrouble, Location};

/// What came of getting an entry.
pub(super) enum Got {
    /// Its bytes; one more than the limit at most.
    Bytes(Vec<u8>),
    /// Why it has none.
    Nothing(String),
}

/// Gets entries of one input.
pub(super) struct Fetcher {
    base: Base,
    /// Whether names may be URLs: in manifests they are the manifest's own.
    is_manifest: bool,
    /// Largest file, bytes.
    limit: u64,
    /// Buckets that names led to.
    buckets: Mutex<HashMap<String, Depot>>,
}

impl Fetcher {
    /// For the entries of an input; files beyond `limit` bytes are got up to there.
    pub(super) fn of(input: &Input, limit: u64) -> Self {
        let (base, is_manifest) = match input {
            Input::Folder(folder) => (Base::Folder(folder.clone()), false),
            Input::Bucket(depot) => (Base::Bucket(depot.clone()), false),
            Input::Manifest { base, .. } => (base.clone(), true),
        };
        Self { base, is_manifest, limit, buckets: Mutex::default() }
    }

    /// Gets an entry.
    ///
    /// # Errors
    /// When its bucket cannot be read at all.
    pub(super) async fn get(&self, name: &str) -> Result<Got, DepotError> {
        if self.is_manifest && Location::is_url(name) {
            return self.get_url(name).await;
        }
        match &self.base {
            Base::Folder(folder) => Ok(self.get_file(folder.join(name)).await),
            Base::Bucket(depot) => self.get_of(depot, name).await,
        }
    }

    /// `s3://BUCKET/KEY`, the key as it is: what looks encoded in it is so in the bucket.
    async fn get_url(&self, url: &str) -> Result<Got, DepotError> {
        let mut parts = url.splitn(4, '/');
        let (scheme, _, bucket) = (parts.next(), parts.next(), parts.next());
        let (scheme, bucket) = (scheme.unwrap_or_default(), bucket.unwrap_or_default());
        let key = parts.next().unwrap_or_default();
        if scheme == "file:" {
            return Ok(match Location::parse_here(url) {
                Ok(Location::Folder(path)) => self.get_file(path).await,
                Ok(Location::Bucket { .. }) => Got::Nothing("names no file".into()),
                Err(error) => Got::Nothing(error.to_string()),
            });
        }
        let bucket = format!("{scheme}//{bucket}");
        let mut buckets = self.buckets.lock().await;
        let depot = match buckets.get(&bucket) {
            Some(depot) => depot.clone(),
            None => {
                let location = match Location::parse_here(&bucket) {
                    Ok(location) => location,
                    Err(error) => return Ok(Got::Nothing(error.to_string())),
                };
                let depot = Depot::open(location)?;
                buckets.insert(bucket, depot.clone());
                depot
            }
        };
        drop(buckets);
        self.get_of(&depot, key).await
    }

    async fn get_of(&self, depot: &Depot, key: &str) -> Result<Got, DepotError> {
        let error = match depot.get_within(key, self.limit).await {
            Ok(bytes) => return Ok(Got::Bytes(bytes)),
            Err(error) => error,
        };
        match error.trouble() {
            DepotTrouble::Missing | DepotTrouble::BadName => {}
            // One file may be closed in an open bucket. In a closed one nothing can be told of files.
            DepotTrouble::Refused => {
                if let Some(Err(error)) = std::pin::pin!(depot.list()).next().await {
                    return Err(error);
                }
            }
            _ => return Err(error),
        }
        Ok(Got::Nothing(error.to_string()))
    }

    async fn get_file(&self, path: PathBuf) -> Got {
        let limit = self.limit;
        let read = tokio::task::spawn_blocking(move || read(&path, limit)).await;
        match read {
            Ok(Ok(bytes)) => Got::Bytes(bytes),
            Ok(Err(error)) => Got::Nothing(error.to_string()),
            Err(error) => Got::Nothing(error.to_string()),
        }
    }
}

fn read(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}
