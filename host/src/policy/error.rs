// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why there is no policy.

use std::path::PathBuf;

use crate::config::document::fault::Faults;

/// Why there is no policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The text is wrong.
    #[error("{faults}")]
    Invalid {
        /// Everything that is wrong.
        faults: Faults,
    },
    /// No file and no shipped policy of that name.
    #[error("no policy named `{name}` in {searched} nor among the shipped ones; {hint}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The folders searched, or `no folder`.
        searched: String,
        /// The nearest shipped name and all of them.
        hint: String,
    },
    /// The file cannot be read.
    #[error("cannot read the policy {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl From<Faults> for PolicyError {
    fn from(faults: Faults) -> Self {
        Self::Invalid { faults }
    }
}
