// SPDX-License-Identifier: MIT OR Apache-2.0
//! Scores and built libraries for tests.

use std::path::{Path, PathBuf};

use assay::eval::metrics::Scored;

/// Scores of positives and of negatives.
pub(crate) fn scored(positives: &[f64], negatives: &[f64]) -> Vec<Scored> {
    let of = |is_positive| move |&score: &f64| Scored { score, is_positive };
    positives.iter().map(of(true)).chain(negatives.iter().map(of(false))).collect()
}

/// Asserts that a number is there and differs by rounding only.
#[track_caller]
pub(crate) fn assert_close(found: Option<f64>, expected: f64) {
    let found = found.expect("a number");
    assert!((found - expected).abs() < 1e-10, "found {found}, expected {expected}");
}

/// A built library, by crate name.
pub(crate) fn library(name: &str) -> PathBuf {
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    let folder = Path::new(env!("CARGO_BIN_EXE_assay")).parent().unwrap();
    let path = folder.join(format!("{DLL_PREFIX}{name}{DLL_SUFFIX}"));
    assert!(path.is_file(), "{} is missing; run `cargo build --workspace` first", path.display());
    path
}
