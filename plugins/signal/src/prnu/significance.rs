// SPDX-License-Identifier: MIT OR Apache-2.0
//! How often a camera would be named that did not take the picture.
//!
//! # What it tests
//! Whether a PCE is too large for chance, given how many cameras, shifts and scales were tried.
//!
//! # Why it works
//! For a picture of another camera the correlation at a shift is a sum of many small products, so
//! its square over the energy has the tail `Q(sqrt(PCE))` of a normal law. Real cameras share more
//! than chance: of a million pictures of 6,896 cameras, 2.4 in 100,000 reached a PCE of 60, where
//! the normal law gives 5 in 10^15. The law is lifted by that factor as a whole, which makes it
//! right at 60 and careful above, and multiplied by the number of tries (Bonferroni): the expected
//! number of false alarms.
//!
//! # When it does not apply
//! Bodies of one model whose firmware corrects the lens or merges exposures can share traces that
//! were not in that study.
//!
//! # Constants and their source
//! [`KNOWN_PCE`], [`KNOWN_RATE`] [Goljan 2009, section 4].
//!
//! # References
//! Goljan, Fridrich, Filler, SPIE 7254, 2009; Desolneux, Moisan, Morel, IJCV 2000 (numbers of false
//! alarms).

use crate::stats::nfa::log10_chi_square_tail;

/// PCE whose false-alarm rate was measured [Goljan 2009].
pub const KNOWN_PCE: f64 = 60.0;
/// Share of pictures of other cameras that reached it [Goljan 2009].
pub const KNOWN_RATE: f64 = 2.4e-5;

/// Returns `log10` of the expected number of pictures that reach `pce` by chance in `tries` tries;
/// smaller is more significant. `tries` counts every camera, shift and scale that was looked at and
/// is at least 1.
#[must_use]
pub fn log10_false_alarms(pce: f64, tries: f64) -> f64 {
    let lift = KNOWN_RATE.log10() - log10_normal_tail(KNOWN_PCE);
    // One try is one false alarm at most.
    tries.log10() + (log10_normal_tail(pce) + lift).min(0.0)
}

/// `log10 P[Z >= sqrt(square)]` of a standard normal `Z`; that of 0 for a negative square.
pub(super) fn log10_normal_tail(square: f64) -> f64 {
    log10_chi_square_tail(1.0, square.max(0.0)) - std::f64::consts::LOG10_2
}
