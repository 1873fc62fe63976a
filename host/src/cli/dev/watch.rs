// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether the files of a crate have changed, by time and size.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What cargo writes into a folder of what it has built, and others into theirs:
/// <https://bford.info/cachedir/>.
const CACHE: &str = "CACHEDIR.TAG";
/// Written by cargo itself.
const LOCK: &str = "Cargo.lock";

/// The files of a crate, less what is built and hidden.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Files(BTreeMap<PathBuf, (u64, Option<SystemTime>)>);

impl Files {
    /// Looks at the files below a folder.
    ///
    /// # Errors
    /// When the folder itself cannot be read.
    pub(super) fn of(folder: &Path) -> Result<Self, String> {
        let mut files = BTreeMap::new();
        below(folder, &mut files).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self(files))
    }
}

fn below(
    folder: &Path,
    files: &mut BTreeMap<PathBuf, (u64, Option<SystemTime>)>,
) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if name == LOCK || name.to_string_lossy().starts_with('.') {
            continue;
        }
        // What is gone meanwhile, as editors' own files are, has changed.
        let Ok(known) = entry.metadata() else { continue };
        if known.is_file() {
            files.insert(path, (known.len(), known.modified().ok()));
        } else if known.is_dir() && !path.join(CACHE).exists() {
            // Likewise.
            let _ = below(&path, files);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saves_are_seen_and_what_is_built_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("src/lib.rs", "one");
        write("target/CACHEDIR.TAG", "");
        let before = Files::of(folder.path()).unwrap();
        for unseen in ["target/debug/a", "Cargo.lock", "src/.lib.rs.swp"] {
            write(unseen, "new");
        }
        assert_eq!(Files::of(folder.path()).unwrap(), before);
        write("src/lib.rs", "another");
        assert_ne!(Files::of(folder.path()).unwrap(), before);
        assert!(Files::of(&folder.path().join("none")).is_err());
    }
}
