// SPDX-License-Identifier: MIT OR Apache-2.0
//! The runner from outside, on libraries that keep the contract and on those that do not.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers, called by tests only

mod command;
mod faults;
mod shipped;
mod support;
