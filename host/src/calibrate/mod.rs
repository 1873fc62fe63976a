// SPDX-License-Identifier: MIT OR Apache-2.0
//! A policy fitted to a labelled collection.
//!
//! [`asked`] is what is wanted, [`folds`] keeps together what is not independent, [`rows`] silences what
//! would leak, [`monotone`] corrects each detector, [`fit`] weighs them as fusion does, [`operating`] sets
//! thresholds on cross-fitted probabilities, [`run`] does all of it, and [`document`] writes the policy.
//! `docs/CALIBRATION.md` says what the numbers are.

pub mod asked;
pub mod crossfit;
pub mod document;
pub mod fit;
pub mod folds;
pub mod measure;
pub mod monotone;
mod notes;
pub mod operating;
pub mod outcome;
pub mod ridge;
pub mod rows;
pub mod run;
mod text;
