// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is wrong with a depot: for the log in full, for whoever waits in a few words.

use std::error::Error;
use std::io;

use super::Location;

/// Why a file cannot be put, got or removed.
#[derive(Debug, thiserror::Error)]
#[error("{location}: {}", self.text())]
pub struct DepotError {
    /// The depot.
    location: String,
    is_folder: bool,
    source: object_store::Error,
}

/// What is wrong, in a few words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepotTrouble {
    /// There is no file of this name, or no such bucket.
    Missing,
    /// No file can have this name.
    BadName,
    /// No room is left.
    Full,
    /// The folder may not be written or read.
    Forbidden,
    /// The credentials are not taken.
    Refused,
    /// Nobody answers, or not as a bucket does.
    Unreachable,
    /// The disk fails.
    Disk,
}

impl DepotError {
    pub(super) fn new(location: &Location, source: object_store::Error) -> Self {
        let is_folder = matches!(location, Location::Folder(_));
        Self { location: location.to_string(), is_folder, source }
    }

    /// What is wrong.
    #[must_use]
    pub fn trouble(&self) -> DepotTrouble {
        use object_store::Error as E;
        match &self.source {
            E::NotFound { .. } => return DepotTrouble::Missing,
            E::InvalidPath { .. } => return DepotTrouble::BadName,
            E::PermissionDenied { .. } | E::Unauthenticated { .. } => return DepotTrouble::Refused,
            error if !self.is_folder => return of_status(error),
            _ => {}
        }
        match io_kind(&self.source) {
            Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => DepotTrouble::Full,
            Some(io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied) => {
                DepotTrouble::Forbidden
            }
            Some(io::ErrorKind::NotFound) => DepotTrouble::Missing,
            _ => DepotTrouble::Disk,
        }
    }

    /// Whether the depot works and has no such file.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.trouble() == DepotTrouble::Missing
    }

    /// What is wrong, and all that is known of why.
    fn text(&self) -> String {
        let mut text = format!("{}: {}", self.trouble().as_str(), self.source);
        let mut source = self.source.source();
        while let Some(error) = source {
            let why = error.to_string();
            if !text.contains(&why) {
                text.push_str(": ");
                text.push_str(&why);
            }
            source = error.source();
        }
        text
    }
}

impl DepotTrouble {
    /// The reason for an operator.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "no such file or bucket",
            Self::BadName => "no file can have this name",
            Self::Full => "the disk of the folder is full",
            Self::Forbidden => "the folder cannot be written",
            Self::Refused => "the bucket refuses the credentials",
            Self::Unreachable => "the bucket cannot be reached",
            Self::Disk => "the disk of the folder fails or is full",
        }
    }
}

/// What a bucket answered to a request for which the crate keeps the status in words only, as it does when
/// files are listed.
fn of_status(error: &(dyn Error + 'static)) -> DepotTrouble {
    let mut source = Some(error);
    while let Some(error) = source {
        let text = error.to_string();
        let has = |status: &str| text.contains(&format!("status code: {status}"));
        if has("404") {
            return DepotTrouble::Missing;
        }
        if has("401") || has("403") {
            return DepotTrouble::Refused;
        }
        source = error.source();
    }
    DepotTrouble::Unreachable
}

/// What the system said, where it did.
fn io_kind(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    let mut source = Some(error);
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error.kind());
        }
        source = error.source();
    }
    None
}
