// SPDX-License-Identifier: MIT OR Apache-2.0
//! One server a data directory.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::CommandError;

/// Held by the server that uses a data directory.
const LOCK: &str = "server.lock";

/// Keeps a second server from the same data directory, and tells which host its last one was.
pub(super) struct Lock {
    file: File,
    path: PathBuf,
    former: Option<String>,
}

impl Lock {
    /// Takes a data directory, which is made if it is not there.
    pub(super) fn take(data: &Path) -> Result<Self, CommandError> {
        let path = data.join(LOCK);
        let name = path.display();
        std::fs::create_dir_all(data)
            .map_err(|e| format!("{}: cannot be made: {e}", data.display()))?;
        let file = File::options().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = file.map_err(|e| format!("{name}: cannot be made: {e}"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let data = data.display();
                let message = format!("{data}: another server uses it; choose another with --data");
                return Err(message.into());
            }
            Err(TryLockError::Error(error)) => {
                return Err(format!("{name}: cannot be locked: {error}").into())
            }
        }
        let mut former = String::new();
        file.read_to_string(&mut former).map_err(|e| format!("{name}: cannot be read: {e}"))?;
        let former = Some(former.trim().to_owned()).filter(|former| !former.is_empty());
        Ok(Self { file, path, former })
    }

    /// The host that held it before and is no more.
    pub(super) fn former(&self) -> Option<&str> {
        self.former.as_deref()
    }

    /// Writes down which host holds it, and holds it on.
    pub(super) fn name(mut self, host: &str) -> Result<File, CommandError> {
        let mut write = || -> std::io::Result<()> {
            self.file.rewind()?;
            self.file.set_len(0)?;
            self.file.write_all(host.as_bytes())
        };
        write().map_err(|e| format!("{}: cannot be written: {e}", self.path.display()))?;
        Ok(self.file)
    }
}
