// SPDX-License-Identifier: MIT OR Apache-2.0
//! How many files and connections the process may have open, and how long files may grow.

/// Raises the limit to the most that the system grants, and tells it; `None` where there is none.
#[cfg(unix)]
pub(super) fn raise_limit() -> Option<u64> {
    use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};
    let limit = getrlimit(Resource::Nofile);
    // No limit at all is written as none.
    let number = |limit: Option<u64>| limit.unwrap_or(u64::MAX);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let is_raised = setrlimit(Resource::Nofile, raised).is_ok();
    Some(number(if is_raised { limit.maximum } else { limit.current }))
}

/// The same where there is no such limit.
#[cfg(not(unix))]
pub(super) fn raise_limit() -> Option<u64> {
    None
}

/// Has a file that may not grow any more be an error of writing, and not the end of the process.
#[cfg(unix)]
pub(super) fn survive_long_files() -> std::io::Result<tokio::signal::unix::Signal> {
    /// SIGXFSZ, on Linux, the BSDs and macOS.
    const FILE_TOO_LONG: std::ffi::c_int = 25;
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(FILE_TOO_LONG))
}

/// The same where there is no such signal.
#[cfg(not(unix))]
pub(super) fn survive_long_files() -> std::io::Result<()> {
    Ok(())
}

/// Most connections that fit: each takes two descriptors, and some are left for files.
pub(super) fn connections_within(limit: Option<u64>, wanted: usize) -> usize {
    const FILES: u64 = 256;
    let Some(limit) = limit else { return wanted };
    let fits = (limit.saturating_sub(FILES) / 2).max(1);
    wanted.min(usize::try_from(fits).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::connections_within;

    #[test]
    fn connections_leave_descriptors_for_files() {
        assert_eq!(connections_within(Some(1_024), 10_000), 384);
        assert_eq!(connections_within(Some(1 << 20), 10_000), 10_000);
        assert_eq!(connections_within(Some(3), 10_000), 1);
        assert_eq!(connections_within(None, 7), 7);
    }
}
