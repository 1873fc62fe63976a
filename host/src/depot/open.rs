// SPDX-License-Identifier: MIT OR Apache-2.0
//! Opens what a location names: a folder, or a bucket with the environment's credentials.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{BackoffConfig, ClientConfigKey, ObjectStore, RetryConfig};

use super::location::{Location, Service};
use crate::net;

/// What holds for every request to a bucket.
const OPTIONS: [(ClientConfigKey, &str); 3] = [
    (ClientConfigKey::ConnectTimeout, "3 seconds"),
    // The largest picture, 20 MB, in this time is 3 Mbit/s.
    (ClientConfigKey::Timeout, "60 seconds"),
    (ClientConfigKey::UserAgent, concat!("assay/", env!("CARGO_PKG_VERSION"))),
];
/// Until a request to a bucket is given up: a client of the API waits for it.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a request is sent again meanwhile.
const MOST_RETRIES: usize = 4;

/// The store of a location, and what the names of its files start with.
pub(super) fn store(
    location: &Location,
) -> Result<(Arc<dyn ObjectStore>, Path), object_store::Error> {
    let (service, url) = match location {
        Location::Folder(folder) => {
            let failed = |source| object_store::Error::Generic { store: "folder", source };
            fs::create_dir_all(folder).map_err(|e| failed(Box::new(e)))?;
            let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
            return Ok((Arc::new(store), Path::ROOT));
        }
        Location::Bucket { service, url } => (*service, url),
    };
    net::provide_tls();
    let prefix = Path::from_url_path(url.path())?;
    let retry = RetryConfig {
        backoff: BackoffConfig { max_backoff: Duration::from_secs(2), ..BackoffConfig::default() },
        max_retries: MOST_RETRIES,
        retry_timeout: PATIENCE,
    };
    let store: Arc<dyn ObjectStore> = match service {
        Service::S3 => {
            let builder =
                OPTIONS.iter().fold(AmazonS3Builder::from_env(), |builder, (key, value)| {
                    builder.with_config(AmazonS3ConfigKey::Client(*key), *value)
                });
            // Without TLS only where the endpoint says http://, which is nobody's default; files are
            // removed one by one, for which not every server of the protocol has the request for many.
            let builder =
                builder.with_config(AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp), "true");
            let builder = builder.with_disable_bulk_delete(true).with_retry(retry);
            Arc::new(builder.with_url(url.as_str()).build()?)
        }
        Service::Gcs => {
            let start = GoogleCloudStorageBuilder::from_env();
            let builder = OPTIONS.iter().fold(start, |builder, (key, value)| {
                builder.with_config(GoogleConfigKey::Client(*key), *value)
            });
            Arc::new(builder.with_retry(retry).with_url(url.as_str()).build()?)
        }
        Service::Azure => {
            let start = MicrosoftAzureBuilder::from_env();
            let builder = OPTIONS.iter().fold(start, |builder, (key, value)| {
                builder.with_config(AzureConfigKey::Client(*key), *value)
            });
            Arc::new(builder.with_retry(retry).with_url(url.as_str()).build()?)
        }
    };
    Ok((store, prefix))
}
