// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which policies there are.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::shipped;

/// The names of the shipped policies and of those in `folders`, sorted; a folder that is not there
/// has none.
///
/// # Errors
/// When a folder cannot be read.
pub fn available(folders: &[PathBuf]) -> std::io::Result<Vec<String>> {
    let mut names: BTreeSet<String> = shipped::names().into_iter().map(str::to_owned).collect();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let is_policy = path.extension().is_some_and(|extension| extension == "toml");
            let name = path.file_stem().and_then(|stem| stem.to_str());
            names.extend(name.filter(|_| is_policy).map(str::to_owned));
        }
    }
    Ok(names.into_iter().collect())
}
