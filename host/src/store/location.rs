// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where an installation's database is: in a file of the data directory, or on a server.

use std::fmt;
use std::path::{Path, PathBuf};

use super::engine::Server;
use super::StoreError;

/// Name of the database in a data directory.
const FILE: &str = "assay.sqlite";

/// The URL of a database server as it was given, which may hold a password: it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// A URL that was given.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

/// Where the database is. A server's password is not shown.
#[derive(Clone, Debug)]
pub struct Location(pub(super) Place);

#[derive(Clone, Debug)]
pub(super) enum Place {
    Folder(PathBuf),
    Server(Server),
}

impl Location {
    /// The server of a URL if one is given, else the data directory.
    ///
    /// # Errors
    /// When the URL is none of PostgreSQL's.
    pub fn of(database: Option<&DatabaseUrl>, data: &Path) -> Result<Self, StoreError> {
        let Some(DatabaseUrl(url)) = database else { return Ok(data.into()) };
        let is_ours = ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
        let reason = || StoreError::Url { reason: "it starts with another word".into() };
        if !is_ours {
            return Err(reason());
        }
        let server =
            url.parse().map_err(|e: sqlx::Error| StoreError::Url { reason: e.to_string() })?;
        Ok(Self(Place::Server(server)))
    }

    /// What to do when it cannot be opened.
    pub(super) fn advice(&self) -> &'static str {
        match self.0 {
            Place::Folder(_) => "give another directory with --data",
            Place::Server(_) => {
                "see `database` in assay.toml, ASSAY_DATABASE or --database, and whether the server runs \
                 and lets this user in"
            }
        }
    }
}

impl From<&Path> for Location {
    fn from(folder: &Path) -> Self {
        Self(Place::Folder(folder.into()))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Folder(folder) => file(folder).display().fmt(f),
            Place::Server(server) => server.fmt(f),
        }
    }
}

/// The database in a data directory.
pub(super) fn file(folder: &Path) -> PathBuf {
    folder.join(FILE)
}
