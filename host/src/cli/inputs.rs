// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which pictures to examine: files, folders, patterns and standard input.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::image::sniff;

/// Bytes that tell a picture's format.
const SNIFFED_BYTES: usize = 64;

/// One picture to examine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

/// Names that lead to no picture.
#[derive(Debug, thiserror::Error)]
pub(super) enum InputError {
    #[error("bad pattern \"{pattern}\" at character {position}: {reason}")]
    Pattern { pattern: String, position: usize, reason: &'static str },
    #[error("folder {}: {source}", path.display())]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("no picture found in {}", names.join(", "))]
    Nothing { names: Vec<String> },
    #[error("standard input (-) can be named once")]
    StdinTwice,
}

impl Input {
    /// The name in results.
    pub(super) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Stdin => "-".into(),
        }
    }

    /// The file's bytes; one more than `limit` at most, so that the caller sees the excess.
    pub(super) fn read(&self, limit: u64) -> std::io::Result<Vec<u8>> {
        let read = |source: &mut dyn std::io::Read, capacity: u64| {
            let mut bytes = Vec::with_capacity(usize::try_from(capacity).unwrap_or(0));
            source.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        match self {
            Self::Stdin => read(&mut std::io::stdin().lock(), 0),
            Self::File(path) => {
                let mut file = File::open(path)?;
                let length = file.metadata()?.len();
                read(&mut file, length.min(limit) + 1)
            }
        }
    }
}

/// Resolves `names` in their order. A folder gives the pictures below it, told by content and
/// sorted by path; a pattern gives its matches, sorted; anything else is taken as a file.
///
/// # Errors
/// When a pattern or a folder is bad, or nothing is found at all.
pub(super) fn resolve(names: &[String]) -> Result<Vec<Input>, InputError> {
    let mut inputs = Vec::new();
    for name in names {
        let path = Path::new(name);
        if name == "-" {
            if inputs.contains(&Input::Stdin) {
                return Err(InputError::StdinTwice);
            }
            inputs.push(Input::Stdin);
        } else if path.is_dir() {
            pictures_below(path, &mut inputs)?;
        } else if path.exists() || !name.contains(['*', '?', '[']) {
            inputs.push(Input::File(path.into()));
        } else {
            for path in matches(name)? {
                if path.is_dir() {
                    pictures_below(&path, &mut inputs)?;
                } else {
                    inputs.push(Input::File(path));
                }
            }
        }
    }
    if inputs.is_empty() {
        return Err(InputError::Nothing { names: names.to_vec() });
    }
    Ok(inputs)
}

fn matches(pattern: &str) -> Result<Vec<PathBuf>, InputError> {
    let paths = glob::glob(pattern).map_err(|error| InputError::Pattern {
        pattern: pattern.into(),
        position: error.pos,
        reason: error.msg,
    })?;
    Ok(paths.flatten().collect())
}

fn pictures_below(folder: &Path, inputs: &mut Vec<Input>) -> Result<(), InputError> {
    let unreadable = |source| InputError::Folder { path: folder.into(), source };
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let mut paths: Vec<_> =
        entries.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>().map_err(unreadable)?;
    paths.sort();
    for path in paths {
        // A link to a folder is not followed: it may lead back here.
        if path.is_dir() {
            if !path.is_symlink() {
                pictures_below(&path, inputs)?;
            }
        } else if is_picture(&path) {
            inputs.push(Input::File(path));
        }
    }
    Ok(())
}

/// Whether the file starts as a picture of a supported format does; its name does not count.
fn is_picture(path: &Path) -> bool {
    let mut start = Vec::new();
    let read =
        File::open(path).and_then(|file| file.take(SNIFFED_BYTES as u64).read_to_end(&mut start));
    path.is_file() && read.is_ok() && sniff::is_supported(&start)
}
