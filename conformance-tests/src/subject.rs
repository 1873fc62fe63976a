// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the cases are tried on: a plugin file or a deployment.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::bench::{Bench, Settings};
use crate::api::client::Request;
use crate::case::{About, Check, Problem};
use crate::plugin::Trial;
use crate::{api, kit, plugin};

/// Told what is about to be tried, so that a crash can be placed.
pub type Progress = fn(&str);

/// A subject; it is handed on to the process that runs a case.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A library file.
    Plugin(PathBuf),
    /// A server, and what the caller gave to try it with.
    Deployment(Box<Settings>),
}

/// Which build of a subject was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Identity {
    /// A library file.
    Plugin {
        /// As it was named.
        file: String,
        /// SHA-256 of the file, hexadecimal.
        sha256: String,
    },
    /// A server.
    Deployment {
        /// As it was named.
        base_url: String,
        /// What `/version` says; null where it says nothing.
        version: Value,
        /// SHA-256 of `/openapi.json`, hexadecimal; empty where there is none.
        openapi_sha256: String,
    },
}

impl Identity {
    /// As it was named.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Plugin { file, .. } => file,
            Self::Deployment { base_url, .. } => base_url,
        }
    }

    /// Whether both are the same build, wherever it stands.
    #[must_use]
    pub fn is_same_build(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plugin { sha256: one, .. }, Self::Plugin { sha256: two, .. }) => one == two,
            (
                Self::Deployment { version: one, openapi_sha256: document, .. },
                Self::Deployment { version: two, openapi_sha256: other_document, .. },
            ) => one == two && document == other_document,
            _ => false,
        }
    }
}

impl Subject {
    /// The cases for it, in the order in which they run.
    #[must_use]
    pub fn cases(&self) -> Vec<About> {
        match self {
            Self::Plugin(_) => plugin::abouts().collect(),
            Self::Deployment(_) => api::cases::abouts().collect(),
        }
    }

    /// Tries a case in this process.
    ///
    /// # Errors
    /// Why it did not succeed.
    pub fn check(&self, id: &str, seed: u64, progress: Progress) -> Check {
        let unknown = || Problem::skipped(format!("there is no case `{id}`"));
        match self {
            Self::Plugin(path) => {
                let case = plugin::case(id).ok_or_else(unknown)?;
                (case.run)(&Trial::new(path, seed, progress))
            }
            Self::Deployment(settings) => {
                let mut cases = api::cases::cases().zip(0..);
                let (case, number) = cases.find(|(case, _)| case.id == id).ok_or_else(unknown)?;
                (case.run)(&Bench::new((**settings).clone(), seed, number, progress)?)
            }
        }
    }

    /// Which build it is.
    ///
    /// # Errors
    /// When the file cannot be read or the deployment's address not be used. A deployment that does
    /// not say what it is has cases for that.
    pub fn identity(&self) -> Result<Identity, Problem> {
        match self {
            Self::Plugin(path) => {
                let file = path.display().to_string();
                let bytes = std::fs::read(path)
                    .map_err(|error| Problem::skipped(format!("{file}: {error}")))?;
                Ok(Identity::Plugin { file, sha256: kit::sha256(&bytes) })
            }
            Self::Deployment(settings) => {
                let client = settings.client(|_| {})?;
                let read = |path| client.send(&Request::new("GET", path)).ok();
                let read = |path| read(path).filter(|answer| answer.status == 200);
                let version = read("/version").and_then(|answer| answer.json().ok());
                let document = read("/openapi.json").map(|answer| kit::sha256(&answer.body));
                Ok(Identity::Deployment {
                    base_url: settings.base_url.clone(),
                    version: version.unwrap_or(Value::Null),
                    openapi_sha256: document.unwrap_or_default(),
                })
            }
        }
    }
}
