// SPDX-License-Identifier: MIT OR Apache-2.0
//! Scores for tests.

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
