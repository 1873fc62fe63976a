// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fitting a policy: what must hold for any collection, and the command on synthetic pictures.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

mod asked;
mod command;
mod conformal;
mod fitting;
mod folds;
mod operating;
mod policies;
mod regression;
mod support;
