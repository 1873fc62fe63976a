// SPDX-License-Identifier: MIT OR Apache-2.0
//! Two detectors, or two policies, on the same pictures: which is better, and whether that may be chance.
//!
//! [`pairing`] finds the pictures that both results have, [`delong`] and [`mcnemar`] are the tests, and
//! [`comparison`] puts them beside paired bootstrap intervals.

pub mod comparison;
pub mod delong;
pub mod mcnemar;
pub mod pairing;
mod text;

pub use comparison::{Comparison, Side};
pub use pairing::PairingError;
