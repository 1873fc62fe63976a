// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether a worker that has answered still computes.
//!
//! Threads that a detector leaves behind are stopped with their worker, but take processor time from
//! everybody whenever it is woken for a call, more of it with each. A worker that has such threads is not
//! used again. A pool that waits for work does not count: its threads sleep.

use std::path::Path;
use std::time::Duration;

/// How long threads may take to fall asleep after their work is done; those of rayon look for more for
/// some tens of microseconds.
const FALL_ASLEEP: Duration = Duration::from_millis(2);

/// Most threads of a worker, busy or not: more than a pool on any machine that there is.
const MOST: usize = 1024;

/// Whether threads of a process other than its first one compute, or there are too many.
pub(super) fn computes(process: u32) -> bool {
    let once = busy(process);
    if once.as_ref().is_some_and(Vec::is_empty) {
        return false;
    }
    std::thread::sleep(FALL_ASLEEP);
    match (once, busy(process)) {
        (Some(once), Some(again)) => once.iter().any(|thread| again.contains(thread)),
        _ => true,
    }
}

/// The threads that run or could run, but for the first one; `None` where there are too many. A process
/// that has ended has none.
fn busy(process: u32) -> Option<Vec<u32>> {
    let folder = Path::new("/proc").join(process.to_string()).join("task");
    let Ok(entries) = std::fs::read_dir(folder) else { return Some(Vec::new()) };
    let mut busy = Vec::new();
    for (number, entry) in entries.flatten().enumerate() {
        if number >= MOST {
            return None;
        }
        let name = entry.file_name();
        let thread: Option<u32> = name.to_str().and_then(|name| name.parse().ok());
        let Some(thread) = thread.filter(|id| *id != process) else { continue };
        let state = std::fs::read_to_string(entry.path().join("stat")).ok();
        // The name before the state may hold anything but ends with the last parenthesis [proc(5)].
        let state = state.as_ref().and_then(|text| text.rsplit_once(") ")?.1.chars().next());
        busy.extend((state == Some('R')).then_some(thread));
    }
    Some(busy)
}
