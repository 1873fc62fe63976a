// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was done for an image, and when: the rows of a table of times.

use std::time::{Duration, Instant};

/// Something that was done for an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// `fetch`, `decode`, `luma`, `coefficients`, a detector's model key, `again`, `fusion`, `map`.
    pub name: String,
    /// When it began.
    pub start: Instant,
    /// How long it took.
    pub took: Duration,
}

impl Stage {
    /// Does `work`, and tells when.
    pub fn time<T>(name: &str, work: impl FnOnce() -> T) -> (T, Self) {
        let start = Instant::now();
        let made = work();
        (made, Self { name: name.to_owned(), start, took: start.elapsed() })
    }
}
