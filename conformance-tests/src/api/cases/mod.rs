// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cases, a group a file.

mod analyze;
mod errors;
mod inputs;
mod later;
mod service;

use super::case::Case;

/// All cases, a group at a time.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    [analyze::CASES, inputs::CASES, errors::CASES, service::CASES, later::CASES]
        .into_iter()
        .flatten()
}
