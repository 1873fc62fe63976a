// SPDX-License-Identifier: MIT OR Apache-2.0
//! Results as text: JSON Lines, the head first, then a line for each picture.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::record::{Head, PictureResult, Results, FORM};
use crate::policy::{Policy, PolicyError};

/// Results that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResultsError {
    /// The file.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line that is no record.
    #[error(
        "{}, line {line}: {source}; results are what `assay evaluate --results FILE` writes",
        path.display()
    )]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What and where.
        source: serde_json::Error,
    },
    /// A file of another form.
    #[error(
        "{}: is of form {found}, and this version reads form {FORM}: evaluate the collection again",
        path.display()
    )]
    Form {
        /// The file.
        path: PathBuf,
        /// Its form.
        found: u32,
    },
    /// A record with other tiers than the head says.
    #[error("{}, line {line}: has {found} tiers, and the head names {expected}", path.display())]
    Tiers {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Of the record.
        found: usize,
        /// Of the head.
        expected: usize,
    },
    /// The policy in the head.
    #[error("{}: its policy is refused: {source}", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// Why.
        source: PolicyError,
    },
    /// A policy that reads as another one.
    #[error(
        "{}: its policy `{name}` reads otherwise in this version: evaluate the collection again",
        path.display()
    )]
    OtherPolicy {
        /// The file.
        path: PathBuf,
        /// The policy.
        name: String,
    },
    /// No picture.
    #[error("{}: holds no picture", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl Results {
    /// Reads results.
    ///
    /// # Errors
    /// With the line where the file is wrong.
    pub fn read(path: &Path) -> Result<Self, ResultsError> {
        let failed = |source| ResultsError::File { path: path.into(), source };
        let mut lines = BufReader::new(File::open(path).map_err(failed)?).split(b'\n');
        let line_of = |line: usize, bytes: &[u8]| -> Result<PictureResult, ResultsError> {
            serde_json::from_slice(bytes).map_err(|source| ResultsError::Line {
                path: path.into(),
                line,
                source,
            })
        };
        let first = lines.next().transpose().map_err(failed)?.unwrap_or_default();
        let head = head(path, &first)?;
        let policy = policy(path, &head)?;
        let mut pictures = Vec::new();
        for (line, bytes) in (2..).zip(lines) {
            let bytes = bytes.map_err(failed)?;
            if bytes.is_empty() {
                continue;
            }
            let picture = line_of(line, &bytes)?;
            let (found, expected) = (picture.tiers.len(), head.tiers.len());
            if found != expected {
                return Err(ResultsError::Tiers { path: path.into(), line, found, expected });
            }
            pictures.push(picture);
        }
        if pictures.is_empty() {
            return Err(ResultsError::Empty { path: path.into() });
        }
        Ok(Self { head, policy, pictures })
    }

    /// Writes results; a file that is there is replaced once all is written.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), ResultsError> {
        let failed = |source| ResultsError::File { path: path.into(), source };
        let mut beside = path.as_os_str().to_owned();
        beside.push(".partial");
        let written = || -> std::io::Result<()> {
            let mut out = BufWriter::new(File::create(&beside)?);
            serde_json::to_writer(&mut out, &self.head)?;
            out.write_all(b"\n")?;
            for picture in &self.pictures {
                serde_json::to_writer(&mut out, picture)?;
                out.write_all(b"\n")?;
            }
            out.into_inner()?.sync_all()?;
            std::fs::rename(&beside, path)
        };
        written().map_err(failed)
    }
}

fn head(path: &Path, line: &[u8]) -> Result<Head, ResultsError> {
    /// What every form has.
    #[derive(serde::Deserialize)]
    struct Any {
        form: u32,
    }
    let wrong = |source| ResultsError::Line { path: path.into(), line: 1, source };
    let any: Any = serde_json::from_slice(line).map_err(wrong)?;
    if any.form != FORM {
        return Err(ResultsError::Form { path: path.into(), found: any.form });
    }
    serde_json::from_slice(line).map_err(wrong)
}

fn policy(path: &Path, head: &Head) -> Result<Policy, ResultsError> {
    let policy = Policy::parse(&head.policy.toml, &head.policy.name)
        .map_err(|source| ResultsError::Policy { path: path.into(), source })?;
    if policy.digest() != head.policy.digest {
        let name = head.policy.name.clone();
        return Err(ResultsError::OtherPolicy { path: path.into(), name });
    }
    Ok(policy)
}
