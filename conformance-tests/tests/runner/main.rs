// SPDX-License-Identifier: MIT OR Apache-2.0
//! The runner from outside, on libraries that keep the contract and on those that do not.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers, called by tests only

mod badge;
mod command;
mod faults;
mod formats;
mod shipped;
mod support;
mod version;
