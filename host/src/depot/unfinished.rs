// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a process leaves in a folder that dies while it writes.
//!
//! A file gets its name when it is whole; until then it has a number behind it, `name#1`, and is no file of
//! the depot. (`object_store::local`, "Path Semantics".)

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Removes unfinished files of the folder itself that are at least `age` old.
pub(super) fn clear(folder: &Path, age: Duration) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let is_unfinished = entry.file_name().to_str().is_some_and(is_unfinished);
        let changed = entry.metadata().and_then(|metadata| metadata.modified());
        let its_age = changed.ok().and_then(|at| SystemTime::now().duration_since(at).ok());
        if is_unfinished && its_age.is_some_and(|its_age| its_age >= age) {
            if let Err(error) = fs::remove_file(entry.path()) {
                tracing::warn!(%error, path = %entry.path().display(), "an unfinished file stays");
            }
        }
    }
}

fn is_unfinished(name: &str) -> bool {
    let number = name.rsplit_once('#').map(|(_, number)| number);
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}
