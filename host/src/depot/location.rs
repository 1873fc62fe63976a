// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where a depot is, as people write it: a folder, or the URL of a part of a bucket.

use std::fmt;
use std::path::{Path, PathBuf};

use reqwest::Url;

/// Where a depot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A folder of this machine, or one that it shares with others.
    Folder(PathBuf),
    /// A part of a bucket.
    Bucket {
        /// Whose bucket it is.
        service: Service,
        /// `s3://bucket/prefix`, without anything secret.
        url: Url,
    },
}

/// A service of buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Amazon S3, and whatever else speaks its protocol.
    S3,
    /// Google Cloud Storage.
    Gcs,
    /// Azure Blob Storage.
    Azure,
}

/// Why a text names no depot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// It is empty.
    #[error("expected a folder or the URL of a bucket, found nothing")]
    Empty,
    /// It is no URL.
    #[error("\"{0}\" is no URL: {1}")]
    NoUrl(String, String),
    /// It is one of something else.
    #[error("\"{0}://\" is nothing that files can be kept in; use a folder, file://, s3://, gs:// or az://")]
    Unknown(String),
    /// It names no bucket.
    #[error("\"{0}\" names no bucket; write it as {1}://BUCKET/PREFIX")]
    NoBucket(String, String),
    /// It says more than where.
    #[error(
        "a bucket's URL holds neither name, password, port, query nor fragment; credentials and the \
         endpoint come from the environment, such as AWS_ACCESS_KEY_ID and AWS_ENDPOINT_URL"
    )]
    TooMuch,
}

impl Location {
    /// Reads a folder or a URL; a relative folder starts at `base`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(text: &str, base: &Path) -> Result<Self, LocationError> {
        if text.trim().is_empty() {
            return Err(LocationError::Empty);
        }
        let Some((scheme, _)) = text.split_once("://") else {
            return Ok(Self::Folder(base.join(text)));
        };
        let no_url = |why: &dyn fmt::Display| LocationError::NoUrl(text.into(), why.to_string());
        let service = match scheme {
            "file" => {
                let url = Url::parse(text).map_err(|e| no_url(&e))?;
                let folder = url.to_file_path();
                let folder = folder.map_err(|()| no_url(&"write it as file:///FOLDER"))?;
                return Ok(Self::Folder(folder));
            }
            "s3" | "s3a" => Service::S3,
            "gs" => Service::Gcs,
            "az" | "azure" | "abfs" | "abfss" => Service::Azure,
            other => return Err(LocationError::Unknown(other.into())),
        };
        let url =
            Url::parse(text).map_err(|_| LocationError::NoBucket(text.into(), scheme.into()))?;
        // Azure's long form has the account where others have the host: CONTAINER@ACCOUNT.HOST.
        let has_name = !url.username().is_empty() && service != Service::Azure;
        let says_more =
            url.password().is_some() || url.query().is_some() || url.fragment().is_some();
        if has_name || says_more || url.port().is_some() {
            return Err(LocationError::TooMuch);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(LocationError::NoBucket(text.into(), scheme.into()));
        }
        Ok(Self::Bucket { service, url })
    }

    /// The same, a relative folder starting at the working folder.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_here(text: &str) -> Result<Self, LocationError> {
        Self::parse(text, Path::new(""))
    }

    /// Whether a text is the URL of a place, not the name of a file or folder.
    #[must_use]
    pub fn is_url(text: &str) -> bool {
        text.contains("://")
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Bucket { url, .. } => write!(f, "{url}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        match Location::parse(text, Path::new("/base")) {
            Ok(location) => location.to_string(),
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn folders_and_buckets_are_told_apart() {
        assert_eq!(said("blobs"), "/base/blobs");
        assert_eq!(said("/shared/blobs"), "/shared/blobs");
        assert_eq!(said("file:///shared/some%20blobs"), "/shared/some blobs");
        for text in ["s3://bucket/a/b", "gs://bucket/a", "az://container/a"] {
            assert_eq!(said(text), text);
        }
        let long = "abfss://container@account.dfs.core.windows.net/a";
        assert_eq!(said(long), long);
    }

    #[test]
    fn what_names_no_depot_is_refused_with_what_to_write_and_without_the_secret() {
        assert!(said(" ").contains("found nothing"));
        assert!(said("ftp://host/a").contains("s3://"));
        assert!(said("s3:///a").contains("names no bucket"));
        assert!(said("file://host/a").contains("file:///FOLDER"));
        for text in
            ["s3://key:hush@bucket/a", "s3://key@bucket", "s3://bucket:9000/a", "gs://b/a?t=hush"]
        {
            let told = said(text);
            assert!(told.contains("come from the environment") && !told.contains("hush"), "{told}");
        }
    }
}
