// SPDX-License-Identifier: MIT OR Apache-2.0
//! The policies of the database as files, from which they are read like any: they may extend each other and
//! those of the configuration, and stand before these where two have one name.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::document::names::is_kebab_case;
use crate::store::KeptPolicy;

/// A folder of such files, which is gone when it is dropped.
#[derive(Debug)]
pub struct KeptFolder(PathBuf);

/// The folder in which this process lays them, below one of all processes that share a data directory. What
/// those left behind that are no more is removed.
#[must_use]
pub fn own_folder(of_all: &Path) -> PathBuf {
    let folders = fs::read_dir(of_all).into_iter().flatten().flatten();
    for folder in folders.map(|entry| entry.path()) {
        let process = folder.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
        if process.is_some_and(|id| !Path::new("/proc").join(id.to_string()).exists()) {
            // It is in nobody's way if it stays.
            let _ = fs::remove_dir_all(&folder);
        }
    }
    of_all.join(std::process::id().to_string())
}

/// Why they cannot be laid there.
#[derive(Debug, thiserror::Error)]
#[error("{}: the policies of the database cannot be laid there: {source}", path.display())]
pub struct KeptFolderError {
    path: PathBuf,
    source: std::io::Error,
}

impl KeptFolder {
    /// Lays policies into the folder `name` of `parent`, both of which are made; what was there is removed.
    ///
    /// # Errors
    /// When a file cannot be written, or a name is none of a policy.
    pub fn of(parent: &Path, name: &str, policies: &[KeptPolicy]) -> Result<Self, KeptFolderError> {
        let folder = Self(parent.join(name));
        folder
            .lay(policies)
            .map_err(|source| KeptFolderError { path: folder.0.clone(), source })?;
        Ok(folder)
    }

    fn lay(&self, policies: &[KeptPolicy]) -> std::io::Result<()> {
        if self.0.exists() {
            fs::remove_dir_all(&self.0)?;
        }
        fs::create_dir_all(&self.0)?;
        for KeptPolicy { name, text, .. } in policies {
            // It becomes part of a path.
            if !is_kebab_case(name) {
                return Err(std::io::Error::other(format!("`{name}` is no name of a policy")));
            }
            fs::write(self.0.join(format!("{name}.toml")), text)?;
        }
        Ok(())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for KeptFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, path = %self.0.display(), "a folder cannot be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(name: &str) -> KeptPolicy {
        let text = format!("name = \"{name}\"\n");
        KeptPolicy { name: name.into(), text, digest: String::new(), put_at: 0 }
    }

    #[test]
    fn what_is_laid_there_is_there_until_it_is_dropped() {
        let parent = tempfile::tempdir().unwrap();
        let folder = KeptFolder::of(parent.path(), "1", &[kept("ours")]).unwrap();
        let file = parent.path().join("1/ours.toml");
        assert_eq!(fs::read_to_string(&file).unwrap(), "name = \"ours\"\n");
        drop(folder);
        assert!(!parent.path().join("1").exists());
    }

    #[test]
    fn what_a_process_that_is_no_more_left_behind_is_removed() {
        let of_all = tempfile::tempdir().unwrap();
        // Process numbers end below 2^22 [proc(5), pid_max].
        for name in ["4194305", &std::process::id().to_string(), "mine"] {
            fs::create_dir(of_all.path().join(name)).unwrap();
        }
        let own = own_folder(of_all.path());
        assert!(own.exists() && of_all.path().join("mine").exists());
        assert!(!of_all.path().join("4194305").exists());
    }

    #[test]
    fn a_name_cannot_lead_out_of_the_folder() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["../ours", "/ours", "a/b", "", "."] {
            let error = KeptFolder::of(parent.path(), "1", &[kept(name)]).unwrap_err();
            assert!(error.to_string().contains("no name of a policy"), "{name}: {error}");
        }
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
