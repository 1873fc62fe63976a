// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the process is: what relative paths and `{exe}` mean.

use std::path::{Path, PathBuf};

/// Stands for the folder of the executable in paths of the configuration.
const EXECUTABLE_FOLDER: &str = "{exe}";

/// Where the process is: what relative paths and `{exe}` mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// The working folder.
    pub working_folder: PathBuf,
    /// The folder of the executable.
    pub executable_folder: PathBuf,
}

impl Surroundings {
    /// Those of this process; `.` for what the system does not tell.
    #[must_use]
    pub fn of_process() -> Self {
        let executable = std::env::current_exe().ok();
        let folder = executable.as_deref().and_then(Path::parent).map(Path::to_path_buf);
        Self {
            working_folder: std::env::current_dir().unwrap_or_else(|_| ".".into()),
            executable_folder: folder.unwrap_or_else(|| ".".into()),
        }
    }

    /// A path of the configuration: `{exe}` at its start replaced, a relative one from `folder`.
    #[must_use]
    pub fn resolve(&self, path: &str, folder: &Path) -> PathBuf {
        match path.strip_prefix(EXECUTABLE_FOLDER) {
            Some(rest) => self.executable_folder.join(rest.trim_start_matches(['/', '\\'])),
            None => folder.join(path),
        }
    }
}
