// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cases, a group a file.

mod administration;
mod analyze;
mod errors;
mod inputs;
mod later;
mod reading;
mod service;
mod usage;

use super::bench::Bench;
use crate::case::{self, About, Check};

/// A rule of the guide and how it is tried.
pub type Case = case::Case<fn(&Bench) -> Check>;

/// All cases, a group at a time.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    [
        analyze::CASES,
        inputs::CASES,
        errors::CASES,
        service::CASES,
        reading::CASES,
        later::CASES,
        administration::CASES,
        // Last: it uses up a minute that others want.
        usage::CASES,
    ]
    .into_iter()
    .flatten()
}

/// What is known of each of them.
pub fn abouts() -> impl Iterator<Item = About> {
    cases().map(|case| case.about("deployment"))
}
