// SPDX-License-Identifier: MIT OR Apache-2.0
//! Programs of other makers that some tests need: a browser, Node.js, Python, Go.

use std::path::PathBuf;

/// Where a program is. Where it is not, the test is left out, and says so; continuous integration
/// (`CI` is set) installs all of them, so that there it fails.
#[allow(clippy::print_stderr)] // for whoever runs the tests
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{program} is not installed");
        eprintln!("left out: {program} is not installed");
    }
    found
}
