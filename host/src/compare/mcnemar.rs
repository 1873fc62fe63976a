// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether two decisions on the same pictures differ by more than chance.
//!
//! *What.* Only pictures on which they differ count. If neither is better, each of these is as likely to be
//! called by the one as by the other: a binomial law, whose tail is summed, not approximated.
//!
//! *When it does not apply.* It takes pictures for independent.
//!
//! *References.* McNemar 1947.

use assay_signal::stats::nfa::log10_binomial_tail;
use serde::Serialize;

/// What two decisions called of one class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct McNemar {
    /// Called by both.
    pub both: usize,
    /// By the first alone.
    pub only_first: usize,
    /// By the second alone.
    pub only_second: usize,
    /// By neither.
    pub neither: usize,
    /// Probability of so uneven a split either way if neither calls more.
    pub p: f64,
}

impl McNemar {
    /// The test of what was called by the first and by the second, picture by picture.
    #[must_use]
    pub fn of(called: impl Iterator<Item = [bool; 2]>) -> Self {
        let (mut both, mut only_first, mut only_second, mut neither) = (0, 0, 0, 0);
        for pair in called {
            match pair {
                [true, true] => both += 1,
                [true, false] => only_first += 1,
                [false, true] => only_second += 1,
                [false, false] => neither += 1,
            }
        }
        let (more, n) = (usize::max(only_first, only_second), only_first + only_second);
        let tail = 10.0_f64.powf(log10_binomial_tail(n as u64, more as u64, 0.5));
        Self { both, only_first, only_second, neither, p: (2.0 * tail).min(1.0) }
    }

    /// All pictures.
    #[must_use]
    pub fn n(&self) -> usize {
        self.both + self.only_first + self.only_second + self.neither
    }
}
